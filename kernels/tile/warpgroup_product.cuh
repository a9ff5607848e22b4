// The product of a stage's operands by one warpgroup, in units of 64 rows.
#pragma once
#include "kernels/arch/wgmma/wgmma.cuh"
#include "kernels/base/address.hpp"

namespace gemmact::tile {

// A stage has 128 bytes along k of rows of A and B. Operands along k lie in rows of 128 bytes; those along their rows in
// panels of 64 elements, one below the other, each a line of 128 bytes for every l. Both are swizzled.
struct warpgroup_shape {
  u32 rows, cols;  // of the warpgroup's part
  bool a_along_k, b_along_k;
  bool promotes;        // each stage's sums are added to the others' in f32
  bool sums_a = false;  // A's rows are summed, too: a product with a B of ones
};

template <class T, warpgroup_shape shape>
struct warpgroup_product {
  static constexpr u32 span = 128, unit_rows = 64, unit_bytes = unit_rows * span;
  static constexpr int units = int(shape.rows / unit_rows), n = int(shape.cols), count = n / 2;
  static constexpr u32 steps = span / 32;  // 32 bytes along k each
  static constexpr arch::major a_major = shape.a_along_k ? arch::major::k : arch::major::mn;
  static constexpr arch::major b_major = shape.b_along_k ? arch::major::k : arch::major::mn;

  static_assert(!shape.promotes || !shape.sums_a, "sums of rows stay with the tensor cores");
  static constexpr u32 ones_bytes = 256;  // of 8 columns, 32 bytes along k

  array<float, count> sum[units];
  static_assert(!shape.sums_a || units <= 2, "four rows a lane");
  array<float, 4> row_sum;  // of A: of the lane's rows lane / 4 and 8 more, of the warp's 16 of each unit

  // Products with ones are under way in registers of their own: of 8 columns, which are all the same.
  struct row_products {
    array<float, 4> of[units];
    GEMMACT_FN void keep() {
      GEMMACT_UNROLL
      for (int i = 0; i < units; ++i) arch::wgmma_keep(of[i]);
    }
  };

  // Begins to add a stage's products: `a` is the warpgroup's first unit. Without `add` what was there does not count.
  GEMMACT_FN void begin(shared_address a, shared_address b, bool add) { begin(sum, a, b, add); }

  // Before its commit, the same of A's rows: `ones` is shared memory of ones_bytes that holds ones alone.
  static GEMMACT_FN void begin_row_sums(row_products& rows, shared_address a, shared_address ones, bool add) {
    const u64 a_at = descriptor(a, shape.a_along_k), ones_at = arch::wgmma_descriptor(ones, 128, ones_bytes, 16);
    GEMMACT_UNROLL
    for (u32 k = 0; k < steps; ++k) {
      GEMMACT_UNROLL
      for (int i = 0; i < units; ++i)
        arch::wgmma<T, 8, a_major, arch::major::k>(rows.of[i], a_at + (u64(i) * (unit_bytes / 16) + k * a_step),
                                                   ones_at, add || k != 0);
    }
  }
  GEMMACT_FN void take_row_sums(const row_products& rows) {
    row_sum = {};
    GEMMACT_UNROLL
    for (int i = 0; i < units; ++i) row_sum[2 * i] = rows.of[i][0], row_sum[2 * i + 1] = rows.of[i][2];
  }

  // The same of a stage that is waited for at once, and whose sums are added in f32.
  GEMMACT_FN void promote(shared_address a, shared_address b, bool add) {
    array<float, count> part[units];
    begin(part, a, b, false);
    arch::wgmma_commit();
    arch::wgmma_wait<0>();
    GEMMACT_UNROLL
    for (int i = 0; i < units; ++i) {
      arch::wgmma_keep(part[i]);
      GEMMACT_UNROLL
      for (int v = 0; v < count; ++v) sum[i][v] = add ? sum[i][v] + part[i][v] : part[i][v];
    }
  }

  // The sums, four at a time.
  static constexpr int product_quads = units * count / 4, quads = product_quads + (shape.sums_a ? 1 : 0);
  GEMMACT_FN array<float, 4> get(int quad) const {
    if (quad >= product_quads) return row_sum;
    const auto& of = sum[4 * quad / count];
    const int at = 4 * quad % count;
    return {{of[at], of[at + 1], of[at + 2], of[at + 3]}};
  }
  GEMMACT_FN void set(int quad, const array<float, 4>& four) {
    if (quad >= product_quads) {
      row_sum = four;
      return;
    }
    GEMMACT_UNROLL
    for (int r = 0; r < 4; ++r) sum[4 * quad / count][4 * quad % count + r] = four[r];
  }

  // Whenever sums have been touched otherwise, before and after.
  GEMMACT_FN void keep() {
    GEMMACT_UNROLL
    for (int i = 0; i < units; ++i) arch::wgmma_keep(sum[i]);
  }

 private:
  // In descriptors, addresses count units of 16 bytes.
  static constexpr u64 a_step = (shape.a_along_k ? 32 : 16 * span) / 16,
                       b_step = (shape.b_along_k ? 32 : 16 * span) / 16;

  GEMMACT_FN static u64 descriptor(shared_address at, bool along_k) {
    return arch::wgmma_descriptor(at, along_k ? 16 : unit_bytes, 8 * span, span);
  }

  GEMMACT_FN static void begin(array<float, count>* to, shared_address a, shared_address b, bool add) {
    const u64 a_at = descriptor(a, shape.a_along_k), b_at = descriptor(b, shape.b_along_k);
    arch::wgmma_fence();
    GEMMACT_UNROLL
    for (u32 k = 0; k < steps; ++k) {
      GEMMACT_UNROLL
      for (int i = 0; i < units; ++i)
        arch::wgmma<T, n, a_major, b_major>(to[i], a_at + (u64(i) * (unit_bytes / 16) + k * a_step), b_at + k * b_step,
                                            add || k != 0);
    }
  }
};

}  // namespace gemmact::tile
