// Each synchronising call of the two products, left out or disturbed, is noticed; and one that nothing needs is not.
#include "kernels/emulator/mutation.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/emulator/tensor_map.hpp"
#include "tests/emulator/cluster_sum.cuh"
#include "tests/emulator/gemm_cases.hpp"

namespace gemmact::test {
namespace {

using emulator::turn;

// Of one time that a call is left out, where nothing came before it or comes after.
const std::vector<emulator::excuse> excuses = {
    {"cp_async_commit", turn::last, "its group is empty, and no wait follows"},
    {"mbarrier_wait(empty", turn::first, "a fresh barrier: it does not wait"},
    {"mbarrier_wait_cluster(empty", turn::first, "a fresh barrier: it does not wait"},
    {"mbarrier_arrive(empty", turn::last, "the producer waits no more"},
    {"mbarrier_arrive_cluster(arch::map_shared(empty", turn::last, "the producer waits no more"},
    {"the tile of Y is free", turn::first, "no store of it is under way yet"},
    {"after the last round nothing loads", turn::last, "after the last round nothing loads"},
};

emulator::mutation_table shown(emulator::mutation_table table) {
  std::cout << table.text();
  return table;
}

TEST(mutation, gemm_mma) {
  const auto run = [](const emulator::options& how) { return run_gemm_mma(how, {256, 256, 160}); };
  EXPECT_TRUE(shown(emulator::mutate("gemm_mma", run, 8, excuses)).all_caught());
}

TEST(mutation, gemm_wgmma) {
  const auto run = [](const emulator::options& how) { return run_gemm_wgmma(how, {384, 72, 136}); };
  EXPECT_TRUE(shown(emulator::mutate("gemm_wgmma", run, 8, excuses)).all_caught());
}

emulator::case_run run_cluster_sum(const emulator::options& how) {
  using kernel = cluster_sum;
  const u32 rows = 16 * kernel::rounds;
  emulator::guarded_memory in(rows * 128), out(2 * kernel::words * 4);
  for (u32 i = 0; i < rows * 32; ++i) in.as<u32>()[i] = i * i;
  emulator::memory_registry arrays;
  arrays.add("in", in.data(), in.size(), emulator::array_use::read_only);
  arrays.add("out", out.data(), out.size(), emulator::array_use::read_write);
  kernel::params p{{}, global_at(out.data())};
  const emulator::tensor_description described{.type = emulator::tensor_type::u32_,
                                               .rank = 2,
                                               .address = global_at(in.data()).value,
                                               .dims = {32, rows},
                                               .strides = {128},
                                               .box = {32, 8},
                                               .swizzle_bytes = 16};
  EXPECT_EQ(emulator::encode_tensor_map(p.in.words, described), "");
  emulator::case_run run;
  run.launched = emulator::launch(how, {2, kernel::threads, kernel::shared_bytes, 2}, arrays, [&p] { kernel::run(p); });
  run.right = out.damage("out").empty();
  for (u32 i = 0; i < 2 * kernel::words; ++i) {
    u32 sum = 0;
    for (u32 round = 0; round < kernel::rounds; ++round) sum += in.as<u32>()[round * kernel::words + i % kernel::words];
    run.right = run.right && out.as<u32>()[i] == sum;
  }
  return run;
}

TEST(mutation, cluster_sum) {
  EXPECT_TRUE(shown(emulator::mutate("cluster_sum", run_cluster_sum, 8, excuses)).all_caught());
}

emulator::case_run run_plain(const emulator::options& how, void (*body)()) {
  return {emulator::launch(how, {2, 64, 0, 1}, {}, body), true};
}

TEST(mutation, a_superfluous_barrier_survives) {
  const auto run = [](const emulator::options& how) { return run_plain(how, [] { arch::sync_block(); }); };
  const emulator::mutation_table table = emulator::mutate("superfluous", run, 2);
  ASSERT_EQ(table.mutants.size(), 1u);
  EXPECT_EQ(table.survivors(), 1u);
  EXPECT_FALSE(table.all_caught());
  EXPECT_NE(table.text().find("mutant superfluous tests/emulator/mutation_test.cpp:"), std::string::npos)
      << table.text();
  EXPECT_NE(table.text().find("sync_block left out survived"), std::string::npos) << table.text();
}

// Four rounds, of which one needs the barrier: left out at one time, it is caught at that time alone.
TEST(mutation, each_turn_is_left_out_alone) {
  emulator::guarded_memory out(256);
  emulator::memory_registry arrays;
  arrays.add("out", out.data(), out.size(), emulator::array_use::read_write);
  const auto run = [&](const emulator::options& how) {
    return emulator::case_run{
        emulator::launch(how, {1, 64, 256, 1}, arrays,
                         [&] {
                           const shared_address own = arch::dynamic_shared() + 4 * arch::thread_index();
                           for (u32 round = 0; round < 4; ++round) {
                             if (round == 2) arch::store_shared(own, round);
                             arch::sync_block();
                             if (round == 2)
                               arch::load_shared<u32>(arch::dynamic_shared() + 4 * (63 - arch::thread_index()));
                           }
                         }),
        true};
  };
  const emulator::mutation_table table = emulator::mutate("turns", run, 2);
  ASSERT_EQ(table.mutants.size(), 4u) << table.text();
  for (const emulator::mutant_outcome& one : table.mutants) {
    const bool needed = one.changed.time == emulator::every_time || one.changed.time == 2;
    EXPECT_EQ(one.how, needed ? "race" : "") << table.text();
    EXPECT_EQ(one.at.empty(), !needed) << table.text();
  }
  EXPECT_NE(table.text().find("left out at first survived"), std::string::npos) << table.text();
  EXPECT_NE(table.text().find("left out at last (time 4) survived"), std::string::npos) << table.text();
  const emulator::mutation_table excused =
      emulator::mutate("turns", run, 2, {{"sync_block", turn::first, "so"}, {"sync_block", turn::drawn, "so"}});
  EXPECT_EQ(excused.survivors(), 1u) << excused.text();
}

TEST(mutation, a_wrong_kernel_has_no_mutants) {
  const auto run = [](const emulator::options& how) {
    return run_plain(how, [] {
      arch::let_next_kernel_start();
      arch::trap();
    });
  };
  const emulator::mutation_table table = emulator::mutate("wrong", run, 1);
  EXPECT_TRUE(table.mutants.empty());
  EXPECT_FALSE(table.all_caught());
  EXPECT_NE(table.unsound.find("trap()"), std::string::npos);
}

TEST(mutation, a_kernel_without_calls_proves_nothing) {
  const auto run = [](const emulator::options& how) { return run_plain(how, [] {}); };
  EXPECT_FALSE(emulator::mutate("empty", run, 1).all_caught());
}

}  // namespace
}  // namespace gemmact::test
