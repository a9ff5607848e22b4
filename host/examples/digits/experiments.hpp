// What the literature says of gradients in deep networks, tried.
#pragma once
#include "host/examples/digits/depth_chart.hpp"
#include "host/examples/digits/training.hpp"

namespace examples {

// Layers of the chain and units of each; below the last one, each passes the gradient through its function and weights.
inline constexpr int chain_layers = 10, chain_units = 64;

// The norm of the loss's gradient by each layer's z in a deep chain, before and after it is trained.
depth_curve depth_of(const device& where, const layer_kind& like, const digit_inputs& train_on,
                     const digit_inputs& held_out, const training& how);

}  // namespace examples
