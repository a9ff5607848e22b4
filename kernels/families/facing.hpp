// A layer as a kernel sees it that writes rows. Where Y is column-major, the kernel computes its transpose, whose rows are
// Y's columns: W takes X's place, and what there was one of a column there is one of a row.
#pragma once
#include <algorithm>

#include "kernels/families/family.hpp"

namespace gemmact::families {

// Whether an operand's rows have their elements side by side (X's and W's then lie along k); else its columns have. A single
// row or column may be taken as both, but not where results must not depend on how many there are.
inline bool by_rows(const layer& l, const operand& o) {
  return l.batch_invariant ? !o.column_major : o.col_stride == 1 || o.cols == 1;
}

class facing {
 public:
  // Bits are kept by rows of Y alone: beside them a column-major Y is written as it is, an element at a time.
  explicit facing(const layer& l) : l_(l) {
    const operand *y = l.find(slot::y), *kept = l.find(slot::kept);
    turned_ = !by_rows(l, *y) && (kept == nullptr || kept->type != element::bit);
  }

  bool turned() const { return turned_; }
  // The operands whose rows become the kernel's rows and columns, both `k` deep.
  const operand& a() const { return *l_.find(turned_ ? slot::w : slot::x); }
  const operand& b() const { return *l_.find(turned_ ? slot::x : slot::w); }
  i64 rows(i64 m) const { return turned_ ? l_.n : m; }
  i64 cols(i64 m) const { return turned_ ? m : l_.n; }

  extent spread_of(const operand& o) const {
    if (!turned_ || o.spread == extent::each || o.spread == extent::scalar) return o.spread;
    return o.spread == extent::per_row ? extent::per_column : extent::per_row;
  }
  i64 row_stride(const operand& o) const { return turned_ ? o.col_stride : o.row_stride; }
  i64 col_stride(const operand& o) const { return turned_ ? o.row_stride : o.col_stride; }

 private:
  const layer& l_;
  bool turned_ = false;
};

inline i64 element_bytes(element type) {
  return type == element::f32 || type == element::bit ? 4 : type == element::f16 || type == element::bf16 ? 2 : 1;
}

// The largest piece, 16 bytes down to an element, that every row, if it is contiguous, of these two operands and of each of
// their batch entries consists of from its start on.
inline i64 common_piece(const layer& l, const operand& a, const operand& b) {
  u64 all = 16;
  for (const operand* o : {&a, &b}) {
    const bool along_rows = by_rows(l, *o);
    const i64 bytes = element_bytes(o->type);
    all |= o->align_bytes;
    if ((along_rows ? o->rows : o->cols) > 1) all |= u64((along_rows ? o->row_stride : o->col_stride) * bytes);
    if (l.batch > 1) all |= u64(o->batch_stride * bytes);
  }
  return i64(std::max(all & (~all + 1), u64(element_bytes(a.type))));
}

// The tensor that gives a parameter of the activation, or null: then it is a number.
inline const operand* parameter_of(const layer& l, int i) {
  return i == l.activation.target ? l.find(slot::target) : l.find(slot::param, u32(i));
}

}  // namespace gemmact::families
