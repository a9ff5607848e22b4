// The baseline's threads: a fixed number that share out a loop. Workers spin for some 20 us, then sleep.
#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>

namespace gemmact_bench {

class pool {
 public:
  explicit pool(int threads);  // the caller's included; at least 1
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  int threads() const { return threads_; }
  int64_t wakings() const { return wakings_; }  // loops that were shared with the workers

  // Calls f(part, parts) for each part, one on the calling thread, and returns when all are done. One caller at a time.
  template <class F>
  void run(int parts, F&& f) {
    using callable = std::remove_reference_t<F>;
    run_parts(
        parts, [](void* data, int part, int count) { (*static_cast<callable*>(data))(part, count); },
        const_cast<void*>(static_cast<const void*>(std::addressof(f))));
  }

  // f(begin, end) on ranges that make up [0, count), their ends multiples of `step`; on this thread alone where
  // `work` (operations or elements of the whole loop) is less than `least_work`.
  template <class F>
  void share(int64_t count, int64_t step, int64_t work, int64_t least_work, F&& f) {
    const int64_t steps = (count + step - 1) / step;
    const int parts = work < least_work ? 1 : int(steps < threads_ ? steps : threads_);
    run(parts, [&](int part, int all) {
      const int64_t begin = steps * part / all * step, end = steps * (part + 1) / all * step;
      if (begin < end) f(begin, end < count ? end : count);
    });
  }

 private:
  using part_fn = void (*)(void* data, int part, int parts);
  void run_parts(int parts, part_fn f, void* data);

  struct state;
  int threads_;
  int64_t wakings_ = 0;
  std::unique_ptr<state> state_;
};

}  // namespace gemmact_bench
