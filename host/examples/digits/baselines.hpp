// What digits are worth without a hidden layer; accuracies are shares of the held-out ones.
#pragma once
#include "host/examples/digits/training.hpp"

namespace examples {

// The class whose mean picture is nearest.
double nearest_centroid_accuracy(const digit_set& train, const digit_set& held_out);

// Softmax regression: a network without a hidden layer.
double linear_accuracy(const device& where, const digit_inputs& train, const digit_inputs& held_out,
                       const training& how);

}  // namespace examples
