// Tensor maps for kernels with TMA, by the driver.
#pragma once
#include <string>

#include "host/cuda/context.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

class tensor_maps final : public families::map_encoder {
 public:
  // `context` must outlive it.
  explicit tensor_maps(const cuda::context& context) : context_(context) {}
  // Throws INTERNAL for a box that the driver refuses: a family asks for those alone that keep the rules of tensor_box.
  tensor_map encode(const families::tensor_box& box) const override;

 private:
  const cuda::context& context_;
};

// "bf16, 100 x 50 x 7 elements at 0x10000, strides of 208 and 10400 bytes, boxes of 64 x 32 x 1 with spans of 128 bytes"
std::string text_of(const families::tensor_box& box);

}  // namespace gemmact::plan
