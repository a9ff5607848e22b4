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
  bool promotes;  // each stage's sums are added to the others' in f32
};

template <class T, warpgroup_shape shape>
struct warpgroup_product {
  static constexpr u32 span = 128, unit_rows = 64, unit_bytes = unit_rows * span;
  static constexpr int units = int(shape.rows / unit_rows), n = int(shape.cols), count = n / 2;
  static constexpr u32 steps = span / 32;  // 32 bytes along k each
  static constexpr arch::major a_major = shape.a_along_k ? arch::major::k : arch::major::mn;
  static constexpr arch::major b_major = shape.b_along_k ? arch::major::k : arch::major::mn;

  array<float, count> sum[units];

  // Begins to add a stage's products: `a` is the warpgroup's first unit. Without `add` what was there does not count.
  GEMMACT_FN void begin(shared_address a, shared_address b, bool add) { begin(sum, a, b, add); }

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
  static constexpr int quads = units * count / 4;
  GEMMACT_FN array<float, 4> get(int quad) const {
    const auto& of = sum[4 * quad / count];
    const int at = 4 * quad % count;
    return {{of[at], of[at + 1], of[at + 2], of[at + 3]}};
  }
  GEMMACT_FN void set(int quad, const array<float, 4>& four) {
    GEMMACT_UNROLL
    for (int r = 0; r < 4; ++r) sum[4 * quad / count][4 * quad % count + r] = four[r];
  }

  // Whenever sums have been touched otherwise, before and after.
  GEMMACT_FN void keep() {
    GEMMACT_UNROLL
    for (int i = 0; i < units; ++i) arch::wgmma_keep(sum[i]);
  }

 private:
  GEMMACT_FN static u64 descriptor(shared_address at, bool along_k) {
    return arch::wgmma_descriptor(at, along_k ? 16 : unit_bytes, 8 * span, span);
  }

  GEMMACT_FN static void begin(array<float, count>* to, shared_address a, shared_address b, bool add) {
    // In descriptors, addresses count units of 16 bytes.
    const u64 a_at = descriptor(a, shape.a_along_k), b_at = descriptor(b, shape.b_along_k);
    constexpr u64 a_step = (shape.a_along_k ? 32 : 16 * span) / 16, b_step = (shape.b_along_k ? 32 : 16 * span) / 16;
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
