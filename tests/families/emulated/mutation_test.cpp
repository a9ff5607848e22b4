// Each synchronising call of the kernels, left out or disturbed, is noticed: a line each.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

void mutate(const std::vector<walk>& walks) {
  for (size_t number = 0; number < walks.size(); ++number) {
    if (!case_selected(number)) continue;
    watched_run run(walks[number]);
    std::vector<emulator::excuse> excuses = {
        {"an empty one at the end", emulator::turn::last, "its group is empty, and no wait follows"}};
    if (run.name().find("pieces of 2") != std::string::npos) {
      excuses.push_back({"everybody's part of the stage is there", emulator::turn::last,
                         "the stage was stored, not copied, before the barriers of the stages in between"});
    }
    const emulated_gpu::mutation_outcome outcome = emulated_gpu::loaded().mutate(
        run.name().c_str(), [&](const emulator::options& how) { return run.run(how); }, 4, excuses);
    std::cout << outcome.text;
    EXPECT_TRUE(outcome.all_caught) << run.name() << "\n  " << replay_line(number);
  }
}

TEST(mutation, gemm_sm80) { mutate(telling_gemm_sm80_walks()); }
TEST(mutation, gemm_sm90) { mutate(telling_gemm_sm90_walks()); }
TEST(mutation, gemm_simt) { mutate(telling_gemm_simt_walks()); }

}  // namespace
}  // namespace gemmact::test
