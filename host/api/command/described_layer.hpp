// A layer that is told by options alone, without arrays: for explain, pack and tune.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/api/command/layer_tensors.hpp"
#include "host/api/command/shape_list.hpp"
#include "host/core/problem.hpp"

namespace gemmact::api {

class described_layer {
 public:
  explicit described_layer(command_line& line, bool on_gpu = false);

  // After parsing. Refers to this object. usage_error.
  gemmact_problem problem();
  // In place of --m, --n, --k and, where the shape tells it, --type. One of tf32 has that compute mode, others the command
  // line's, whatever was set before.
  void set(const listed_shape& shape);
  std::string sizes() const;  // "m 1, n 2, k 3, bf16"
  bool has_sizes() const { return sizes_.m != 0 || sizes_.n != 0 || sizes_.k != 0; }
  std::string device() const { return layer_.device_name(); }

 private:
  layer_options layer_;
  tensor_options sizes_;
  std::optional<gemmact_compute> told_compute_;  // on the command line; known from the first set() on
  bool variable_m_ = false;
  std::vector<gemmact_tensor> tensors_;
};

// The problem that a command's words ("--m=64", ...) tell, checked. usage_error, core::failure.
core::problem described_problem(const std::string& command, const std::vector<std::string>& words);

// The numbers of "sm_80,sm_90a", which an option was given. usage_error.
std::vector<int> architectures(const std::string& option, const std::string& text);

}  // namespace gemmact::api
