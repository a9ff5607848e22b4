// What the workspace of a plan leans on: a run of fewer rows needs no larger blocks than its scratch was laid out for.
#include <gtest/gtest.h>

#include "host/cpu/block_product.hpp"

namespace {

using gemmact::cpu::blocking;
using gemmact::cpu::carver;
using gemmact::cpu::product_scratch;

TEST(blocking_test, a_run_of_fewer_rows_fits_the_scratch_of_the_plan) {
  for (int threads : {1, 2, 3, 8, 64})
    for (bool fixed : {false, true})
      for (int64_t cols : {1, 32, 95, 96, 97, 128, 193, 384, 385, 1000, 4096}) {
        for (int64_t plan_rows : {1, 8, 31, 32, 33, 64, 256, 257, 300, 1000}) {
          const blocking plan = blocking::choose(plan_rows, cols, 64, threads, fixed);
          product_scratch scratch;
          carver c(nullptr);
          scratch.carve(c, plan);
          for (int64_t rows = 1; rows <= plan_rows; rows += rows < 70 ? 1 : 37) {
            const blocking run = blocking::choose(rows, cols, 64, threads, fixed);
            ASSERT_LE(std::min(run.block_cols, cols), scratch.ldc)
                << threads << " " << cols << " " << plan_rows << " " << rows;
            ASSERT_LE(std::min(run.block_rows, rows), std::min(gemmact::cpu::tile_rows, plan_rows));
            ASSERT_GE(run.row_blocks() * run.block_rows, rows);
            ASSERT_GE(run.col_blocks() * run.block_cols, cols);
            ASSERT_EQ(run.block_cols % 32, 0) << "two blocks may share a word of a mask";
            if (fixed) {
              ASSERT_LE(run.row_blocks(), plan.row_blocks()) << "partial sums";
            }
          }
        }
      }
}

TEST(blocking_test, fixed_blocks_do_not_depend_on_the_threads) {
  for (int64_t rows : {7, 300})
    for (int64_t cols : {5, 500, 5000}) {
      const blocking one = blocking::choose(rows, cols, 64, 1, true), many = blocking::choose(rows, cols, 64, 7, true);
      EXPECT_EQ(one.block_cols, many.block_cols);
      EXPECT_EQ(one.block_rows, many.block_rows);
    }
}

}  // namespace
