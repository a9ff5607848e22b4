// Lists of shapes: CSV files with columns m, n, k and, if they have them, name and dtype.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct listed_shape {
  std::string name;  // "" where there is no such column
  int64_t m = 0, n = 0, k = 0;
  std::optional<gemmact_type> type;
  bool tf32 = false;  // dtype "tf32": of f32 operands
};

// Throws run_error, which names the file and the line.
std::vector<listed_shape> read_shapes(const std::string& path);
std::vector<listed_shape> parse_shapes(std::string_view text, const std::string& path);

}  // namespace gemmact::api
