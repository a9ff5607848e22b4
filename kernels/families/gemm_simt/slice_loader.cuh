// What a block copies of an operand for one slice along k: to registers as it is, so that the loads are under way while the
// slice before is multiplied, and then as f32 to shared memory. Outside of the matrix are zeros, and nothing is read there.
//
// A thread's pieces lie at the same place along one direction and a fixed number of rows (and, where a row has more pieces
// than neighbours, of pieces) apart along the other; of slices with fewer pieces than threads, some have none. Only the first
// slice of a stretch may be shorter than others. Where elements count for one product alone, the others are stored as 0.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"
#include "kernels/base/same.hpp"
#include "kernels/families/gemm_simt/config.hpp"
#include "kernels/families/gemm_simt/params.hpp"

namespace gemmact::families::gemm_simt {

// The elements of a register, widened exactly; of f32 that is multiplied as tf32, rounded.
template <class T>
GEMMACT_FN array<float, int(packed_elems<T>)> widen(u32 word) {
  if constexpr (same<T, float>) return {{bit_cast<float>(word)}};
  else if constexpr (same<T, tf32>) return {{bit_cast<float>(arch::to_tf32(bit_cast<float>(word)))}};
  else if constexpr (same<T, f16_bits>) return arch::unpack_f16(word);
  else if constexpr (same<T, bf16_bits>) return arch::unpack_bf16(word);
  else {
    const auto low = arch::unpack_e4m3(u16(word)), high = arch::unpack_e4m3(u16(word >> 16));
    return {{low[0], low[1], high[0], high[1]}};
  }
}

template <class T, slice_shape shape, u32 threads, bool masked = false>
class slice_loader {
 public:
  // What slices are of: `rows` rows from `row` on are inside of the matrix; `first` is the first one's place along k.
  struct place {
    u32 row, rows, first;
  };

  // The slices to come are of a matrix `more` bytes behind the first product's; the first one has `depth` of k.
  GEMMACT_FN void enter(const lines& from, i64 more, const place& at, u32 depth) {
    const u32 own_row = first_row(), own_k = first_k();
    rows_left_ = own_row < at.rows && has_pieces() ? at.rows - own_row : 0;
    const i64 row = i64(at.row) + own_row, k = i64(at.first) + own_k;
    at_ = from.base + (more + (shape.along_k ? row : k) * from.line_bytes + (shape.along_k ? k : row) * element_bytes);
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) held_[i] = {};
    load(from, [&](int i) { return inside(i) && own_k + more_k(i) < depth; });
    advance(from, depth);
  }

  GEMMACT_FN void fetch(const lines& from) {
    load(from, [&](int i) { return inside(i); });
    advance(from, shape.depth);
  }

  // The same places' winners, of slices that have been entered or fetched; their elements count for product `number`.
  GEMMACT_FN void enter_winners(const winner_lines& from, i64 more, const place& at, u32 depth, u32 number) {
    const i64 row = i64(at.row) + first_row(), k = i64(at.first) + first_k();
    const i64 line = shape.along_k ? row : k, step = shape.along_k ? k : row;
    index_.at = from.at.base + (more + line * from.at.line_bytes + step * from.step_bytes);
    index_.number = number;
    load_winners(
        from, [&](int i) { return inside(i) && first_k() + more_k(i) < depth; }, depth);
  }
  GEMMACT_FN void fetch_winners(const winner_lines& from) {
    load_winners(
        from, [&](int i) { return inside(i); }, shape.depth);
  }

