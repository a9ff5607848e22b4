#include "host/core/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "host/core/status.hpp"

namespace gemmact::core {

void for_each_parallel(size_t count, unsigned threads, const char* name, const std::function<void(size_t)>& work) {
  std::vector<std::exception_ptr> failures(count);
  std::atomic<size_t> next{0};
  const auto take = [&] {
    for (size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        failures[i] = std::current_exception();
      }
    }
  };
  std::vector<std::thread> helpers;
  const size_t wanted = std::min<size_t>(threads == 0 ? std::thread::hardware_concurrency() : threads, count);
  try {
    while (helpers.size() + 1 < wanted) helpers.emplace_back(take);
  } catch (const std::exception&) {
    // No more threads or no memory for them: fewer than asked for do the same work.
  }
  take();
  for (std::thread& helper : helpers) helper.join();
  for (size_t i = 0; i < count; ++i) {
    if (!failures[i]) continue;
    try {
      std::rethrow_exception(failures[i]);
    } catch (const failure& f) {
      fail(f.status(), "{}[{}]: {}", name, i, f.message());
    }
  }
}

}  // namespace gemmact::core
