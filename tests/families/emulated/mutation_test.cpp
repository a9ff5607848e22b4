// Each synchronising call of the kernels, left out or disturbed, is noticed: a line each.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using emulator::excuse, emulator::turn;
using excuses_of = std::vector<excuse> (*)(const watched_run&);

const excuse last_counted = {"(counter, 1) + 1 == count", turn::last, "nobody is counted behind it"};

std::vector<excuse> excuses_of_sm80(const watched_run& run) {
  std::vector<excuse> all = {{"an empty one at the end", turn::last, "its group is empty, and no wait follows"},
                             last_counted};
  if (run.name().find("pieces of 2") != std::string::npos)
    for (const turn when : {turn::last, turn::drawn})
      all.push_back({"everybody's part of the stage is there", when,
                     "the stage was stored, not copied, before the barriers of the stages in between"});
  return all;
}

// Of gemm_sm90's tiles that leave sums over rows: where they meet.
void add_excuses_of_sums(const layer& l, std::vector<excuse>& all) {
  const bool rows_of_a = l.operation == GEMMACT_WEIGHT_GRAD;
  const char* unread = rows_of_a ? "of a group's one part each thread reads what it has stored"
                                 : "the group's parts are not all there: nobody reads what is written next";
  for (const char* words : {"sync_named<1>(threads);", "sync_named<4>(threads);", "sync_named<5>(threads);"}) {
    all.push_back({words, turn::last, "no tile's sums follow"});
    all.push_back({words, turn::drawn, unread});
  }
  const bool alone = rows_of_a || std::getenv("FAKE_CUDA_MULTIPROCESSORS") == std::string("1");
  for (const turn when : {turn::first, turn::drawn})
    all.push_back({"(counter, 1) + 1 == count", when, "a later one of the same block releases that part, too"});
  for (const turn when : {turn::every, turn::last})
    if (alone) all.push_back({"(counter, 1) + 1 == count", when, "one block has stored all parts of a group itself"});
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
      {"bulk_commit();", turn::drawn,
       "its copy goes with the next ones, and nothing is loaded into their slabs any more"},
      {"lanes meet again", turn::every, "what follows waits for each thread of the warp"},
  };
  // PTX ISA 9.7.15.7.1: wgmmas of one shape in a row that add to the same registers need no fence between them.
  const layer& l = run.problem();
  const operand* x = l.find(GEMMACT_X);
  if (x == nullptr || x->spec.type != GEMMACT_E4M3 || l.compute == GEMMACT_COMPUTE_FP8_FAST)
    for (const turn when : {turn::drawn, turn::last})
      all.push_back({"wgmma_fence", when, "it is not the first of its tile, and wgmmas in a row need none"});
  add_excuses_of_sums(l, all);
  return all;
}

void mutate(const std::vector<walk>& walks, excuses_of excuses) {
  for (size_t number = 0; number < walks.size(); ++number) {
    if (!case_selected(number)) continue;
    watched_run run(walks[number]);
    const emulated_gpu::mutation_outcome outcome = emulated_gpu::loaded().mutate(
        run.name().c_str(), [&](const emulator::options& how) { return run.run(how); }, 16, excuses(run));
    std::cout << outcome.text;
    EXPECT_TRUE(outcome.all_caught) << run.name() << "\n  " << replay_line(number);
  }
}

TEST(mutation, gemm_sm80) { mutate(telling_gemm_sm80_walks(), excuses_of_sm80); }
TEST(mutation, gemm_sm90) { mutate(telling_gemm_sm90_walks(), excuses_of_sm90); }
TEST(mutation, gemm_sm90_shared) { mutate(shared_gemm_sm90_walks(), excuses_of_sm90); }
TEST(mutation, gemm_simt) {
  mutate(telling_gemm_simt_walks(), [](const watched_run&) { return std::vector<excuse>{last_counted}; });
}
TEST(mutation, gradient_pass) {
  mutate(telling_gradient_pass_walks(), [](const watched_run&) { return std::vector<excuse>{}; });
}

// Sums over rows meet at one place of a kernel's text, in one block a run more often than in others: each of these times.
TEST(mutation, gradient_pass_meetings) {
  for (const walk& w : telling_gradient_pass_walks()) {
    watched_run run(w);
    emulator::options how;
    how.count_times = true;
    const emulator::case_run clean = run.run(how);
    ASSERT_TRUE(clean.right) << run.wrong();
    u32 meetings = 0;
    for (size_t i = 0; i < clean.launched.sites.size(); ++i) {
      if (clean.launched.sites[i].kind != emulator::sync_kind::sync_block) continue;
      for (u32 time = 0; time < clean.launched.times[i]; ++time, ++meetings) {
        bool caught = false;
        for (u64 seed = 0; seed < 4 && !caught; ++seed) {
          emulator::options left_out;
          left_out.seed = seed;
          left_out.disturbed = {clean.launched.sites[i], emulator::change::skip, time};
          caught = !run.run(left_out).right;
        }
        EXPECT_TRUE(caught) << run.name() << ": meeting " << time << " left out is not noticed";
      }
    }
    EXPECT_GE(meetings, 3u) << run.name();
  }
}

}  // namespace
}  // namespace gemmact::test
