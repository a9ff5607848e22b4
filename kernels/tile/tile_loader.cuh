// A block copies tiles of a row-major matrix into shared memory: `rows` rows of `span` bytes whose 16-byte chunks are
// swizzled, in pieces of `piece` bytes, which is what the matrix's alignment allows. Outside of the matrix are zeros, and
// nothing is read there.
//
// A thread has the same piece of every row_step-th row. Its place in a tile follows from its number alone; what a row of
// tiles adds is worked out once, by enter().
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/array.hpp"
#include "kernels/base/swizzle.hpp"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::tile {

template <u32 rows, u32 span, u32 piece, u32 threads>
class tile_loader {
 public:
  static constexpr u32 bytes = rows * span;
  static constexpr bool asynchronous = piece >= 4;

  // The tiles to come begin at row `row`.
  GEMMACT_FN void enter(const byte_matrix& from, u32 row) {
    const u32 own = row + first_row();
    rows_left_ = own < from.rows ? from.rows - own : 0;
    from_ = from.base + (i64(own) * from.row_bytes + i64(first_byte()));
  }

  // Starts copying the tile at byte `byte` of its rows. If asynchronous, the caller commits.
  GEMMACT_FN void load(shared_address to, const byte_matrix& from, u32 byte) const {
    const u32 own = byte + first_byte();
    const u32 left = own < from.width ? from.width - own : 0;
    const u32 valid = left < piece ? left : piece;
    const global_address at = from_ + i64(byte);
    const i64 step_bytes = from.row_bytes * row_step;
    if constexpr (asynchronous) copy_async(to, at, step_bytes, valid);
    else copy_plain(to, at, step_bytes, valid);
  }

 private:
  static constexpr u32 pieces_per_row = span / piece, row_step = threads / pieces_per_row;
  static constexpr int count = int(ceil_div(rows, row_step));  // pieces of a thread
  static_assert(threads % pieces_per_row == 0 && (row_step & (row_step - 1)) == 0 && (rows & (rows - 1)) == 0,
                "powers of two: a thread's rows share the bits that they do not differ in");

  static GEMMACT_FN u32 first_row() { return arch::thread_index() / pieces_per_row; }
  static GEMMACT_FN u32 first_byte() { return arch::thread_index() % pieces_per_row * piece; }

  // Where piece `i` goes. The row's own bits and the step's are apart, and so are their swizzled offsets.
  static GEMMACT_FN u32 offset(int i) {
    const u32 own = swizzle<span>(first_row() * span + first_byte()), more = swizzle<span>(u32(i) * row_step * span);
    if constexpr (row_step % 8 == 0) return own + more;
    else return own ^ more;
  }
  // Of fewer rows than the threads have, some threads have none.
  static GEMMACT_FN bool has_row() { return row_step <= rows || first_row() < rows; }
  GEMMACT_FN bool inside(int i) const { return u32(i) * row_step < rows_left_; }

  GEMMACT_FN void copy_async(shared_address to, global_address at, i64 step_bytes, u32 valid) const {
    if (!has_row()) return;
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) {
      arch::cp_async<piece>(to + offset(i), at, inside(i) ? valid : 0);
      at = at + step_bytes;
    }
  }

  // Some loads under way before the first is waited for.
  GEMMACT_FN void copy_plain(shared_address to, global_address at, i64 step_bytes, u32 valid) const {
    if (!has_row()) return;
    constexpr int batch = count < 8 ? count : 8;
    GEMMACT_UNROLL
    for (int first = 0; first < count; first += batch) {
      array<u16, batch> values;
      GEMMACT_UNROLL
      for (int i = 0; i < batch; ++i) {
        values[i] = inside(first + i) && valid != 0 ? arch::load_global_readonly<u16>(at) : u16(0);
        at = at + step_bytes;
      }
      GEMMACT_UNROLL
      for (int i = 0; i < batch; ++i) arch::store_shared(to + offset(first + i), values[i]);
    }
  }

  global_address from_;
  u32 rows_left_ = 0;  // from this thread's first row on
};

}  // namespace gemmact::tile
