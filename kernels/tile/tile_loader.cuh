// A block copies a tile of a row-major matrix into shared memory, `rows` rows of `span` bytes whose 16-byte chunks are
// swizzled, in pieces of `piece` bytes: what the matrix's alignment allows. Outside of the matrix are zeros, and nothing
// is read there.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/swizzle.hpp"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::tile {

template <u32 rows, u32 span, u32 piece, u32 threads>
struct tile_loader {
  static constexpr u32 pieces_per_row = span / piece, pieces = rows * pieces_per_row;
  static constexpr u32 bytes = rows * span;

  // The tile begins at row `row` and byte `byte`. Asynchronous for pieces of 4 bytes and more: the caller commits.
  static GEMMACT_FN void load(shared_address to, const byte_matrix& from, u32 row, u32 byte) {
#pragma unroll
    for (u32 first = 0; first < pieces; first += threads) {
      const u32 index = first + arch::thread_index();
      if (pieces % threads != 0 && index >= pieces) break;
      const u32 r = index / pieces_per_row, at = index % pieces_per_row * piece;
      copy(to + swizzle<span>(r * span + at), from, row + r, byte + at);
    }
  }

 private:
  static GEMMACT_FN void copy(shared_address to, const byte_matrix& from, u32 row, u32 byte) {
    const u32 left = row < from.rows && byte < from.width ? from.width - byte : 0;
    const u32 valid = left < piece ? left : piece;
    // Of nothing, any address will do that is aligned.
    const global_address at = valid == 0 ? from.base : from.base + (i64(row) * from.row_bytes + i64(byte));
    if constexpr (piece >= 4) {
      arch::cp_async<piece>(to, at, valid);
    } else {
      arch::store_shared(to, valid == 0 ? u16(0) : arch::load_global_readonly<u16>(at));
    }
  }
};

}  // namespace gemmact::tile
