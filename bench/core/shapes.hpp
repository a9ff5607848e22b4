// The lists of shapes: comma-separated files with a heading, a field with commas in double quotes.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bench/core/types.hpp"

namespace gemmact_bench {

// A malformed list; the message names the file, the line and the rule.
struct list_error : std::runtime_error {
  using runtime_error::runtime_error;
};

// A layer: X is m x k, W is n x k, as the list has it (for a gated pair n counts both halves).
struct shape {
  std::string list;  // the file's stem
  std::string name;
  int64_t m = 0, n = 0, k = 0;
  gemmact_type type = GEMMACT_F32;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
};

// A row of quick.csv, quick_gpu.csv or default_gpu.csv: which shape of which list, and what is done with it.
struct selection {
  std::string list, name;
  gemmact_type type = GEMMACT_F32;
  std::string function = {};  // "catalogue": the rows that say so share out all functions of the catalogue among them
  gemmact_combine combine = GEMMACT_PLAIN;
  gemmact_operation operation = GEMMACT_FORWARD;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  gemmact_accuracy accuracy = GEMMACT_ACCURATE;
  int maxout_pieces = 2;
  // The list's "mish = x * tanh(softplus(x))": the layer has that equation, and is compared with the function by hand.
  // "formula" stands for the catalogue's own formula of the function. "": the function is not typed.
  std::string equation = {};
};

// `file` is only for messages and, for shapes, the list's name.
std::vector<shape> parse_shapes(std::string_view text, const std::string& file);
std::vector<selection> parse_selections(std::string_view text, const std::string& file);

std::string read_file(const std::string& path);  // throws list_error

// Every list of a folder but those that begin with "quick" or "default", by name.
std::vector<shape> read_all_shapes(const std::string& folder);

// Without the remarks in brackets, for tables.
std::string short_name(const std::string& name);

}  // namespace gemmact_bench
