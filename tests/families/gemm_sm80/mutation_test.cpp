// Each synchronising call of the kernel, left out or disturbed, is noticed: one line a variant.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/families/gemm_sm80/walks.hpp"

namespace gemmact::test {
namespace {

TEST(mutation, every_variant) {
  for (const layer_case& c : walks()) {
    layer_run run(c);
    const emulator::mutation_table table = emulator::mutate(
        run.chosen().kernel.c_str(), [&](const emulator::options& how) { return run.run(how); }, 4);
    std::cout << table.text();
    EXPECT_TRUE(table.all_caught()) << table.unsound;
  }
}

}  // namespace
}  // namespace gemmact::test
