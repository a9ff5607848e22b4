// Layers of more than one product, and backward's, whose kernels are compiled and looked at.
#pragma once
#include <functional>
#include <vector>

#include "tests/host/sample_layer.hpp"

namespace gemmact::test {

struct product_layer {
  const char* name;
  std::function<sample_layer()> make;
};

// Of bf16, m = n = k = 256.
const std::vector<product_layer>& product_layers();

}  // namespace gemmact::test
