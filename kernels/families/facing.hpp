// A layer's operation as a kernel sees it that multiplies and writes rows: D = A B^T, summed over a depth.
//
//                D             A              B             depth
//   forward      Y     m x n   X     m x k    W    n x k    k      of a gated pair or a maxout: B has a part for each product
//   input_grad   dX    m x k   dZ    m x n    W^T  k x n    n      of several products: summed over pairs of A and B, too
//   weight_grad  dW    n x k   dZ^T  n x m    X^T  k x m    m      one for each product; summed over the batch if asked
//
// (of a maxout, dY where a piece has won takes dZ's place; with a layer below, its dZ takes dX's.) Where D is column-major
// the kernel computes its transpose, whose rows are D's columns: B takes A's place, and what there was one of a column
// there is one of a row.
#pragma once
#include <algorithm>
#include <utility>

#include "kernels/families/family.hpp"

namespace gemmact::families {

// Whether an operand's rows have their elements side by side; else its columns have. A single row or column may be taken as
// both, but not where results must not depend on how many there are.
inline bool by_rows(const layer& l, const operand& o) {
  return l.batch_invariant ? !o.column_major : o.col_stride == 1 || o.cols == 1;
}

// A or B. Its lines have their elements side by side: along the depth, or along its rows.
struct factor {
  const operand* of = nullptr;  // of the first product; the others' are laid out alike (refuse_unlike)
  bool transposed = false;      // its rows are the operand's columns
  bool along_depth = true;

  element type() const { return of->type; }
  i64 row_stride() const { return transposed ? of->col_stride : of->row_stride; }
  i64 depth_stride() const { return transposed ? of->row_stride : of->col_stride; }
  i64 line_stride() const { return along_depth ? row_stride() : depth_stride(); }
  i64 rows() const { return transposed ? of->cols : of->rows; }
  i64 depth() const { return transposed ? of->rows : of->cols; }
  i64 lines() const { return along_depth ? rows() : depth(); }
};

inline factor factor_of(const layer& l, slot what, bool transposed) {
  const operand* o = l.find(what);
  if (!transposed) return {o, false, by_rows(l, *o)};
  const bool down = l.batch_invariant ? o->column_major
                                      : (o->row_stride == 1 || o->rows == 1) && (o->col_stride != 1 || o->cols == 1);
  return {o, true, down};
}

// The matrix D that decides how the kernel goes. Of activation_grad, which may write some of a maxout's dZ or sums alone,
// dY stands in for it.
inline const operand& written(const layer& l) {
  if (l.what == operation::forward) return *l.find(slot::y);
  if (l.what == operation::weight_grad) return *l.find(slot::dw);
  if (const operand* below = l.find(slot::dz, 0, true)) return *below;
  if (l.what == operation::input_grad) return *l.find(slot::dx);
  const auto first =
      std::find_if(l.operands.begin(), l.operands.end(), [](const operand& o) { return o.what == slot::dz; });
  return first != l.operands.end() ? *first : *l.find(slot::dy);
}

// Whether an operand is multiplied (or says which of a maxout's products dY is of); else it is the epilogue's.
inline bool is_factor(const layer& l, const operand& o) {
  if (o.below || o.output) return false;
  if (l.what == operation::forward) return o.what == slot::x || o.what == slot::w;
  if (o.what == slot::dz || o.what == slot::dy || o.what == slot::kept) return l.what != operation::activation_grad;
  return o.what == (l.what == operation::input_grad ? slot::w : slot::x);
}

// dZ of this layer, or what it is made from.
inline slot incoming(const layer& l) { return l.combined == combine::maxout ? slot::dy : slot::dz; }

// Whether A is dY, an element of which counts for the product that has won there.
inline bool is_masked(const layer& l) {
  return l.combined == combine::maxout && (l.what == operation::input_grad || l.what == operation::weight_grad);
}

inline const char* name_of_factor(const factor& f) {
  switch (f.of->what) {
    case slot::x:
      return "X";
    case slot::w:
      return "W";
    case slot::dz:
      return "DZ";
    default:
      return "DY";
  }
}

class facing {
 public:
  explicit facing(const layer& l) : l_(l) {
    if (l.what == operation::forward) a_ = factor_of(l, slot::x, false), b_ = factor_of(l, slot::w, false);
    if (l.what == operation::input_grad) a_ = factor_of(l, incoming(l), false), b_ = factor_of(l, slot::w, true);
    if (l.what == operation::weight_grad) a_ = factor_of(l, incoming(l), true), b_ = factor_of(l, slot::x, true);
    turned_ = !by_rows(l, written(l)) && may_turn();
    if (turned_) std::swap(a_, b_);
  }

  bool turned() const { return turned_; }
  const factor& a() const { return a_; }
  const factor& b() const { return b_; }
  i64 rows(i64 m) const { return turned_ ? cols_of() : rows_of(m); }
  i64 cols(i64 m) const { return turned_ ? rows_of(m) : cols_of(); }
  i64 depth(i64 m) const { return l_.what == operation::forward ? l_.k : l_.what == operation::input_grad ? l_.n : m; }
  // Of the plan, where VARIABLE_M lets them differ.
  i64 rows() const { return rows(l_.m); }
  i64 cols() const { return cols(l_.m); }
  i64 depth() const { return depth(l_.m); }
  // Whether a factor's length along its lines is the run's m.
  bool varies(const factor& f) const {
    const bool m_is_depth = l_.what == operation::weight_grad,
               m_is_rows = !m_is_depth && f.of == (turned_ ? b_ : a_).of;
    return f.along_depth ? m_is_depth : m_is_rows;
  }

