// How the CPU device's kernels reach a run's tensors.
#pragma once
#include <algorithm>
#include <cstdint>

#include "host/core/problem.hpp"
#include "host/cpu/isa_abi.hpp"

namespace gemmact::cpu {

// The largest tile: rows x columns of an output that a task holds in its cache, and the depth that is packed at a time.
// Columns of a block start at multiples of 32, so that no two tasks share a word of a bit mask.
inline constexpr int64_t tile_rows = 256, tile_cols = 384, tile_depth = 512;

inline int64_t element_bytes(gemmact_type type) { return core::type_bytes(type, 1); }

// One run's tensor: null when the problem does not list it.
struct place {
  const core::tensor* t = nullptr;
  char* data = nullptr;

  explicit operator bool() const { return t != nullptr; }
  // One value a column, the same in every row; one value a row.
  bool by_column() const { return t != nullptr && t->row_stride == 0 && t->col_stride != 0; }
  bool by_row() const { return t != nullptr && t->row_stride != 0 && t->col_stride == 0; }
  // Element (i, j) of batch entry b; of a bit mask, the word that has it.
  void* at(int64_t b, int64_t i, int64_t j) const {
    const int64_t element = b * t->batch_stride + i * t->row_stride + j * t->col_stride;
    return data + (t->type == GEMMACT_BIT ? element / 8 : element * element_bytes(t->type));
  }
  gemmact_isa::view view(int64_t b, int64_t i, int64_t j, bool tf32) const {
    return {at(b, i, j), int(t->type), t->row_stride, t->col_stride, tf32 && t->type == GEMMACT_F32};
  }
  // A view with rows and columns exchanged.
  gemmact_isa::view transposed(int64_t b, int64_t i, int64_t j, bool tf32) const {
    return {at(b, i, j), int(t->type), t->col_stride, t->row_stride, tf32 && t->type == GEMMACT_F32};
  }
};

// Rows [i, i + rows) of columns [j, j + cols) of batch entry b, which a thread handles together: in scratch, rows are `ld`
// apart, and elementwise steps run over count() values at once, the gaps between the rows included.
struct strip {
  int64_t b = 0, i = 0, rows = 1, j = 0, cols = 0, ld = 0;
  int64_t count() const { return (rows - 1) * ld + cols; }
};

// How many rows of short length go into a strip: enough to make a call's cost small, few enough for the first-level cache.
inline int64_t strip_rows(int64_t ld) { return ld >= 1024 ? 1 : 1024 / ld; }

// A run: the problem, its pointers, the instruction set's loops.
struct run_view {
  const core::problem* p;
  const core::run_operands* operands;
  const gemmact_isa::isa* isa;

  place find(uint32_t slot, uint32_t index = 0) const {
    const core::tensor* t = p->find(slot, index);
    return t == nullptr ? place{} : find(*t);
  }
  place find(const core::tensor& t) const { return {&t, static_cast<char*>(operands->data[t.binding])}; }
  // `count` elements of row i from column j, as f32 (a matrix, or a vector spread over one).
  void load(const place& from, int64_t b, int64_t i, int64_t j, int64_t count, float* out) const {
    isa->row->load(from.at(b, i, j), int(from.t->type), from.t->col_stride, out, size_t(count));
  }
  void store(const float* in, const place& to, int64_t b, int64_t i, int64_t j, int64_t count) const {
    isa->row->store(in, to.at(b, i, j), int(to.t->type), to.t->col_stride, size_t(count));
  }
  void load(const place& from, const strip& s, float* out) const {
    if (lies_as(from, s)) return load(from, s.b, s.i, s.j, s.count(), out);
    for (int64_t r = 0; r < s.rows; ++r) load(from, s.b, s.i + r, s.j, s.cols, out + r * s.ld);
  }
  void store(const float* in, const place& to, const strip& s) const {
    if (lies_as(to, s)) return store(in, to, s.b, s.i, s.j, s.count());
    for (int64_t r = 0; r < s.rows; ++r) store(in + r * s.ld, to, s.b, s.i + r, s.j, s.cols);
  }
  // Whether a strip without gaps lies in memory as in scratch.
  static bool lies_as(const place& p, const strip& s) {
    return s.cols == s.ld && p.t->col_stride == 1 && p.t->row_stride == s.ld;
  }
  // A vector by column, once a row of the strip.
  void load_repeated(const place& from, const strip& s, float* out) const {
    load(from, s.b, 0, s.j, s.cols, out);
    std::fill(out + s.cols, out + s.ld, 0.0f);
    for (int64_t r = 1; r < s.rows; ++r) std::copy_n(out, s.ld, out + r * s.ld);
  }
  float scalar(const place& from, int64_t b, int64_t i = 0, int64_t j = 0) const {
    float v;
    load(from, b, i, j, 1, &v);
    return v;
  }
};

// The product of sizes, or the largest number where that overflows.
template <class... Sizes>
int64_t saturating_product(Sizes... sizes) {
  int64_t product = 1;
  const bool overflow = (__builtin_mul_overflow(product, int64_t(sizes), &product) || ...);
  return overflow ? INT64_MAX : product;
}

// Hands out pieces of a workspace, each aligned to 64 bytes; with no base it only adds up, and stays at the largest
// number once a sum does not fit.
class carver {
 public:
  explicit carver(void* base) : base_(static_cast<char*>(base)) {}
  template <class T>
  T* take(int64_t count) {
    char* at = base_ == nullptr ? nullptr : base_ + used_;
    const int64_t bytes = saturating_product(count, sizeof(T));
    if (bytes > INT64_MAX - 63 || __builtin_add_overflow(used_, (bytes + 63) / 64 * 64, &used_)) used_ = INT64_MAX;
    return reinterpret_cast<T*>(at);
  }
  int64_t used() const { return used_; }

 private:
  char* base_;
  int64_t used_ = 0;
};

}  // namespace gemmact::cpu
