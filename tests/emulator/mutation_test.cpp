// Each synchronising call of the two products, left out or disturbed, is noticed; and one that nothing needs is not.
#include "kernels/emulator/mutation.hpp"

#include <gtest/gtest.h>

#include <iostream>

#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/emulator/gemm_cases.hpp"

namespace gemmact::test {
namespace {

emulator::mutation_table shown(emulator::mutation_table table) {
  std::cout << table.text();
  return table;
}

TEST(mutation, gemm_mma) {
  const auto run = [](const emulator::options& how) { return run_gemm_mma(how, {256, 256, 160}); };
  EXPECT_TRUE(shown(emulator::mutate("gemm_mma", run)).all_caught());
}

TEST(mutation, gemm_wgmma) {
  const auto run = [](const emulator::options& how) { return run_gemm_wgmma(how, {384, 72, 136}); };
  EXPECT_TRUE(shown(emulator::mutate("gemm_wgmma", run)).all_caught());
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

TEST(mutation, a_wrong_kernel_has_no_mutants) {
  const auto run = [](const emulator::options& how) {
    return run_plain(how, [] {
      arch::fence_device();
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
