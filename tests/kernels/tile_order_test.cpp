// The orders in which tiles are worked on: each tile once, neighbours one after the other.
#include "kernels/tile/tile_order.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace gemmact::tile {
namespace {

void expect_each_once(const tile_order& order) {
  std::vector<int> visits(order.count());
  for (u32 i = 0; i < order.count(); ++i) {
    const tile_place at = order[i];
    ASSERT_TRUE(at.row < order.rows && at.col < order.cols) << order.rows << " x " << order.cols << ", " << i;
    ++visits[at.row * order.cols + at.col];
  }
  for (const int count : visits) ASSERT_EQ(count, 1) << order.rows << " x " << order.cols << " by " << order.group;
}

TEST(tile_order, each_tile_comes_once) {
  for (const u32 curved : {0u, 1u})
    for (const u32 group : {1u, 2u, 4u, 8u})
      for (u32 rows = 1; rows < 20; ++rows)
        for (u32 cols = 1; cols < 20; ++cols) expect_each_once({rows, cols, group, curved});
}

u32 distance(tile_place a, tile_place b) {
  return u32(std::abs(int(a.row) - int(b.row)) + std::abs(int(a.col) - int(b.col)));
}

TEST(tile_order, hilberts_curve_goes_to_neighbours_and_ends_beside_the_next_square) {
  for (const u32 side : {1u, 2u, 4u, 8u, 16u}) {
    for (u32 i = 1; i < side * side; ++i)
      ASSERT_EQ(distance(hilbert_place(i - 1, side), hilbert_place(i, side)), 1u) << side << ", " << i;
    EXPECT_EQ(distance(hilbert_place(0, side), {0, 0}), 0u);
    EXPECT_EQ(distance(hilbert_place(side * side - 1, side), {0, side - 1}), 0u);
  }
  const tile_order order{8, 32, 8, 1};
  for (u32 i = 1; i < order.count(); ++i) ASSERT_EQ(distance(order[i - 1], order[i]), 1u) << i;
}

TEST(tile_order, groups_go_down_their_rows_first) {
  const tile_order order{5, 3, 2};
  const tile_place first[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}, {0, 2}, {1, 2}, {2, 0}};
  for (u32 i = 0; i < 7; ++i) EXPECT_EQ(distance(order[i], first[i]), 0u) << i;
  EXPECT_EQ(distance(order[12], {4, 0}), 0u);
}

}  // namespace
}  // namespace gemmact::tile
