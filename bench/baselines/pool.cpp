#include "bench/baselines/pool.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace gemmact_bench {
namespace {

constexpr auto spin_time = std::chrono::microseconds(20);

inline void pause_briefly() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

// Returns when the value is no longer `old`.
void wait_for_change(const std::atomic<uint32_t>& value, uint32_t old) {
  const auto until = std::chrono::steady_clock::now() + spin_time;
  while (value.load(std::memory_order_acquire) == old) {
    for (int i = 0; i < 16; ++i) pause_briefly();
    if (std::chrono::steady_clock::now() > until) value.wait(old, std::memory_order_acquire);
  }
}

}  // namespace

struct pool::state {
  std::atomic<uint32_t> generation{0};
  std::atomic<uint32_t> running{0};
  part_fn f = nullptr;  // null tells the workers to end
  void* data = nullptr;
  int parts = 0;
  std::vector<std::thread> workers;

  void work(int part) {
    for (uint32_t seen = 0;;) {
      wait_for_change(generation, seen);
      ++seen;
      if (f == nullptr) return;
      if (part < parts) f(data, part, parts);
      if (running.fetch_sub(1, std::memory_order_acq_rel) == 1) running.notify_one();
    }
  }

  void start(part_fn next, void* with, int count) {
    f = next;
    data = with;
    parts = count;
    running.store(uint32_t(workers.size()), std::memory_order_relaxed);
    generation.fetch_add(1, std::memory_order_release);
    generation.notify_all();
  }
};

pool::pool(int threads) : threads_(threads < 1 ? 1 : threads), state_(std::make_unique<state>()) {
  for (int i = 1; i < threads_; ++i) state_->workers.emplace_back([s = state_.get(), i] { s->work(i); });
}

pool::~pool() {
  state_->start(nullptr, nullptr, 0);
  for (auto& worker : state_->workers) worker.join();
}

void pool::run_parts(int parts, part_fn f, void* data) {
  if (parts <= 1 || threads_ == 1) {
    for (int part = 0; part < parts; ++part) f(data, part, parts);
    return;
  }
  ++wakings_;
  state_->start(f, data, parts);
  for (int part = 0; part < parts; part += threads_) f(data, part, parts);
  for (uint32_t left; (left = state_->running.load(std::memory_order_acquire)) != 0;)
    wait_for_change(state_->running, left);
}

}  // namespace gemmact_bench