  GEMMACT_FN void store(shared_address slice) const {
    if (!has_pieces()) return;
    const u32 own = shape.along_k ? first_row() ^ row_swizzle<shape>(first_k()) : first_row();
    const shared_address to = slice + 4 * (first_k() * pitch);
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) {
      array<float, piece> values;
      GEMMACT_UNROLL
      for (int w = 0; w < words; ++w) {
        const auto some = widen<T>(held_[i][w]);
        GEMMACT_UNROLL
        for (int e = 0; e < (piece < some.size ? piece : some.size); ++e) values[w * some.size + e] = some[e];
      }
      if constexpr (masked) {
        GEMMACT_UNROLL
        for (int e = 0; e < piece; ++e) values[e] = index_.of[i][e] == index_.number ? values[e] : 0.0f;
      }
      const shared_address at = to + 4 * (more_k(i) * pitch);
      if constexpr (shape.along_k) {
        const u32 row = row_step % 32 == 0 ? own + more_rows(i) : own ^ more_rows(i);
        GEMMACT_UNROLL
        for (int e = 0; e < piece; ++e) arch::store_shared(at + (4 * row + 4 * u32(e) * pitch), values[e]);
      } else if constexpr (piece == 1) {
        arch::store_shared(at + 4 * own, values[0]);
      } else {
        GEMMACT_UNROLL
        for (int e = 0; e < piece; e += 4)
          arch::store_shared(at + 4 * (own + u32(e)),
                             array<float, 4>{{values[e], values[e + 1], values[e + 2], values[e + 3]}});
      }
    }
  }

 private:
  static constexpr int piece = int(shape.piece), element_bytes = 4 / int(packed_elems<T>);
  static constexpr int words = (piece * element_bytes + 3) / 4;  // of a piece; the only one may be filled in part
  static constexpr u32 pitch = shape.pitch();
  static constexpr u32 beside = shape.along_k ? neighbours<shape> : shape.rows / shape.piece;
  static constexpr u32 groups = threads / beside;
  // From one piece to the next: rows where they lie along k, else elements of k.
  static constexpr u32 row_step = groups, k_step = groups;
  static constexpr int down = int(ceil_div(shape.rows, row_step));  // pieces until the next ones along k
  static constexpr u32 limit = shape.along_k ? shape.rows : shape.depth;
  static constexpr int count = int(ceil_div(limit, groups) * (shape.rows * shape.depth / shape.piece / beside / limit));
  static_assert(threads % beside == 0 && shape.depth % (shape.piece * (shape.along_k ? beside : 1)) == 0,
                "whole pieces");
  static_assert(groups % limit == 0 || limit % groups == 0, "as many pieces for each thread that has some");

  static GEMMACT_FN bool has_pieces() { return groups <= limit || arch::thread_index() / beside < limit; }

  static GEMMACT_FN u32 first_row() {
    return shape.along_k ? arch::thread_index() / beside : arch::thread_index() % beside * shape.piece;
  }
  static GEMMACT_FN u32 first_k() {
    return shape.along_k ? arch::thread_index() % beside * shape.piece : arch::thread_index() / beside;
  }
  static GEMMACT_FN constexpr u32 more_rows(int i) { return shape.along_k ? u32(i % down) * row_step : 0; }
  static GEMMACT_FN constexpr u32 more_k(int i) {
    return shape.along_k ? u32(i / down) * beside * shape.piece : u32(i) * k_step;
  }
  GEMMACT_FN bool inside(int i) const { return more_rows(i) < rows_left_; }

  // From line to line by addition: a multiple of line_bytes for each piece would be a pair of registers.
  template <class Wanted>
  GEMMACT_FN void load(const lines& from, const Wanted& wanted) {
    constexpr int steps = shape.along_k ? down : count;  // lines
    global_address line = at_;
    GEMMACT_UNROLL
    for (int step = 0; step < steps; ++step) {
      GEMMACT_UNROLL
      for (int i = step; i < count; i += steps)
        if (wanted(i)) held_[i] = read(line + i64(i / steps * int(beside) * piece * element_bytes));
      line = line + from.line_bytes * i64(groups);
    }
  }

  template <class Wanted>
  GEMMACT_FN void load_winners(const winner_lines& from, const Wanted& wanted, u32 depth) {
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) {
      const i64 line = shape.along_k ? more_rows(i) : more_k(i), step = shape.along_k ? more_k(i) : more_rows(i);
      const global_address piece_at = index_.at + (line * from.at.line_bytes + step * from.step_bytes);
      GEMMACT_UNROLL
      for (int e = 0; e < piece; ++e)
        index_.of[i][e] = wanted(i) ? arch::load_global_readonly<u8>(piece_at + i64(e) * from.step_bytes) : u8(0);
    }
    index_.at = index_.at + i64(depth) * (shape.along_k ? from.step_bytes : from.at.line_bytes);
  }

  static GEMMACT_FN array<u32, words> read(global_address at) {
    constexpr int bytes = piece * element_bytes;
    if constexpr (bytes == 1) return {{arch::load_global_readonly<u8>(at)}};
    else if constexpr (bytes == 2) return {{arch::load_global_readonly<u16>(at)}};
    else if constexpr (bytes == 4) return {{arch::load_global_readonly<u32>(at)}};
    else return arch::load_global_readonly<array<u32, words>>(at);
  }

  GEMMACT_FN void advance(const lines& from, u32 k) {
    at_ = at_ + i64(k) * (shape.along_k ? element_bytes : from.line_bytes);
  }

  global_address at_;  // of the first piece in the next slice
  u32 rows_left_;      // from its row on
  array<u32, words> held_[count];

  struct indices {
    global_address at;
    u32 number;
    u8 of[count][piece];
  };
  struct none {};
  select_type<masked, indices, none> index_;
};

}  // namespace gemmact::families::gemm_simt
