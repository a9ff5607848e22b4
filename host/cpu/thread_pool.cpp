#include "host/cpu/thread_pool.hpp"

namespace gemmact::cpu {
namespace {

// How long an idle worker looks for the next job before it sleeps: waking a thread costs more than a small layer.
constexpr int idle_looks = 4000;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

thread_pool::thread_pool(int threads) {
  workers_.reserve(size_t(threads > 1 ? threads - 1 : 0));
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { worker(); });
  } catch (...) {
    if (workers_.empty()) throw;  // fewer threads than asked for still do the work
  }
}

thread_pool::~thread_pool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  posts_.fetch_add(1, std::memory_order_release);
  posted_.notify_all();
  for (std::thread& t : workers_) t.join();
}

void thread_pool::take_tasks(job& j, int slot) {
  for (int64_t task; (task = j.next_task.fetch_add(1, std::memory_order_relaxed)) < j.tasks;)
    j.function(j.work, task, slot);
}

void thread_pool::worker() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (jobs_ == nullptr && !stop_) {
      const unsigned seen = posts_.load(std::memory_order_acquire);
      lock.unlock();
      for (int i = 0; i < idle_looks && posts_.load(std::memory_order_acquire) == seen; ++i) pause();
      lock.lock();
      if (jobs_ == nullptr && !stop_ && posts_.load(std::memory_order_acquire) == seen) posted_.wait(lock);
    }
    if (stop_) return;
    job& j = *jobs_;
    const int slot = j.slots++;
    ++j.helpers;
    if (j.slots >= size()) jobs_ = j.next;  // full
    lock.unlock();
    take_tasks(j, slot);
    lock.lock();
    // All tasks are taken, so nobody else need join.
    for (job** at = &jobs_; *at != nullptr; at = &(*at)->next)
      if (*at == &j) {
        *at = j.next;
        break;
      }
    if (--j.helpers == 0) left_.notify_all();
  }
}

void thread_pool::run_erased(int64_t tasks, bool parallel, call function, const void* work) {
  if (!parallel || tasks <= 1 || workers_.empty()) {
    for (int64_t task = 0; task < tasks; ++task) function(work, task, 0);
    return;
  }
  job j{function, work, tasks};
  {
    const std::lock_guard lock(mutex_);
    j.next = jobs_;
    jobs_ = &j;
  }
  posts_.fetch_add(1, std::memory_order_release);
  if (tasks == 2 || workers_.size() == 1) posted_.notify_one();
  else posted_.notify_all();
  take_tasks(j, 0);
  std::unique_lock lock(mutex_);
  for (job** at = &jobs_; *at != nullptr; at = &(*at)->next)
    if (*at == &j) {
      *at = j.next;
      break;
    }
  while (j.helpers != 0) {
    lock.unlock();
    for (int i = 0; i < 200; ++i) pause();
    lock.lock();
    if (j.helpers != 0) left_.wait_for(lock, std::chrono::microseconds(50));
  }
}

}  // namespace gemmact::cpu
