// Results against expectations, element by element; never one norm over all.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "tests/layer/layer.hpp"
#include "tests/layer/oracle.hpp"

namespace gemmact::test {

// Error / bound of every element, by the type it is stored in.
using ratio_log = std::map<gemmact_type, std::vector<double>>;

struct verdict {
  size_t wrong = 0;
  std::string first;  // the first wrong element in words; "" when all is right
};

// An element is right if it lies between the reference less its bound and the reference plus its bound, both rounded to
// its type; where the bound is 0 its bits must be the reference's, the sign of zero included. NaN needs NaN. Fills
// `ratios`, if not null (of narrow types: with what lies beyond the rounding of the result).
verdict compare(const layer& l, const layer_run& run, const std::vector<expectation>& expected,
                ratio_log* ratios = nullptr);

// Builds, runs and compares a layer: "" or the failure in words, stray writes first. "" for one that the device does not
// cover, too, which is counted (expect_some_covered).
std::string check_layer(test_device& device, const layer& l, const oracle_options& options = {},
                        ratio_log* ratios = nullptr);

// The element's bits of every output of two runs of one problem: "" or the first difference.
std::string same_bits(const layer& l, const layer_run& a, const layer_run& b);

}  // namespace gemmact::test
