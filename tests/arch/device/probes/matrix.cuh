// Probes of kernels/arch/{ldmatrix,stmatrix,mma}.
#pragma once
#include "kernels/arch/ldmatrix/ldmatrix.cuh"
#include "kernels/arch/mma/mma.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/stmatrix/stmatrix.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

// Rows of 16 bytes, one a lane; the fragment, put back by place_in_matrix(), is what was loaded.
template <int count, bool transposed>
struct ldmatrix_probe {
  static constexpr u32 threads = 32, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 lane = arch::lane_index();
    const shared_address row = arch::dynamic_shared() + 16 * lane;
    arch::store_shared(row, input_at<array<u32, 4>>(p, lane));
    arch::sync_block();
    array<u32, count> fragment;
    arch::ldmatrix<transposed>(fragment, row);
    for (int reg = 0; reg < count; ++reg)
      for (u32 half = 0; half < 2; ++half) {
        const matrix_place at = place_in_matrix(transposed, lane, u32(reg), half);
        output_at(p, at.address_lane * 8 + at.element, u16(fragment[reg] >> (16 * half)));
      }
  }
};

template <int count, bool transposed>
struct stmatrix_probe {
  static constexpr u32 threads = 32, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 lane = arch::lane_index();
    const shared_address row = arch::dynamic_shared() + 16 * lane;
    array<u32, count> fragment;
    for (int reg = 0; reg < count; ++reg) {
      fragment[reg] = 0;
      for (u32 half = 0; half < 2; ++half) {
        const matrix_place at = place_in_matrix(transposed, lane, u32(reg), half);
        fragment[reg] |= u32(input_at<u16>(p, at.address_lane * 8 + at.element)) << (16 * half);
      }
    }
    arch::stmatrix<transposed>(row, fragment);
    arch::sync_block();
    if (lane < 8 * count) output_at(p, lane, arch::load_shared<array<u32, 4>>(row));
  }
};

// A (16 rows of 32 bytes), B (8 rows of 32 bytes) and C (16 x 8 f32) lie one after another in the input.
template <class T>
struct mma_probe {
  static constexpr u32 threads = 32, first = packed_elems<T> == 4 ? 89 : 80;
  GEMMACT_FN static void run(const probe_params& p) {
    constexpr u32 size = 4 / packed_elems<T>;
    const u32 lane = arch::lane_index();
    array<u32, 4> a;
    array<u32, 2> b;
    array<float, 4> d;
    for (u32 r = 0; r < 4; ++r) {
      const tile_place at = fragment_a<T>(lane, r, 0), of_d = fragment_d(lane, r);
      a[int(r)] = arch::load_global<u32>(p.in + i64(at.row * 32 + at.col * size));
      d[int(r)] = arch::load_global<float>(p.in + i64(768 + (of_d.row * 8 + of_d.col) * 4));
    }
    for (u32 r = 0; r < 2; ++r) {
      const tile_place at = fragment_b<T>(lane, r, 0);
      b[int(r)] = arch::load_global<u32>(p.in + i64(512 + at.row * 32 + at.col * size));
    }
    arch::mma<T>(d, a, b);
    for (u32 r = 0; r < 4; ++r) {
      const tile_place at = fragment_d(lane, r);
      output_at(p, at.row * 8 + at.col, d[int(r)]);
    }
  }
};

template <int count, bool transposed>
void add_matrix_moves(probes& all) {
  const std::string form = ".x" + std::to_string(count) + (transposed ? ".trans" : "");
  bytes rows = random_bytes("rows" + form, 32 * 16);
  bytes moved(rows.begin(), rows.begin() + count * 128);
  add<ldmatrix_probe<count, transposed>>(all, "ldmatrix" + form, rows, moved).shared_bytes = 512;
  add<stmatrix_probe<count, transposed>>(all, "stmatrix" + form, moved, moved).shared_bytes = 512;
}

template <class T>
void add_mma_probe(probes& all, const char* type) {
  const std::string name = std::string("mma.") + type;
  const u32 k = 8 * packed_elems<T>;
  const matrix a = integers(name + " a", 16, k, 8), b = integers(name + " b", 8, k, 8),
               c = integers(name + " c", 16, 8, 500);
  add<mma_probe<T>>(all, name, joined({encoded(a, T{}), encoded(b, T{}), bytes_of(c.values)}),
                    bytes_of(product(a, b, c).values));
}

inline void add_matrix_probes(probes& all) {
  add_matrix_moves<1, false>(all);
  add_matrix_moves<2, false>(all);
  add_matrix_moves<4, false>(all);
  add_matrix_moves<1, true>(all);
  add_matrix_moves<2, true>(all);
  add_matrix_moves<4, true>(all);
  add_mma_probe<f16_bits>(all, "f16");
  add_mma_probe<bf16_bits>(all, "bf16");
  add_mma_probe<tf32>(all, "tf32");
  add_mma_probe<e4m3_bits>(all, "e4m3");
}

}  // namespace gemmact::device_test
