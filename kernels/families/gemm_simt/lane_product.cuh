// A lane's share of a block's product: D += A B^T in f32, one multiply-add an element and k, in ascending order of k.
//
// A warp has `rows` rows and 32 columns of D. A lane has eight columns beside each other, and of each 8 * together rows,
// `together` beside each other. Lanes that differ in bit 0 of their number read the same of A, those that differ in bit 1 the
// same of B: loads of 16 bytes by such pairs are said to take half the time of others (two clocks in place of four).
#pragma once
#include "kernels/arch/math/math.hpp"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/array.hpp"
#include "kernels/families/gemm_simt/config.hpp"

namespace gemmact::families::gemm_simt {

template <u32 rows, slice_shape a_shape, slice_shape b_shape>
class lane_product {
 public:
  static constexpr int together = rows < 32 ? int(rows / 8) : 4, groups = int(rows / 8) / together;
  static constexpr int lane_rows = together * groups, lane_cols = 8;

  float sum[lane_rows][lane_cols];

  // The warp's rows of A and of B in their slices.
  GEMMACT_FN lane_product(u32 a_row, u32 b_row)
      : a_offset_(4 * (a_row + row_group() * u32(together))), b_offset_(4 * (b_row + col_group() * u32(lane_cols))) {}

  // Which of the warp's groups of rows and of columns are the lane's: 8 and 4.
  static GEMMACT_FN u32 row_group() { return arch::lane_index() / 2 % 2 + arch::lane_index() / 8 * 2; }
  static GEMMACT_FN u32 col_group() { return arch::lane_index() % 2 + arch::lane_index() / 4 % 2 * 2; }

  GEMMACT_FN void clear() {
    GEMMACT_UNROLL
    for (int i = 0; i < lane_rows; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < lane_cols; ++j) sum[i][j] = 0.0f;
    }
  }

  // Element `k` of the slices, which begin at multiples of 128 bytes.
  GEMMACT_FN void load(shared_address a, shared_address b, u32 k) {
    fragments& f = held_[k % 2];
    const shared_address from_a = {((a.value + a_offset_) ^ (4 * row_swizzle<a_shape>(k))) + 4 * k * a_pitch};
    const shared_address from_b = {((b.value + b_offset_) ^ (4 * row_swizzle<b_shape>(k))) + 4 * k * b_pitch};
    GEMMACT_UNROLL
    for (int g = 0; g < groups; ++g) load<together>(&f.a[g * together], from_a + 32 * u32(g * together));
    GEMMACT_UNROLL
    for (int half = 0; half < 2; ++half) load<4>(&f.b[4 * half], from_b + 16 * u32(half));
  }

  GEMMACT_FN void multiply(u32 k) {
    const fragments& f = held_[k % 2];
    GEMMACT_UNROLL
    for (int i = 0; i < lane_rows; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < lane_cols; ++j) sum[i][j] = arch::fma_rn(f.a[i], f.b[j], sum[i][j]);
    }
  }

 private:
  static constexpr u32 a_pitch = a_shape.pitch(), b_pitch = b_shape.pitch();
  struct fragments {
    float a[lane_rows], b[lane_cols];
  };

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

  fragments held_[2];
  u32 a_offset_, b_offset_;
};

}  // namespace gemmact::families::gemm_simt
