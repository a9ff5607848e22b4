// Random data: each element's error divided by its derived bound, for every function, operation, type and accuracy.
#pragma once
#include <map>
#include <string>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"

namespace gemmact::test {

// Error / bound of one operation, by accuracy and the type of the output.
class ratio_table {
 public:
  explicit ratio_table(gemmact_operation operation) : operation_(operation) {}

  // The layer of a row, or a layer, with random values; failures are GoogleTest's.
  void run(uint64_t index, const factor_row& row, const std::string& line);
  void run(uint64_t index, layer l, const std::string& line);
  // Prints the table; the medians and the largest must be within bounds.
  void report();

 private:
  gemmact_operation operation_;
  std::map<std::string, ratio_log> lines_;
  int failures_ = 0;
};

const char* accuracy_name(int accuracy);

// Random values of every factor, with sizes of some length that are not beyond the tiles, which would take long.
factor_row middling_row(gemmact_operation operation, uint64_t seed);

// The values of a row's activation.
struct activation_range {
  uint64_t first, count;
};

// Each function with each value of `type_factor`, in both accuracies.
void check_ratios(gemmact_operation operation, activation_range functions, const char* type_factor, int types);

}  // namespace gemmact::test
