// A layer that is told by options alone, without arrays: for explain and pack.
#pragma once
#include <vector>

#include "host/api/command/layer_tensors.hpp"

namespace gemmact::api {

class described_layer {
 public:
  explicit described_layer(command_line& line);

  // After parsing. Refers to this object. usage_error.
  gemmact_problem problem();
  std::string device() const { return layer_.device_name(); }

 private:
  layer_options layer_;
  tensor_options sizes_;
  bool variable_m_ = false;
  std::vector<gemmact_tensor> tensors_;
};

}  // namespace gemmact::api
