// Each synchronising call of the kernels, left out or disturbed, is noticed: a line each.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using emulator::excuse, emulator::turn;
using excuses_of = std::vector<excuse> (*)(const watched_run&);

std::vector<excuse> excuses_of_sm80(const watched_run& run) {
  std::vector<excuse> all = {{"an empty one at the end", turn::last, "its group is empty, and no wait follows"}};
  if (run.name().find("pieces of 2") != std::string::npos)
    for (const turn when : {turn::last, turn::drawn})
      all.push_back({"everybody's part of the stage is there", when,
                     "the stage was stored, not copied, before the barriers of the stages in between"});
  return all;
}

std::vector<excuse> excuses_of_sm90(const watched_run& run) {
  std::vector<excuse> all = {
      {"mbarrier_wait(empty", turn::first, "a fresh barrier: it does not wait"},
      {"mbarrier_wait_freed(empty", turn::first, "a fresh barrier: it does not wait"},
      {"mbarrier_arrive(empty", turn::last, "the producer waits no more"},
      {"mbarrier_free_cluster(arch::map_shared(empty", turn::last, "the producer waits no more"},
      {"wgmma_wait<1>", turn::first, "no group is before it"},
      {"wgmma_wait<1>", turn::drawn, "it is a tile's first: no group is before it"},
      {"wgmma_wait<1>", turn::last, "nothing is loaded any more"},
      {"the slab is free", turn::first, "a fresh slab is free"},
      {"the slab is free", turn::drawn, "a fresh slab is free"},
      {"the slab that is loaded next has gone out", turn::first, "a fresh slab is free"},
      {"the slab that is loaded next has gone out", turn::drawn, "a fresh slab is free, or nothing is loaded any more"},
      {"the slab that is loaded next has gone out", turn::last, "nothing is loaded any more"},
      {"lanes meet again", turn::every, "what follows waits for each thread of the warp"},
  };
  // PTX ISA 9.7.15.7.1: wgmmas of one shape in a row that add to the same registers need no fence between them.
  const layer& l = run.problem();
  if (l.get(GEMMACT_X).spec.type != GEMMACT_E4M3 || l.compute == GEMMACT_COMPUTE_FP8_FAST)
    for (const turn when : {turn::drawn, turn::last})
      all.push_back({"wgmma_fence", when, "it is not the first of its tile, and wgmmas in a row need none"});
  return all;
}

void mutate(const std::vector<walk>& walks, excuses_of excuses) {
  for (size_t number = 0; number < walks.size(); ++number) {
    if (!case_selected(number)) continue;
    watched_run run(walks[number]);
    const emulated_gpu::mutation_outcome outcome = emulated_gpu::loaded().mutate(
        run.name().c_str(), [&](const emulator::options& how) { return run.run(how); }, 4, excuses(run));
    std::cout << outcome.text;
    EXPECT_TRUE(outcome.all_caught) << run.name() << "\n  " << replay_line(number);
  }
}

TEST(mutation, gemm_sm80) { mutate(telling_gemm_sm80_walks(), excuses_of_sm80); }
TEST(mutation, gemm_sm90) { mutate(telling_gemm_sm90_walks(), excuses_of_sm90); }
TEST(mutation, gemm_sm90_shared) { mutate(shared_gemm_sm90_walks(), excuses_of_sm90); }
TEST(mutation, gemm_simt) {
  mutate(telling_gemm_simt_walks(), [](const watched_run&) { return std::vector<excuse>{}; });
}

}  // namespace
}  // namespace gemmact::test
