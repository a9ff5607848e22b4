// A layer that is told by options alone, without arrays: for explain, pack and tune.
#pragma once
#include <string>
#include <vector>

#include "host/api/command/layer_tensors.hpp"
#include "host/api/command/shape_list.hpp"

namespace gemmact::api {

class described_layer {
 public:
  explicit described_layer(command_line& line, const std::string& default_device = "cpu");

  // After parsing. Refers to this object. usage_error.
  gemmact_problem problem();
  void set(const listed_shape& shape);  // in place of --m, --n, --k and, where the shape tells it, --type
  bool has_sizes() const { return sizes_.m != 0 || sizes_.n != 0 || sizes_.k != 0; }
  std::string device() const { return layer_.device_name(); }

 private:
  layer_options layer_;
  tensor_options sizes_;
  bool variable_m_ = false;
  std::vector<gemmact_tensor> tensors_;
};

}  // namespace gemmact::api
