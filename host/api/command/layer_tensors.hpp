// The tensors of a layer that is told in words, not by arrays: for explain.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/api/command/layer_options.hpp"

namespace gemmact::api {

struct tensor_options {
  int64_t m = 0, n = 0, k = 0, batch = 1;
  int64_t align = 16;  // promised of each tensor's memory, in bytes
  gemmact_type type = GEMMACT_F32;
  std::optional<gemmact_type> y_type, bias_type;
  std::optional<gemmact_extent> bias;
  bool residual = false, c = false, dparam = false;
  gemmact_order x_order = GEMMACT_ROW_MAJOR, w_order = GEMMACT_ROW_MAJOR, y_order = GEMMACT_ROW_MAJOR;
  std::vector<std::string> given;  // in parse_tensor's language
};

void add_tensor_options(command_line& line, tensor_options& options);

// The tensors that such a layer usually has, dense, then those given, which replace or add. usage_error.
std::vector<gemmact_tensor> layer_tensors(const layer_options& layer, const tensor_options& options);

// "W[1]:f16:column_major:ld=72": a slot, its index, then words in any order. Says what is not said by `tensor`'s slot.
gemmact_tensor parse_tensor(const std::string& text);

}  // namespace gemmact::api
