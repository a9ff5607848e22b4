// A part of the cases, on the smallest tiles: enough to execute every line of the kernel, which coverage.sh looks at.
#include <gtest/gtest.h>

#include "tests/families/gemm_sm80/cases.hpp"

namespace gemmact::test {
namespace {

TEST(coverage, cases_on_the_smallest_tiles) {
  constexpr int tiles = int(std::size(families::gemm_sm80::configs));
  for (uint64_t i = 0; i < case_rows().size(); i += 3) {
    layer_case c = make_case(i);
    c.row = GEMMACT_FIRST_TILE + int(i / 3 % (tiles - GEMMACT_FIRST_TILE));
    layer_run run(c);
    EXPECT_TRUE(run.run().right) << run.wrong() << "\n  " << c.text();
  }
}

}  // namespace
}  // namespace gemmact::test
