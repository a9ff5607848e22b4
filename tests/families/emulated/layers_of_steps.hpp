// Layers that have every step of the epilogue between them.
#pragma once
#include <vector>

#include "tests/layer/layer.hpp"

namespace gemmact::test {

// How the matrices lie that look like what is written, and whether they are promised to be aligned to 16 bytes. What is
// multiplied is aligned, as all families take it.
struct placement {
  listing like_y;
  bool aligned;
};

std::vector<layer> layers_of_forward(const placement&);
std::vector<layer> layers_of_products(const placement&);  // gates and maxouts
// input_grad with a layer below, or activation_grad.
std::vector<layer> layers_of_gradients(const placement&, gemmact_operation);


// Lists the tensors that give the parameters of four_parameters (tests/layer/equations.hpp); `side`: 0 or GEMMACT_BELOW.
void add_four(layer& l, uint32_t side);

}  // namespace gemmact::test
