// Forward layers with bf16 operands as tensor-core families take them: sizes about the edges of their tiles, and each
// alignment that their copies tell apart.
#pragma once
#include <optional>
#include <string>

#include "tests/layer/layer.hpp"
#include "tests/support/pairwise.hpp"

namespace gemmact::test {

const std::vector<factor>& tile_factors();
const std::vector<factor_row>& tile_rows();  // pairwise
// The layer, without values; the rows past the table's are larger than all tiles that run at once.
layer make_tile_case(uint64_t index);
uint64_t tile_case_count();  // on the device under test

// GEMMACT_PLAN for as long as it lives.
class forced_plan {
 public:
  explicit forced_plan(const std::string& plan);  // empty: nothing is forced
  ~forced_plan();
  forced_plan(const forced_plan&) = delete;
  forced_plan& operator=(const forced_plan&) = delete;

 private:
  bool forced_;
  std::optional<std::string> before_;
};

// A GPU's tiles in turn, so that each meets each size. Nothing on other devices.
class forced_tile : forced_plan {
 public:
  explicit forced_tile(uint64_t index);
};

}  // namespace gemmact::test
