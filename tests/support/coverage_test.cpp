#include "tests/support/coverage.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace gemmact::test {
namespace {

TEST(coverage, what_is_covered_less_often_than_it_must_be_is_told) {
  coverage all;
  for (int i = 0; i < 3; ++i) all.count("input_grad", "plain", outcome::covered);
  all.count("input_grad_below", "maxout", outcome::covered);
  all.count("input_grad", "gated", outcome::covered);
  all.count("input_grad", "gated", outcome::refused);
  all.count("weight_grad", "gated", outcome::not_sampled);
  EXPECT_EQ(all.counted(outcome::covered), 5);
  EXPECT_EQ(all.counted(outcome::refused), 1);
  EXPECT_EQ(all.counted(outcome::not_sampled), 1);
  EXPECT_EQ(all.shortfall(""), "");
  EXPECT_EQ(
      all.shortfall(
          "covered:5,input_grad:4,input_grad_below:1,input_grad_below.maxout:1,gated:1,input_grad.plain:3,forward:0"),
      "");
  EXPECT_EQ(all.shortfall("covered:6"), "covered: 5 instead of 6 or more");
  EXPECT_EQ(all.shortfall("input_grad:4,weight_grad:1,gated:2"),
            "weight_grad: 0 instead of 1 or more, gated: 1 instead of 2 or more");
  EXPECT_EQ(all.shortfall("input_grad.gated:2"), "input_grad.gated: 1 instead of 2 or more");
}

TEST(coverage, a_list_that_means_nothing_is_refused) {
  for (const char* list : {"input_gard:1", "input_grad", "input_grad:", "input_grad:x", "input_grad:1x",
                           "gated.plain:1", "plain:1,,gated:1", ":1"})
    EXPECT_THROW(coverage().shortfall(list), std::invalid_argument) << list;
}

TEST(coverage, the_table_has_each_outcome) {
  coverage all;
  all.count("forward", "maxout", outcome::covered);
  all.count("forward", "maxout", outcome::not_sampled);
  EXPECT_NE(all.table().find("forward.maxout                  1        0            1\n"), std::string::npos)
      << all.table();
}

}  // namespace
}  // namespace gemmact::test
