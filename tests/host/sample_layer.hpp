// Small problems to start a test from: valid as they are, and easy to spoil in one place.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::test {

struct sample_layer {
  gemmact_problem problem{};
  std::vector<gemmact_tensor> tensors;

  explicit sample_layer(gemmact_operation operation, const char* activation = nullptr) {
    problem.struct_bytes = sizeof problem;
    problem.operation = operation;
    problem.m = 5;
    problem.n = 7;
    problem.k = 3;
    problem.activation = activation;
    problem.tensor_bytes = sizeof(gemmact_tensor);
  }

  sample_layer& add(uint32_t slot, gemmact_type type = GEMMACT_F32, gemmact_extent extent = GEMMACT_EACH,
                    uint32_t index = 0) {
    gemmact_tensor t{};
    t.slot = slot;
    t.index = index;
    t.type = type;
    t.extent = extent;
    tensors.push_back(t);
    return *this;
  }

  gemmact_tensor& at(uint32_t slot, uint32_t index = 0) {
    return *std::find_if(tensors.begin(), tensors.end(),
                         [&](const gemmact_tensor& t) { return t.slot == slot && t.index == index; });
  }

  void drop(uint32_t slot, uint32_t index = 0) { tensors.erase(tensors.begin() + (&at(slot, index) - tensors.data())); }

  // Points the problem at its tensors; a test that wants another count or pointer changes them after.
  gemmact_problem* link() {
    problem.tensors = tensors.data();
    problem.tensor_count = tensors.size();
    return &problem;
  }
};

inline sample_layer forward_layer(const char* activation = "relu") {
  sample_layer l(GEMMACT_FORWARD, activation);
  return l.add(GEMMACT_X).add(GEMMACT_W).add(GEMMACT_BIAS, GEMMACT_F32, GEMMACT_PER_COLUMN).add(GEMMACT_Y);
}

inline sample_layer activation_grad_layer(const char* activation = "relu", gemmact_type kept = GEMMACT_BIT) {
  sample_layer l(GEMMACT_ACTIVATION_GRAD, activation);
  return l.add(GEMMACT_DY).add(GEMMACT_KEPT, kept).add(GEMMACT_DZ);
}

inline sample_layer input_grad_layer() {
  sample_layer l(GEMMACT_INPUT_GRAD);
  return l.add(GEMMACT_DZ).add(GEMMACT_W).add(GEMMACT_DX);
}

inline sample_layer below_layer(const char* below = "relu", gemmact_type kept = GEMMACT_BIT) {
  sample_layer l = input_grad_layer();
  l.problem.below = below;
  return l.add(GEMMACT_BELOW | GEMMACT_KEPT, kept).add(GEMMACT_BELOW | GEMMACT_DZ);
}

inline sample_layer weight_grad_layer() {
  sample_layer l(GEMMACT_WEIGHT_GRAD);
  return l.add(GEMMACT_DZ).add(GEMMACT_X).add(GEMMACT_DW);
}

inline sample_layer gated_layer(const char* activation = "swish") {
  sample_layer l(GEMMACT_FORWARD, activation);
  l.problem.combine = GEMMACT_GATED;
  return l.add(GEMMACT_X).add(GEMMACT_W).add(GEMMACT_W, GEMMACT_F32, GEMMACT_EACH, 1).add(GEMMACT_Y);
}

inline sample_layer maxout_layer(uint32_t pieces = 2) {
  sample_layer l(GEMMACT_FORWARD);
  l.problem.combine = GEMMACT_MAXOUT;
  l.problem.pieces = pieces;
  l.add(GEMMACT_X).add(GEMMACT_Y);
  for (uint32_t i = 0; i < pieces; ++i) l.add(GEMMACT_W, GEMMACT_F32, GEMMACT_EACH, i);
  return l;
}

// The CPU device alone sums a bias' gradient by row.
inline sample_layer layer_for_no_gpu() { return weight_grad_layer().add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_ROW); }

// Memory for a run of a layer: one poisoned page-aligned buffer a tensor, generous for the sizes that tests use.
class sample_run {
 public:
  static constexpr size_t buffer_bytes = 1 << 16;
  static constexpr unsigned char poison = 0xA5;

  explicit sample_run(const sample_layer& layer, size_t buffer = buffer_bytes) : each_(buffer) {
    const size_t count = layer.tensors.size() + 1;  // the last is the workspace
    memory_.reset(static_cast<unsigned char*>(std::aligned_alloc(4096, count * each_)));
    std::memset(memory_.get(), poison, count * each_);
    for (size_t i = 0; i + 1 < count; ++i)
      bindings.push_back({layer.tensors[i].slot, layer.tensors[i].index, memory_.get() + i * each_});
    workspace = memory_.get() + (count - 1) * each_;
    operands.struct_bytes = sizeof operands;
    operands.binding_bytes = sizeof(gemmact_binding);
    link();
  }

  gemmact_operands* link() {
    operands.bindings = bindings.data();
    operands.count = bindings.size();
    return &operands;
  }

  gemmact_binding& at(uint32_t slot, uint32_t index = 0) {
    return *std::find_if(bindings.begin(), bindings.end(),
                         [&](const gemmact_binding& b) { return b.slot == slot && b.index == index; });
  }

  // Has nothing been written anywhere?
  bool untouched() const {
    const unsigned char* end = static_cast<unsigned char*>(workspace) + each_;
    return std::all_of(memory_.get(), const_cast<unsigned char*>(end), [](unsigned char c) { return c == poison; });
  }

  std::vector<gemmact_binding> bindings;
  gemmact_operands operands{};
  void* workspace = nullptr;

 private:
  struct release {
    void operator()(unsigned char* memory) const { std::free(memory); }
  };
  size_t each_;
  std::unique_ptr<unsigned char, release> memory_;
};

}  // namespace gemmact::test
