// A lane's share of a block's product: D += A B^T in f32, one multiply-add an element and k, in ascending order of k.
//
// A warp has `rows` rows and 32 columns of D. A lane has eight columns beside each other, and of each 8 * together rows,
// `together` beside each other. Lanes that differ in bit 0 of their number read the same of A, those that differ in bit 1 the
// same of B: loads of 16 bytes by such pairs are said to take half the time of others (two clocks in place of four).
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/math/math.hpp"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/array.hpp"
#include "kernels/families/gemm_simt/config.hpp"

namespace gemmact::families::gemm_simt {

//
// Of several products, which share A, slices of B lie one behind the other, and the lane has its columns of each. They are
// multiplied by turns: turn k * parts + i is of product i.
template <u32 rows, slice_shape a_shape, slice_shape b_shape, u32 parts, bool sums_rows, bool rounds_a>
class lane_product {
 public:
  static constexpr int together = rows < 32 ? int(rows / 8) : 4, groups = int(rows / 8) / together;
  static constexpr int lane_rows = together * groups, lane_cols = 8;

  float sum[parts][lane_rows][lane_cols];
  float row_sum[sums_rows ? lane_rows : 1];  // of A

  // The warp's rows of A and of B in their slices.
  GEMMACT_FN lane_product(u32 a_row, u32 b_row)
      : a_offset_(4 * (a_row + row_group() * u32(together))), b_offset_(4 * (b_row + col_group() * u32(lane_cols))) {}

  // Which of the warp's groups of rows and of columns are the lane's: 8 and 4.
  static GEMMACT_FN u32 row_group() { return arch::lane_index() / 2 % 2 + arch::lane_index() / 8 * 2; }
  static GEMMACT_FN u32 col_group() { return arch::lane_index() % 2 + arch::lane_index() / 4 % 2 * 2; }

  GEMMACT_FN void clear() {
    GEMMACT_UNROLL
    for (int quad = 0; quad < quads; ++quad) set(quad, {});
    GEMMACT_UNROLL
    for (int i = 0; sums_rows && i < lane_rows; ++i) row_sum[i] = 0.0f;
  }

  // What a turn multiplies, of slices that begin at multiples of 128 bytes.
  GEMMACT_FN void load(shared_address a, shared_address b, u32 turn) {
    const u32 k = turn / parts, part = turn % parts;
    const shared_address from_a = {((a.value + a_offset_) ^ (4 * row_swizzle<a_shape>(k))) + 4 * k * a_pitch};
    const shared_address from_b = {((b.value + b_offset_) ^ (4 * row_swizzle<b_shape>(k))) + 4 * k * b_pitch};
    GEMMACT_UNROLL
    for (int g = 0; part == 0 && g < groups; ++g)
      load<together>(&a_[k % 2][g * together], from_a + 32 * u32(g * together));
    GEMMACT_UNROLL
    for (int half = 0; half < 2; ++half) load<4>(&b_[turn % 2][4 * half], from_b + (part * b_bytes + 16 * u32(half)));
  }

  // `with_row_sums`, which all lanes agree on: A's rows are summed, too.
  GEMMACT_FN void multiply(u32 turn, bool with_row_sums) {
    const u32 part = turn % parts;
    float* a = a_[turn / parts % 2];
    const float* b = b_[turn % 2];
    if constexpr (sums_rows) {
      GEMMACT_UNROLL
      for (int i = 0; i < lane_rows && part == 0; ++i) {
        if (with_row_sums) row_sum[i] += a[i];
        if constexpr (rounds_a) a[i] = bit_cast<float>(arch::to_tf32(a[i]));
      }
    }
    GEMMACT_UNROLL
    for (int i = 0; i < lane_rows; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < lane_cols; ++j) sum[part][i][j] = arch::fma_rn(a[i], b[j], sum[part][i][j]);
    }
  }

  // The sums, four at a time.
  static constexpr int quads = int(parts) * lane_rows * lane_cols / 4;
  GEMMACT_FN array<float, 4> get(int quad) const {
    const float* v = four(quad);
    return {{v[0], v[1], v[2], v[3]}};
  }
  GEMMACT_FN void set(int quad, const array<float, 4>& values) {
    float* v = const_cast<float*>(four(quad));
    GEMMACT_UNROLL
    for (int r = 0; r < 4; ++r) v[r] = values[r];
  }

 private:
  static constexpr u32 a_pitch = a_shape.pitch(), b_pitch = b_shape.pitch(), b_bytes = b_shape.bytes();

  GEMMACT_FN const float* four(int quad) const {
    constexpr int in_row = lane_cols / 4;
    return &sum[quad / in_row / lane_rows][quad / in_row % lane_rows][quad % in_row * 4];
  }

  template <int count>
  static GEMMACT_FN void load(float* to, shared_address from) {
    if constexpr (count == 1) {
      *to = arch::load_shared<float>(from);
    } else {
      const auto some = arch::load_shared<array<float, count>>(from);
      GEMMACT_UNROLL
      for (int i = 0; i < count; ++i) to[i] = some[i];
    }
  }

  float a_[2][lane_rows], b_[2][lane_cols];  // of a turn, and of the next one
  u32 a_offset_, b_offset_;
};

}  // namespace gemmact::families::gemm_simt
