// Which cases of a table run, and the line that runs one of them again.
//
//   GEMMACT_TEST_SHARE=0.1   a tenth of each table's cases (sanitizers, slow instruction sets); 1 unless given
//   GEMMACT_TEST_CASE=1234   only this case
//   GEMMACT_TEST_FULL=1      several times as many of the cases that are drawn at random (tests/run --full)
#pragma once
#include <cstdint>
#include <string>

namespace gemmact::test {

// True if case number `index` is to run.
bool case_selected(uint64_t index);

// How many cases a test draws that usually draws `usual`; with GEMMACT_TEST_FULL `more` times as many, the usual ones first.
// A case to be replayed is always among them.
uint64_t case_count(uint64_t usual, uint64_t more = 10);

// The share of the cases that run, in (0, 1].
double case_share();

// "replay: GEMMACT_TEST_CASE=17 layer_exact_test --gtest_filter=exact.forward", for the running test.
std::string replay_line(uint64_t index);

}  // namespace gemmact::test
