// Covering arrays of strength two: few rows in which every pair of values of every two factors occurs together.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::test {

struct factor {
  const char* name;
  int count;  // its values are 0 .. count - 1
};

// One row: a value for each factor. Kept with the factors, so that a value is asked for by name.
class factor_row {
 public:
  factor_row(const std::vector<factor>* factors, std::vector<int> values)
      : factors_(factors), values_(std::move(values)) {}
  int operator[](std::string_view name) const;
  void set(std::string_view name, int value);
  const std::vector<int>& values() const { return values_; }
  std::string text() const;  // "m=3 n=7 ..."

 private:
  const std::vector<factor>* factors_;
  std::vector<int> values_;
};

// A greedy covering array; the same for the same factors and seed. `factors` must outlive the rows.
std::vector<factor_row> pairwise_rows(const std::vector<factor>& factors, uint64_t seed);

// The pairs that no row has: "m=3 with order=1".
std::vector<std::string> uncovered_pairs(const std::vector<factor>& factors, const std::vector<factor_row>& rows);

}  // namespace gemmact::test