  // Products that have their parts of B and of the sums beside each other; that are summed; that have a D each.
  int parts() const { return l_.what == operation::forward ? l_.pieces : 1; }
  int pairs() const { return l_.what == operation::input_grad ? l_.pieces : 1; }
  int outputs() const { return l_.what == operation::weight_grad ? l_.pieces : 1; }
  // Whether the batch's entries are summed, too, and how many are not.
  bool sums_batch() const { return l_.what == operation::weight_grad && l_.batch > 1 && written(l_).batch_stride == 0; }
  i64 entries() const { return sums_batch() ? 1 : l_.batch; }
  // Stretches of the depth, each with its own A and B.
  i64 segments() const { return sums_batch() ? l_.batch : pairs(); }

  extent spread_of(const operand& o) const {
    if (!turned_ || o.spread == extent::each || o.spread == extent::scalar) return o.spread;
    return o.spread == extent::per_row ? extent::per_column : extent::per_row;
  }
  i64 row_stride(const operand& o) const { return turned_ ? o.col_stride : o.row_stride; }
  i64 col_stride(const operand& o) const { return turned_ ? o.row_stride : o.col_stride; }

 private:
  i64 rows_of(i64 m) const { return l_.what == operation::weight_grad ? l_.n : m; }
  i64 cols_of() const { return l_.what == operation::forward || l_.what == operation::activation_grad ? l_.n : l_.k; }

  // Bits are kept by rows alone, sums are by columns of D or by rows of A, winners belong to A, and parts to B. There a
  // column-major D is written as it is, an element at a time.
  bool may_turn() const {
    if (l_.combined == combine::maxout || parts() > 1) return false;
    return std::none_of(l_.operands.begin(), l_.operands.end(), [](const operand& o) {
      return o.type == element::bit || o.what == slot::dbias || o.what == slot::dparam;
    });
  }

  const layer& l_;
  factor a_, b_;
  bool turned_ = false;
};

inline i64 element_bytes(element type) {
  return type == element::f32 || type == element::bit ? 4 : type == element::f16 || type == element::bf16 ? 2 : 1;
}

// The largest piece, 16 bytes down to an element, that every line of these two factors, of all products, and of each of
// their batch entries consists of from its start on. Of indices beside A's elements, there are as many in it.
inline i64 common_piece(const layer& l, const factor& a, const factor& b) {
  u64 all = 16;
  const auto add = [&](const factor& f, i64 bytes) {
    for (const operand& o : l.operands)
      if (o.what == f.of->what && !o.below) all |= u64(o.align_bytes) * u64(bytes / element_bytes(f.type()));
    if (f.lines() > 1) all |= u64(f.line_stride() * bytes);
    if (l.batch > 1) all |= u64(f.of->batch_stride * bytes);
  };
  for (const factor* f : {&a, &b}) add(*f, element_bytes(f->type()));
  if (is_masked(l)) add(factor_of(l, slot::kept, a.transposed), element_bytes(a.type()));
  return i64(std::max(all & (~all + 1), u64(element_bytes(a.type()))));
}

// Why the operands of several products cannot be told apart by their addresses alone, or nothing.
inline std::string refuse_unlike(const layer& l) {
  constexpr slot of_each[] = {slot::w, slot::bias, slot::c, slot::scale_w, slot::kept, slot::dz, slot::dw};
  const auto alike = [](const operand& a, const operand& b) {
    return a.type == b.type && a.spread == b.spread && a.row_stride == b.row_stride && a.col_stride == b.col_stride &&
           a.batch_stride == b.batch_stride && a.column_major == b.column_major;
  };
  for (const operand& o : l.operands) {
    if (std::find(std::begin(of_each), std::end(of_each), o.what) == std::end(of_each)) continue;
    const auto first = std::find_if(l.operands.begin(), l.operands.end(), [&](const operand& other) {
      return other.what == o.what && other.below == o.below;
    });
    if (!alike(*first, o)) return "the products of a pair or of a maxout must have tensors of one type and layout";
  }
  for (const slot s : {slot::bias, slot::c, slot::scale_w}) {
    const auto listed =
        std::count_if(l.operands.begin(), l.operands.end(), [&](const operand& o) { return o.what == s; });
    if (listed != 0 && listed != l.pieces)
      return "all products of a pair or of a maxout must have a bias, C or scale, or none of them";
  }
  return "";
}

// The tensor that gives a parameter of the activation, or null: then it is a number.
inline const operand* parameter_of(const layer& l, int i, bool below = false) {
  const function& f = below ? l.below : l.activation;
  if (i == f.target) return l.find(slot::target, 0, below);
  const operand* o = l.find(slot::operand, u32(i), below);
  return o != nullptr ? o : l.find(slot::param, u32(i), below);
}

// Whether an epilogue reads a matrix that kernels bring to the second-level cache while they multiply: as rows of D.
inline bool is_read_ahead(const layer& l, const operand& o) {
  if (is_factor(l, o) || o.spread != extent::each || facing(l).outputs() > 1) return false;
  return (&o == &written(l) ? o.accumulate : !o.output) && (o.type == element::bit || facing(l).col_stride(o) == 1);
}

}  // namespace gemmact::families
