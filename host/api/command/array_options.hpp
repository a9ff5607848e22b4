// The files of a run as the command line names them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/api/command/layer_options.hpp"

namespace gemmact::api {

struct array_options {
  struct given {
    uint32_t slot;
    std::string option, text;  // "--w" and what follows it: a file, or NAME=FILE for a parameter
  };
  std::vector<given> files;
  std::optional<double> alpha, beta;
  std::optional<gemmact_type> y_type;
  gemmact_extent dbias_extent = GEMMACT_PER_COLUMN;
  std::optional<gemmact_extent> dparam_extent;
  bool per_batch = false;
};

// A file with its place in the layer.
struct array_file {
  uint32_t slot = 0, index = 0;
  std::string option, path;
  bool output = false;
  std::optional<gemmact_extent> declared;  // of an equation's parameter, and its gradient
};

void add_array_options(command_line& line, array_options& options);

// Checks that the operation has these arrays and is given those that it cannot do without; of a maxout, sets the pieces
// where the options leave them open. usage_error.
std::vector<array_file> array_files(layer_options& layer, const array_options& options);

// check() of a problem made of such files: a tensor that is missing is told by its option.
void check_files(gemmact_status status);

}  // namespace gemmact::api
