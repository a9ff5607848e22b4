// Each synchronising call of the kernel, left out or disturbed, is noticed: one line a variant.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/families/gemm_sm80/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

TEST(mutation, every_variant) {
  for (size_t number = 0; number < walks().size(); ++number) {
    if (!case_selected(number)) continue;
    layer_run run(walks()[number]);
    const std::string name = run.chosen().kernel;
    std::vector<emulator::excuse> excuses = {
        {"cp_async_commit", emulator::turn::last, "its group is empty, and no wait follows"}};
    if (name.find("_align2") != std::string::npos) {
      excuses.push_back({"sync_block", emulator::turn::last,
                         "the stage was stored, not copied, before the barriers of the stages in between"});
    }
    const emulator::mutation_table table = emulator::mutate(
        name.c_str(), [&](const emulator::options& how) { return run.run(how); }, 4, excuses);
    std::cout << table.text();
    EXPECT_TRUE(table.all_caught()) << table.unsound << "\n  " << replay_line(number);
  }
}

}  // namespace
}  // namespace gemmact::test
