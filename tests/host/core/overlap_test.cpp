// Footprints against brute force over byte maps, and the layouts that must be told apart.
#include "host/core/overlap.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::core {
namespace {

constexpr uintptr_t base = 1 << 20;

tensor matrix(gemmact_type type, int64_t rows, int64_t cols, int64_t ld, int64_t batch_stride = 0,
              gemmact_order order = GEMMACT_ROW_MAJOR) {
  tensor t;
  t.type = type;
  t.order = order;
  t.extent = GEMMACT_EACH;
  t.rows = rows;
  t.cols = cols;
  t.row_stride = order == GEMMACT_ROW_MAJOR ? ld : 1;
  t.col_stride = order == GEMMACT_ROW_MAJOR ? 1 : ld;
  t.batch_stride = batch_stride;
  return t;
}

bool share(const tensor& a, int64_t a_offset, const tensor& b, int64_t b_offset, int64_t batch = 1) {
  auto at = [](int64_t offset) { return reinterpret_cast<const void*>(base + static_cast<uintptr_t>(offset)); };
  footprint fa = footprint_of(a, at(a_offset), a.rows, batch), fb = footprint_of(b, at(b_offset), b.rows, batch);
  EXPECT_EQ(overlap(fa, fb), overlap(fb, fa));
  return overlap(fa, fb);
}

TEST(overlap, one_behind_the_other) {
  tensor t = matrix(GEMMACT_F32, 4, 8, 8);
  EXPECT_FALSE(share(t, 0, t, 128));
  EXPECT_TRUE(share(t, 0, t, 124));
  EXPECT_TRUE(share(t, 0, t, 0));
}

TEST(overlap, column_slices_of_one_matrix_lie_apart) {
  tensor left = matrix(GEMMACT_F32, 16, 24, 64), right = matrix(GEMMACT_F32, 16, 40, 64);
  EXPECT_FALSE(share(left, 0, right, 24 * 4));
  EXPECT_TRUE(share(left, 0, right, 23 * 4));
  EXPECT_TRUE(share(right, 0, left, 39 * 4));
}

TEST(overlap, slices_of_different_types_with_one_pitch_lie_apart) {
  EXPECT_FALSE(share(matrix(GEMMACT_F32, 16, 8, 16), 0, matrix(GEMMACT_BF16, 16, 16, 32), 32));
  EXPECT_TRUE(share(matrix(GEMMACT_F32, 16, 8, 16), 0, matrix(GEMMACT_BF16, 16, 17, 32), 32));
}

TEST(overlap, a_vector_in_the_gap_of_a_matrix_lies_apart) {
  tensor m = matrix(GEMMACT_F32, 16, 24, 64), v = matrix(GEMMACT_F32, 1, 40, 40);
  EXPECT_FALSE(share(m, 0, v, (3 * 64 + 24) * 4));
  EXPECT_TRUE(share(m, 0, v, (3 * 64 + 25) * 4));
}

TEST(overlap, batches_inside_a_row_lie_apart) {
  tensor a = matrix(GEMMACT_F16, 10, 8, 8 * 6, 16), b = a;  // entries 0, 2, 4 and 1, 3, 5
  EXPECT_FALSE(share(a, 0, b, 16, 3));
  EXPECT_TRUE(share(a, 0, b, 14, 3));
}

TEST(overlap, entries_of_records_lie_apart_although_their_pitches_differ) {
  tensor x = matrix(GEMMACT_F32, 4, 10, 12, 100), y = matrix(GEMMACT_F32, 4, 9, 13, 100);
  EXPECT_FALSE(share(x, 0, y, 48 * 4, 5));
  EXPECT_TRUE(share(x, 0, y, 40 * 4, 5));
}

TEST(overlap, bit_masks_take_whole_words) {
  tensor mask = matrix(GEMMACT_BIT, 3, 33, 64);
  EXPECT_TRUE(share(mask, 0, matrix(GEMMACT_F32, 1, 1, 1), 4));
  EXPECT_FALSE(share(mask, 0, matrix(GEMMACT_F32, 1, 1, 1), 24));
}

TEST(overlap, huge_sizes_take_no_time_and_do_not_overflow) {
  tensor a = matrix(GEMMACT_F32, int64_t{1} << 30, 8, int64_t{1} << 20);
  EXPECT_FALSE(share(a, 0, a, 32));
  EXPECT_TRUE(share(a, 0, a, 28));
}

// The bytes that a tensor owns, from its definition in problem.hpp alone.
std::vector<bool> bytes_of(const tensor& t, int64_t offset, int64_t batch, size_t size) {
  std::vector<bool> map(size);
  int64_t width = t.type == GEMMACT_F32 ? 4 : t.type == GEMMACT_BF16 ? 2 : 1;
  for (int64_t b = 0; b < (t.batch_stride == 0 ? 1 : batch); ++b)
    for (int64_t i = 0; i < t.rows; ++i)
      for (int64_t j = 0; j < t.cols; ++j) {
        int64_t element = b * t.batch_stride + i * t.row_stride + j * t.col_stride;
        int64_t first = t.type == GEMMACT_BIT ? element / 32 * 4 : element * width;
        for (int64_t byte = 0; byte < (t.type == GEMMACT_BIT ? 4 : width); ++byte) map.at(offset + first + byte) = true;
      }
  return map;
}

tensor random_tensor(test::random_source& random, int64_t pitch) {
  const gemmact_type types[] = {GEMMACT_F32, GEMMACT_BF16, GEMMACT_E4M3, GEMMACT_BIT};
  gemmact_type type = types[random.below(4)];
  bool bits = type == GEMMACT_BIT;
  bool columns = !bits && random.below(3) == 0;
  int64_t rows = random.between(1, 6), cols = random.between(1, bits ? 70 : 9);
  int64_t least = bits ? (cols + 31) / 32 * 32 : columns ? rows : cols;
  int64_t ld = pitch > 0 ? std::max(least, pitch) : least + random.below(bits ? 2 : 7) * (bits ? 32 : 1);
  if (bits) ld = (ld + 31) / 32 * 32;
  tensor t = matrix(type, rows, cols, ld, 0, columns ? GEMMACT_COLUMN_MAJOR : GEMMACT_ROW_MAJOR);
  t.batch_stride = random.below(2) == 0 ? 0 : random.between(1, 80) * (bits ? 32 : 1);
  return t;
}

// Never misses an overlap; exact where the strides (in bytes) are at most two different ones.
TEST(overlap, agrees_with_byte_maps) {
  int exact = 0, apart_inside = 0;
  for (uint64_t i = 0; i < 60000; ++i) {
    if (!test::case_selected(i)) continue;
    test::random_source random(i);
    int64_t pitch = random.below(2) == 0 ? 0 : random.between(9, 20);
    tensor a = random_tensor(random, pitch), b = random_tensor(random, pitch);
    int64_t batch = random.between(1, 3), offset_a = random.below(300), offset_b = random.below(300);
    const size_t size = 8192;
    std::vector<bool> map_a = bytes_of(a, offset_a, batch, size), map_b = bytes_of(b, offset_b, batch, size);
    bool truth = false;
    for (size_t byte = 0; byte < size; ++byte) truth = truth || (map_a[byte] && map_b[byte]);
    bool said = share(a, offset_a, b, offset_b, batch);
    ASSERT_TRUE(said || !truth) << "an overlap was missed; " << test::replay_line(i);
    auto at = [](int64_t offset) { return reinterpret_cast<const void*>(base + static_cast<uintptr_t>(offset)); };
    footprint fa = footprint_of(a, at(offset_a), a.rows, batch), fb = footprint_of(b, at(offset_b), b.rows, batch);
    std::vector<int64_t> strides;
    for (const footprint::dimension& d : {fa.inner, fa.outer, fb.inner, fb.outer})
      if (d.count > 1 && std::find(strides.begin(), strides.end(), d.stride) == strides.end())
        strides.push_back(d.stride);
    if (strides.size() > 2) continue;
    ++exact;
    ASSERT_EQ(said, truth) << test::replay_line(i);
    bool spans_cross = fa.begin < fb.begin + fb.span && fb.begin < fa.begin + fa.span;
    apart_inside += spans_cross && !truth;
  }
  if (test::case_share() == 1.0) {
    EXPECT_GT(exact, 10000);
    EXPECT_GT(apart_inside, 300);  // the cases that this exists for do occur
  }
}

}  // namespace
}  // namespace gemmact::core
