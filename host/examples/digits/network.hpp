// A network in mixed precision: weights, activations and gradients in bf16, sums and what is learnt in f32. Each layer is
// one launch forward and two backward: the gradient of its weights, and what reaches the layer below, through that
// layer's function, with the sums for its bias and its parameters.
#pragma once
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/examples/digits/device.hpp"

namespace examples {

inline uint16_t to_bf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return value != value ? 0x7fc0 : uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
inline float from_bf16(uint16_t value) {
  const uint32_t bits = uint32_t(value) << 16;
  float wide;
  std::memcpy(&wide, &bits, sizeof wide);
  return wide;
}

struct layer_kind {
  std::string activation;  // none for a maxout
  int64_t units;
  gemmact_combine combine = GEMMACT_PLAIN;
  int64_t pieces = 1;  // products of a unit: 2 when gated
  float gain = 2;      // weights begin with a variance of gain / inputs

  std::string name() const;  // "swish, gated"
};

// Whether a function reads targets, as hinge does: such a one is for the last layer.
bool takes_targets(const std::string& activation);

// A tensor of a layer on the device.
struct stored {
  gemmact::tensor layout{};
  size_t bytes = 0;
  std::shared_ptr<void> memory;
};

// Numbers that are learnt: in f32 here, on the device as the layer reads them, and their gradient.
struct learnt {
  stored operand, gradient;
  std::vector<float> value, slope;   // slope: the gradient, once read
  std::vector<float> mean, squared;  // of the slopes so far
};

class network {
 public:
  // `batch` inputs at most at a time. Throws gemmact::error where the device refuses a layer.
  network(const device& where, int64_t inputs, const std::vector<layer_kind>& kinds, int64_t batch, uint32_t seed);

  // Elements from one row of a matrix to the next, of that many columns: whole pieces of 16 bytes.
  static int64_t row_of(int64_t columns) { return (columns + 7) / 8 * 8; }

  // Scores of each class for `rows` inputs, bf16, row_of(inputs) from one to the next. A last layer that takes targets gets
  // 1 for an input's label and -1 else; without labels -1, for which a hinge gives the more, the likelier the class.
  const std::vector<float>& forward(const uint16_t* x, int64_t rows, const std::vector<uint8_t>& labels = {});
  // From the gradient of the scores of a whole batch, f32, to that of everything that is learnt, in `slope`.
  void backward(const std::vector<float>& score_gradient);
  bool has_targets() const { return !layers_.back().head.empty(); }
  // The learnt values, after they have changed.
  void store_learnt();

  size_t depth() const { return layers_.size(); }
  int64_t batch() const { return batch_; }
  int64_t score_row() const { return row_of(layers_.back().kind.units); }
  int64_t units(size_t at) const { return layers_[at].kind.units; }
  std::vector<learnt>& weights(size_t at) { return layers_[at].weights; }
  // Everything of a layer: weights, biases, then parameters of its function.
  std::vector<learnt*> all_learnt(size_t at);
  // A hidden layer's output for the last inputs, bf16, row_of(units) from one to the next.
  std::vector<uint16_t> output(size_t at, int64_t rows) const;
  // The Frobenius norm of the loss's gradient with respect to a layer's z, of the last backward; no maxout.
  double gradient_norm(size_t at) const;
  // What forward leaves for backward in all layers, beside their outputs.
  size_t kept_bytes() const;

 private:
  struct layer {
    layer_kind kind;
    int64_t inputs;
    std::vector<learnt> weights, biases, parameters;
    stored y;
    std::vector<stored> kept;
    std::vector<stored> dz;    // one a product; of a maxout that of its output
    std::vector<stored> head;  // targets and dY, where the last layer's function takes targets
    std::optional<bound_plan> forward, activation_grad, weight_grad, input_grad;
  };

  stored matrix(gemmact_type type, int64_t rows, int64_t columns) const;
  learnt make_learnt(gemmact_type type, gemmact_extent extent, int64_t rows, int64_t columns) const;
  void make_layer(const layer_kind& kind, int64_t inputs, bool last, uint32_t seed);
  void plan_forward(layer& l, const stored& x, bool last);
  void plan_head_grad(layer& l);
  void plan_weight_grad(layer& l, const stored& x, bool last);
  void plan_input_grad(layer& l, layer& below);

  const device& device_;
  int64_t batch_;
  stored x_;
  std::vector<layer> layers_;
  std::vector<float> scores_, targets_;
  std::vector<uint16_t> score_gradient_;
};

}  // namespace examples
