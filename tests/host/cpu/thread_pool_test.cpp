#include "host/cpu/thread_pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>

namespace {

using gemmact::cpu::thread_pool;

TEST(thread_pool_test, runs_every_task_once_with_a_slot_of_its_own) {
  for (int threads : {1, 2, 5}) {
    thread_pool pool(threads);
    for (int tasks : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> seen(static_cast<size_t>(tasks));
      std::array<std::atomic<int>, 5> inside{};
      std::atomic<int> clashes{0};
      pool.run(tasks, true, [&](int64_t task, int slot) {
        if (inside[size_t(slot)].fetch_add(1) != 0) ++clashes;
        ++seen[size_t(task)];
        std::this_thread::yield();
        --inside[size_t(slot)];
      });
      for (const auto& count : seen) EXPECT_EQ(count.load(), 1);
      EXPECT_EQ(clashes.load(), 0);
    }
  }
}

TEST(thread_pool_test, several_callers_share_the_workers) {
  thread_pool pool(3);
  std::atomic<int64_t> sum{0};
  std::vector<std::thread> callers;
  for (int c = 0; c < 6; ++c)
    callers.emplace_back([&] {
      for (int round = 0; round < 300; ++round) {
        std::atomic<int64_t> own{0};
        pool.run(9, true, [&](int64_t task, int) { own += task; });
        sum += own == 36 ? 1 : 0;
      }
    });
  for (std::thread& t : callers) t.join();
  EXPECT_EQ(sum.load(), 6 * 300);
}

TEST(thread_pool_test, sleeping_workers_wake_and_idle_ones_stop) {
  auto pool = std::make_unique<thread_pool>(4);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> done{0};
    pool->run(8, true, [&](int64_t, int) { ++done; });
    EXPECT_EQ(done.load(), 8);
  }
  pool.reset();
}

}  // namespace
