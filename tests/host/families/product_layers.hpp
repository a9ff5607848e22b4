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

// m = n = k = 256, of bf16 but where the name says otherwise.
const std::vector<product_layer>& product_layers();

// Which of layer number `at`'s kernels a usual run compiles, of those whose threads hold so much: every second layer has one of
// those that hold most, the others one of the rest, in turn; of two, both.
std::vector<size_t> usual_kernels(const std::vector<uint32_t>& held, size_t at);

}  // namespace gemmact::test
