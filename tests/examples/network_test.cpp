// The network of example_digits: the gradients that it puts together are those of its loss.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "host/examples/digits/chance.hpp"
#include "host/examples/digits/training.hpp"

namespace gemmact::test {
namespace {

using examples::layer_kind;
using examples::network;

constexpr int64_t inputs = 40, batch = 64;

struct sample {
  std::vector<uint16_t> x;
  std::vector<uint8_t> labels;

  explicit sample(uint32_t seed) : x(size_t(batch * network::row_of(inputs))) {
    examples::chance random(seed);
    for (uint16_t& value : x) value = examples::to_bf16(random.normal());
    for (int64_t i = 0; i < batch; ++i) labels.push_back(uint8_t(random.below(10)));
  }
};

double loss_of(network& net, const sample& s, std::vector<float>& gradient) {
  net.store_learnt();
  return examples::loss(net.forward(s.x.data(), batch, s.labels), net, s.labels, gradient);
}

// For each learnt tensor: how much the loss changes along its gradient, over what the gradient promises. Weights are
// rounded to bf16 on the way, so a step has to be long, and the change is of many weights together.
void expect_gradients(const std::vector<layer_kind>& kinds) {
  const examples::device cpu("cpu");
  network net(cpu, inputs, kinds, batch, 5);
  const sample s(6);
  std::vector<float> gradient, unused;
  loss_of(net, s, gradient);
  net.backward(gradient);
  for (size_t layer = 0; layer < net.depth(); ++layer) {
    size_t number = 0;
    for (examples::learnt* l : net.all_learnt(layer)) {
      double square = 0;
      for (const float slope : l->slope) square += double(slope) * slope;
      ASSERT_GT(square, 0) << kinds[0].name() << " layer " << layer << " tensor " << number;
      const std::vector<float> at = l->value;
      const auto moved = [&](double by) {
        for (size_t i = 0; i < at.size(); ++i) l->value[i] = float(at[i] + by * l->slope[i]);
        return loss_of(net, s, unused);
      };
      // A change of the loss of 0.06 if it can be had: from a distance that bf16 can tell to one where the loss is a line.
      const double norm = std::sqrt(square), step = std::clamp(0.03 / norm, 0.02, 0.15) / norm;
      const double seen = (moved(step) - moved(-step)) / (2 * step * square);
      l->value = at;
      EXPECT_NEAR(seen, 1, 0.12) << kinds[0].name() << " layer " << layer << " tensor " << number;
      ++number;
    }
  }
}

const layer_kind scores{"linear", 10};

TEST(network, its_gradients_are_those_of_its_loss) {
  for (const char* f : {"relu", "sigmoid", "tanh", "gelu", "softplus", "leaky_relu(slope=0.3)"})
    expect_gradients({{f, 48}, {f, 40}, scores});
}

TEST(network, parameters_are_learnt_too) {
  for (const char* f : {"prelu", "swish(beta=1.5)", "linear(c=0.7)"}) {
    const examples::device cpu("cpu");
    network net(cpu, inputs, {{f, 48}, scores}, batch, 5);
    ASSERT_EQ(net.all_learnt(0).size(), 3u) << f;
    expect_gradients({{f, 48}, {f, 40}, scores});
  }
}

TEST(network, gated_and_maxout_layers_stand_above_and_below_each_other) {
  const layer_kind gated{"swish", 40, GEMMACT_GATED, 2, 1}, maxout{"", 40, GEMMACT_MAXOUT, 3};
  expect_gradients({gated, gated, scores});
  expect_gradients({maxout, maxout, scores});
  expect_gradients({gated, maxout, scores});
  expect_gradients({maxout, gated, {"relu", 33}, scores});
}

TEST(network, a_hinge_is_a_head) {
  expect_gradients({{"relu", 48}, {"hinge", 10}});
  expect_gradients({{"", 48, GEMMACT_MAXOUT, 2}, {"hinge", 10}});
}

// Outputs that backward needs are those of the layer itself, not copies.
TEST(network, what_is_kept_is_what_is_needed) {
  const examples::device cpu("cpu");
  const auto kept = [&](const layer_kind& hidden) {
    return network(cpu, inputs, {hidden, scores}, batch, 1).kept_bytes();
  };
  EXPECT_EQ(kept({"relu", 64}), size_t(batch * 64 / 8));
  EXPECT_EQ(kept({"step", 64}), 0u);
  EXPECT_EQ(kept({"tanh", 64}), 0u);
  EXPECT_EQ(kept({"gelu", 64}), size_t(batch * 64 * 2));
  EXPECT_EQ(kept({"", 64, GEMMACT_MAXOUT, 4}), size_t(batch * 64));
  EXPECT_EQ(kept({"swish", 64, GEMMACT_GATED, 2}), size_t(2 * batch * 64 * 2));
}

TEST(training, dead_units_are_counted) {
  const examples::digit_set digits = examples::draw_digits(100, 9);
  const examples::digit_inputs given(digits, digits);
  const examples::device cpu("cpu");
  network net(cpu, given.size, {{"relu", 24}, scores}, 64, 2);
  EXPECT_LT(examples::judge(net, given).dead_units, 0.1);
  for (const size_t unit : {1, 5, 23}) net.all_learnt(0)[1]->value[unit] = -1e6f;
  net.store_learnt();
  const double dead = examples::judge(net, given).dead_units;
  for (float& bias : net.all_learnt(0)[1]->value) bias = -1e6f;
  net.store_learnt();
  EXPECT_GE(dead, 3.0 / 24);
  EXPECT_LT(dead, 5.0 / 24);
  EXPECT_EQ(examples::judge(net, given).dead_units, 1);
}

TEST(training, the_same_seed_learns_the_same) {
  const examples::digit_set digits = examples::draw_digits(400, 9);
  const examples::digit_inputs given(digits, digits);
  const examples::device cpu("cpu");
  const auto learnt = [&](uint32_t seed) {
    network net(cpu, given.size, {{"swish", 32}, scores}, 64, seed);
    examples::train(net, given, {.steps = 20, .rate = 3e-3f, .seed = seed, .progress = {}});
    return net.weights(0)[0].value;
  };
  EXPECT_EQ(learnt(1), learnt(1));
  EXPECT_NE(learnt(1), learnt(2));
}

}  // namespace
}  // namespace gemmact::test
