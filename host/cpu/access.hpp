// How the CPU device's kernels reach a run's tensors.
#pragma once
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

// A run: the problem, its pointers, the instruction set's loops.
struct run_view {
  const core::problem* p;
  const core::run_operands* operands;
  const gemmact_isa::isa* isa;

  place find(uint32_t slot, uint32_t index = 0) const {
    const core::tensor* t = p->find(slot, index);
    return t == nullptr ? place{} : place{t, static_cast<char*>(operands->data[t->binding])};
  }
  // `count` elements of row i from column j, as f32 (a matrix, or a vector spread over one).
  void load(const place& from, int64_t b, int64_t i, int64_t j, int64_t count, float* out) const {
    isa->row->load(from.at(b, i, j), int(from.t->type), from.t->col_stride, out, size_t(count));
  }
  void store(const float* in, const place& to, int64_t b, int64_t i, int64_t j, int64_t count) const {
    isa->row->store(in, to.at(b, i, j), int(to.t->type), to.t->col_stride, size_t(count));
  }
  float scalar(const place& from, int64_t b, int64_t i = 0, int64_t j = 0) const {
    float v;
    load(from, b, i, j, 1, &v);
    return v;
  }
};

// Hands out pieces of a workspace, each aligned to 64 bytes; with no base it only adds up.
class carver {
 public:
  explicit carver(void* base) : base_(static_cast<char*>(base)) {}
  template <class T>
  T* take(int64_t count) {
    char* at = base_ == nullptr ? nullptr : base_ + used_;
    used_ += (count * int64_t(sizeof(T)) + 63) / 64 * 64;
    return reinterpret_cast<T*>(at);
  }
  int64_t used() const { return used_; }

 private:
  char* base_;
  int64_t used_ = 0;
};

}  // namespace gemmact::cpu
