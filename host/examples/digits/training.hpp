// Training and judging a network of digits: softmax cross entropy and Adam, in plain loops.
#pragma once
#include <functional>
#include <vector>

#include "host/examples/digits/digit_set.hpp"
#include "host/examples/digits/network.hpp"

namespace examples {

// Digits as a network reads them: bf16, of mean 0 and deviation 1 over those that `like` has.
struct digit_inputs {
  int64_t count = 0, size = 0;  // size: inputs of a digit
  std::vector<uint16_t> rows;   // network::row_of(size) from one to the next
  std::vector<uint8_t> labels;

  digit_inputs(const digit_set& digits, const digit_set& like);
  const uint16_t* row(int64_t i) const { return rows.data() + i * network::row_of(size); }
};

inline constexpr int64_t batch_size = 128;  // digits a step

struct training {
  int64_t steps = 300;
  float rate = 3e-3f;  // of Adam at the beginning; it falls to 0 as a cosine
  uint32_t seed = 1;
  std::function<void(int64_t step, double loss)> progress;  // after each step; the batch's mean loss
};

struct training_result {
  double seconds_a_step = 0;
  std::vector<double> gradient_norms;  // by layer: of its weights' gradient, the mean over the steps
};

training_result train(network& net, const digit_inputs& digits, const training& how);

struct judgement {
  double accuracy = 0;    // share of the digits whose highest score is the right one
  double dead_units = 0;  // share of the hidden units that give the same output for every digit
};

judgement judge(network& net, const digit_inputs& digits);

// A new network, trained and judged.
struct outcome {
  judgement judged;
  training_result trained;
};
outcome outcome_of(const device& where, const std::vector<layer_kind>& layers, const digit_inputs& train_on,
                   const digit_inputs& held_out, const training& how);

// The mean loss of the digits with these labels and scores, and its gradient by score: softmax with cross entropy, or the
// sum of what a head with targets gives, which is a loss already.
double loss(const std::vector<float>& scores, const network& net, const std::vector<uint8_t>& labels,
            std::vector<float>& gradient);

// The gradient's norm by layer, of z, for the first batch of some digits.
std::vector<double> gradient_norms(network& net, const digit_inputs& digits);

}  // namespace examples
