// A block copies tiles of a matrix into shared memory, in pieces of `piece` bytes, which is what the matrix's alignment
// allows: of 4 bytes or more asynchronously, smaller ones put together to words. Outside of the matrix are zeros, and
// nothing is read there. A tile is `rows` rows of a product's operand and `span` bytes along k; 16-byte chunks are swizzled.
//
//   along_k    the matrix's lines are the operand's rows: in shared memory `rows` lines of `span` bytes
//   otherwise  they run along the operand's rows: panels of `depth` lines, each as many rows as 128 bytes have, or all
//
// A thread has the same piece of every line_step-th line. Its place in a tile follows from its number alone; what a row of
// tiles adds is worked out once, by enter().
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/array.hpp"
#include "kernels/base/same.hpp"
#include "kernels/base/swizzle.hpp"
#include "kernels/tile/matrix_view.hpp"

namespace gemmact::tile {

// How an operand that does not lie along k is laid in shared memory.
template <u32 rows, u32 span, u32 element_bytes>
struct panels {
  static constexpr u32 depth = span / element_bytes;  // lines of a tile
  static constexpr u32 line_bytes = rows * element_bytes;
  static constexpr u32 width = line_bytes < 128 ? line_bytes : 128;  // of a panel's lines
  static constexpr u32 bytes = depth * width;
};

template <u32 rows, u32 span, u32 element_bytes, u32 piece, u32 threads, bool along_k>
class tile_loader {
 public:
  static constexpr u32 bytes = rows * span, piece_bytes = piece;
  static constexpr bool asynchronous = piece >= 4;

  // The tiles to come begin at row `row` of the operand, in the batch entry.
  GEMMACT_FN void enter(const byte_matrix& from, u32 batch, u32 row) {
    from_ = from.base + (i64(batch) * from.batch_bytes + i64(first_byte()));
    if constexpr (along_k) {
      const u32 own = row + first_line();
      left_ = own < from.rows ? from.rows - own : 0;
      from_ = from_ + i64(own) * from.row_bytes;
    } else {
      const u32 own = row * element_bytes + first_byte();
      left_ = own < from.width ? from.width - own : 0;
      from_ = from_ + (i64(first_line()) * from.row_bytes + i64(row) * i64(element_bytes));
    }
  }

  // Starts copying the tile `step` along k, of a matrix `more` bytes behind the one that was entered. If asynchronous, the
  // caller commits.
  GEMMACT_FN void load(shared_address to, const byte_matrix& from, u32 step, i64 more = 0) const {
    const i64 step_bytes = from.row_bytes * line_step;
    if constexpr (along_k) {
      const u32 byte = step * span, own = byte + first_byte(), left = own < from.width ? from.width - own : 0;
      copy(to, from_ + (i64(byte) + more), step_bytes, left_, left);
    } else {
      const u32 line = step * depth, own = line + first_line(), left = own < from.rows ? from.rows - own : 0;
      copy(to, from_ + (i64(line) * from.row_bytes + more), step_bytes, left, left_);
    }
  }

 private:
  using panel = panels<rows, span, element_bytes>;
  static constexpr u32 unit = asynchronous ? piece : 4;  // what a thread copies at once
  static constexpr u32 depth = panel::depth, lines = along_k ? rows : depth, line_bytes = bytes / lines;
  static constexpr u32 width = along_k ? span : panel::width;  // in shared memory
  static constexpr u32 units_per_line = line_bytes / unit, line_step = threads / units_per_line;
  static_assert(threads % units_per_line == 0 && (line_step & (line_step - 1)) == 0 && (lines & (lines - 1)) == 0,
                "powers of two: a thread's lines share the bits that they do not differ in");

  static GEMMACT_FN u32 first_line() { return arch::thread_index() / units_per_line; }
  static GEMMACT_FN u32 first_byte() { return arch::thread_index() % units_per_line * unit; }

 public:
  static constexpr int count = int(ceil_div(lines, line_step));  // units of a thread

  // Where unit `i` goes. The line's own bits and the step's are apart, and so are their swizzled offsets.
  static GEMMACT_FN u32 offset(int i) {
    const u32 byte = first_byte(), panel_offset = along_k ? 0 : byte / width * panel::bytes;
    const u32 own = swizzle<width>(first_line() * width + byte % width),
              more = swizzle<width>(u32(i) * line_step * width);
    if constexpr (line_step * width % 1024 == 0) return own + panel_offset + more;
    else return (own ^ more) + panel_offset;
  }
  // Of fewer lines than the threads have, some threads have none.
  static GEMMACT_FN bool has_line() { return line_step <= lines || first_line() < lines; }

 private:
  // From this thread's first line on there are `lines_left`, from its byte on `bytes_left`.
  static GEMMACT_FN void copy(shared_address to, global_address at, i64 step_bytes, u32 lines_left, u32 bytes_left) {
    if (!has_line()) return;
    const u32 valid = bytes_left < unit ? bytes_left : unit;
    const auto inside = [&](int i) { return u32(i) * line_step < lines_left ? valid : 0; };
    if constexpr (asynchronous) {
      GEMMACT_UNROLL
      for (int i = 0; i < count; ++i) {
        arch::cp_async<piece>(to + offset(i), at, inside(i));
        at = at + step_bytes;
      }
    } else {
      constexpr int together = count < 4 ? count : 4;  // words whose loads are under way before the first is waited for
      GEMMACT_UNROLL
      for (int first = 0; first < count; first += together) {
        array<word, together> words;
        GEMMACT_UNROLL
        for (int i = 0; i < together; ++i) {
          words[i].load(at, first + i < count ? inside(first + i) : 0);
          at = at + step_bytes;
        }
        GEMMACT_UNROLL
        for (int i = 0; i < together; ++i)
          if (first + i < count) arch::store_shared(to + offset(first + i), words[i].value());
      }
    }
  }

  // Four bytes as they are loaded, an element at a time.
  struct word {
    using part = select_type<piece == 1, u8, u16>;
    static constexpr int parts = 4 / int(sizeof(part));
    array<part, parts> held;

    GEMMACT_FN void load(global_address at, u32 valid) {
      GEMMACT_UNROLL
      for (int i = 0; i < parts; ++i)
        held[i] = (u32(i) + 1) * sizeof(part) <= valid ? arch::load_global_readonly<part>(at + i64(i * sizeof(part)))
                                                       : part(0);
    }
    GEMMACT_FN u32 value() const {
      u32 v = 0;
      GEMMACT_UNROLL
      for (int i = 0; i < parts; ++i) v |= u32(held[i]) << (8 * sizeof(part) * u32(i));
      return v;
    }
  };

  global_address from_;
  u32 left_ = 0;  // along k: lines from this thread's first on; otherwise bytes from its own on
};

}  // namespace gemmact::tile
