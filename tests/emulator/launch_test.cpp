// What a launch promises: the same seed is the same run; schedules differ; what is asynchronous is late; speed.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <set>
#include <stdexcept>

#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "kernels/arch/wgmma/wgmma.cuh"
#include "tests/emulator/gemm_cases.hpp"

namespace gemmact::test {
namespace {

using emulator::case_run;
using emulator::options;
using emulator::schedule;

options with(u64 seed, schedule order) {
  options how;
  how.kernel = "launch_test";
  how.seed = seed;
  how.order = order;
  return how;
}

struct product {
  const char* name;
  case_run (*run)(const options&, gemm_size);
  gemm_size size;
};
const product products[] = {{"gemm_mma", run_gemm_mma, {128, 256, 96}}, {"gemm_wgmma", run_gemm_wgmma, {200, 72, 136}}};

TEST(launch, the_same_seed_is_the_same_run) {
  for (const product& one : products) {
    for (const schedule order : emulator::all_schedules) {
      const case_run first = one.run(with(7, order), one.size), second = one.run(with(7, order), one.size);
      EXPECT_TRUE(first.launched.ok() && first.right) << first.launched.text();
      EXPECT_EQ(first.launched.trace, second.launched.trace) << one.name << " " << name_of(order);
      EXPECT_EQ(first.launched.points, second.launched.points);
      EXPECT_EQ(first.launched.switches, second.launched.switches);
      options blind = with(7, order);
      blind.races = false;
      EXPECT_EQ(one.run(blind, one.size).launched.trace, first.launched.trace) << "the race detector changed the run";
    }
  }
}

TEST(launch, each_schedule_yields_distinct_traces) {
  for (const product& one : products) {
    std::set<u64> all;
    u32 runs = 0;
    for (const schedule order : emulator::all_schedules) {
      std::set<u64> traces;
      for (u64 seed = 0; seed < 40; ++seed, ++runs) {
        const case_run run = one.run(with(seed, order), one.size);
        ASSERT_TRUE(run.launched.ok() && run.right) << run.launched.text() << "; " << run.launched.replay;
        traces.insert(run.launched.trace);
      }
      EXPECT_GE(traces.size(), 38u) << one.name << " " << name_of(order);
      all.insert(traces.begin(), traces.end());
    }
    std::cout << one.name << ": " << all.size() << " distinct traces in " << runs << " runs\n";
    EXPECT_GE(all.size(), 152u);
  }
}

TEST(launch, a_report_names_what_it_is_about) {
  const case_run run = {emulator::launch(with(3, schedule::uniform), {1, 32, 0, 1}, {}, [] { arch::trap(); }), true};
  const u32 line = __LINE__ - 1;
  ASSERT_TRUE(run.launched.found);
  EXPECT_EQ(run.launched.found->at.line, line);
  EXPECT_EQ(run.launched.found->text,
            std::string("launch_test: ") + __FILE__ + ":" + std::to_string(line) + ": block 0, warp 0, lane 0: trap()");
  EXPECT_NE(run.launched.text().find("replay: launch_test, schedule uniform, seed 3"), std::string::npos);
}

// ---- Asynchronous work ----

constexpr u32 poison = 0xffffffffu;

// What a kernel of one block saw, in words.
template <class Body>
std::array<u32, 8> seen_by(const options& how, u32 threads, Body&& body) {
  static emulator::guarded_memory in(4096), out(4096);
  for (u32 i = 0; i < 1024; ++i) in.as<u32>()[i] = i + 1;
  emulator::memory_registry arrays;
  arrays.add("in", in.data(), in.size(), emulator::array_use::read_write);
  arrays.add("out", out.data(), out.size(), emulator::array_use::read_write);
  const global_address from = global_at(in.data()), to = global_at(out.data());
  const emulator::result result = emulator::launch(how, {1, threads, 4096, 1}, arrays, [&] { body(from, to); });
  EXPECT_TRUE(result.ok()) << result.text();
  std::array<u32, 8> seen;
  std::copy_n(out.as<u32>(), 8, seen.begin());
  return seen;
}

options late_and_blind() {
  options how = with(1, schedule::latest);
  how.races = false;  // these kernels look too early on purpose
  return how;
}

TEST(asynchronous, cp_async_lands_when_it_is_waited_for) {
  const auto seen = seen_by(late_and_blind(), 32, [](global_address from, global_address to) {
    using namespace arch;
    if (thread_index() != 0) return;
    for (u32 i = 0; i < 2; ++i) {
      cp_async<4>(dynamic_shared() + 4 * i, from, 4);
      cp_async_commit();
    }
    store_global(to, load_shared<u32>(dynamic_shared()));
    cp_async_wait<1>();
    store_global(to + 4, load_shared<u32>(dynamic_shared()));
    store_global(to + 8, load_shared<u32>(dynamic_shared() + 4));
    store_global(from, 77u);  // the source is read when the copy lands
    cp_async_wait<0>();
    store_global(to + 12, load_shared<u32>(dynamic_shared() + 4));
  });
  EXPECT_EQ(seen[0], poison);
  EXPECT_EQ(seen[1], 1u);
  EXPECT_EQ(seen[2], poison);
  EXPECT_EQ(seen[3], 77u);
}

TEST(asynchronous, bulk_copies_land_when_they_must) {
  const auto seen = seen_by(late_and_blind(), 32, [](global_address from, global_address to) {
    using namespace arch;
    if (thread_index() != 0) return;
    const shared_address barrier = dynamic_shared(), here = dynamic_shared() + 64;
    mbarrier_init(barrier, 1);
    mbarrier_arrive_expect(barrier, 16);
    store_shared(here, 5u);
    bulk_load(here, from, 16, barrier);
    store_global(to, load_shared<u32>(here));
    mbarrier_wait(barrier, 0);
    store_global(to + 4, load_shared<u32>(here));
    bulk_store(to + 16, here, 16);
    bulk_commit();
    store_global(to + 8, load_global<u32>(to + 16));
    bulk_wait_read<0>();
    store_shared(here, 9u);  // too late to matter
    bulk_wait<0>();
    store_global(to + 12, load_global<u32>(to + 16));
  });
  EXPECT_EQ(seen[0], poison);
  EXPECT_EQ(seen[1], 1u);
  EXPECT_EQ(seen[3], 1u);
}

TEST(asynchronous, sums_are_poison_until_they_are_waited_for) {
  const auto seen = seen_by(late_and_blind(), 128, [](global_address, global_address to) {
    using namespace arch;
    for (u32 i = 0; i < 4; ++i) store_shared(dynamic_shared() + 4 * (thread_index() + 128 * i), 0x3f803f80u);  // ones
    sync_block();
    array<float, 4> d{{1, 1, 1, 1}};
    wgmma_fence();
    const u64 b = wgmma_descriptor(dynamic_shared(), 128, 256, 16);
    wgmma<bf16_bits, 8, major::k, major::k>(d, b, b, true);
    wgmma_commit();
    const u32 before = bit_cast<u32>(d[0]);
    wgmma_wait<0>();
    if (thread_index() != 0) return;
    store_global(to, before);
    store_global(to + 4, bit_cast<u32>(d[0]));
  });
  EXPECT_EQ(seen[0], poison);
  EXPECT_EQ(bit_cast<float>(seen[1]), 17.0f);
}

// Early in some runs, late in others: the time of landing is drawn.
TEST(asynchronous, landing_is_drawn) {
  u32 early = 0, late = 0;
  for (u64 seed = 0; seed < 100; ++seed) {
    options how = with(seed, schedule::uniform);
    how.races = false;
    const auto seen = seen_by(how, 32, [](global_address from, global_address to) {
      using namespace arch;
      if (thread_index() != 0) return;
      cp_async<4>(dynamic_shared(), from, 4);
      cp_async_commit();
      for (int i = 0; i < 4; ++i) let_next_kernel_start();
      store_global(to, load_shared<u32>(dynamic_shared()));
      cp_async_wait<0>();
    });
    ++(seen[0] == poison ? late : early);
  }
  EXPECT_GE(early, 20u);
  EXPECT_GE(late, 20u);
}

TEST(launch, shared_memory_is_poison_at_the_start_of_each_block) {
  options how = with(1, schedule::uniform);
  how.multiprocessors = 1;
  how.races = false;
  emulator::guarded_memory out(64);
  emulator::memory_registry arrays;
  arrays.add("out", out.data(), 64, emulator::array_use::read_write);
  const emulator::result result = emulator::launch(how, {4, 32, 128, 1}, arrays, [&] {
    using namespace arch;
    const shared_address own = dynamic_shared() + 4 * lane_index();
    const u32 before = load_shared<u32>(own);
    store_shared(own, 1u);
    if (lane_index() == 0) store_global(global_at(out.data()) + 4 * i64(block_index()), before == poison ? 1u : 0u);
  });
  EXPECT_TRUE(result.ok()) << result.text();
  for (u32 i = 0; i < 4; ++i) EXPECT_EQ(out.as<u32>()[i], 1u);
}

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
constexpr bool optimised = true;
#else
constexpr bool optimised = false;
#endif

// The bound is loose, as other work may share the machine.
TEST(launch, speed_of_512_cubed) {
  if (!optimised) GTEST_SKIP() << "not an optimised build";
  double least = 1e9;
  for (u64 seed = 0; seed < 4; ++seed) {
    const auto start = std::chrono::steady_clock::now();
    const case_run run = run_gemm_mma(with(seed, emulator::all_schedules[seed]), {512, 512, 512});
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    ASSERT_TRUE(run.launched.ok() && run.right) << run.launched.text();
  }
  std::cout << "512 x 512 x 512 in bf16, race detector on: " << least << " s\n";
  EXPECT_LT(least, 2.0);
}

TEST(launch, an_exception_of_the_kernel_comes_out) {
  const auto run = [] { emulator::launch({}, {2, 64, 0, 1}, {}, [] { throw std::runtime_error("own"); }); };
  EXPECT_THROW(run(), std::runtime_error);
  EXPECT_TRUE(emulator::launch({}, {1, 32, 0, 1}, {}, [] {}).ok()) << "the next launch is not harmed";
}

TEST(launch, impossible_shapes_are_refused) {
  const auto refused = [](const emulator::shape& size) {
    EXPECT_THROW(emulator::launch({}, size, {}, [] {}), std::invalid_argument);
  };
  refused({1, 0, 0, 1});
  refused({1, 48, 0, 1});
  refused({1, 1056, 0, 1});
  refused({3, 32, 0, 2});
  refused({17, 32, 0, 17});
  refused({1, 32, 227 * 1024 + 1, 1});
}

}  // namespace
}  // namespace gemmact::test
