// Threads that share the tasks of a run. Several callers may run jobs at once; nothing is allocated for a job.
#pragma once
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace gemmact::cpu {

class thread_pool {
 public:
  // `threads` in all, the caller's own included; at least 1. Throws std::system_error when none can be started.
  explicit thread_pool(int threads);
  ~thread_pool();
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  int size() const { return int(workers_.size()) + 1; }

  // Calls work(task, slot) for every task in [0, tasks), and returns when all are done. Threads that work on one job have
  // different slots, each in [0, size()); which thread takes which task is not fixed. `work` must not throw.
  template <class Work>
  void run(int64_t tasks, bool parallel, const Work& work) {
    run_erased(
        tasks, parallel, [](const void* w, int64_t task, int slot) { (*static_cast<const Work*>(w))(task, slot); },
        &work);
  }

 private:
  using call = void (*)(const void* work, int64_t task, int slot);
  struct job {
    call function;
    const void* work;
    int64_t tasks;
    std::atomic<int64_t> next_task{0};
    int slots = 1;    // guarded by mutex_; the caller has slot 0
    int helpers = 0;  // guarded by mutex_: workers inside the job
    job* next = nullptr;
  };

  void run_erased(int64_t tasks, bool parallel, call function, const void* work);
  void worker();
  static void take_tasks(job& j, int slot);

  std::mutex mutex_;
  std::condition_variable posted_, left_;
  job* jobs_ = nullptr;  // guarded by mutex_: those that a worker may still join
  bool stop_ = false;    // guarded by mutex_
  std::atomic<unsigned> posts_{0};
  std::vector<std::thread> workers_;
};

}  // namespace gemmact::cpu
