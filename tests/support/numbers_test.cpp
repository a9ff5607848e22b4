// The tests' own conversions against a search of each format's sorted values, and the covering tables.
#include "tests/support/numbers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/pairwise.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

constexpr gemmact_type narrow_types[] = {GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};

uint32_t code_count(gemmact_type type) { return type == GEMMACT_E4M3 ? 256 : 65536; }

// Nonnegative finite values in order; a code is its place.
std::vector<double> ladder(gemmact_type type) {
  std::vector<double> values;
  for (uint32_t code = 0; code < code_count(type) / 2 && std::isfinite(decode(type, code)); ++code)
    values.push_back(decode(type, code));
  return values;
}

TEST(numbers, every_code_returns) {
  for (const gemmact_type type : narrow_types)
    for (uint32_t code = 0; code < code_count(type); ++code) {
      const double v = decode(type, code);
      if (!std::isnan(v)) EXPECT_EQ(encode(type, v), code) << type_name(type);
      else EXPECT_TRUE(std::isnan(decode(type, encode(type, v))));
    }
}

TEST(numbers, known_values) {
  EXPECT_EQ(decode(GEMMACT_F16, 0x3c00), 1.0);
  EXPECT_EQ(decode(GEMMACT_F16, 0x0001), 0x1p-24);
  EXPECT_EQ(decode(GEMMACT_F16, 0xfbff), -65504.0);
  EXPECT_EQ(decode(GEMMACT_BF16, 0x3fc0), 1.5);
  EXPECT_EQ(decode(GEMMACT_E4M3, 0x7e), 448.0);
  EXPECT_EQ(decode(GEMMACT_E4M3, 0x01), 0x1p-9);
  EXPECT_EQ(encode(GEMMACT_E4M3, INFINITY), 0x7eu);
  EXPECT_EQ(encode(GEMMACT_E4M3, -1e9), 0xfeu);
  EXPECT_EQ(encode(GEMMACT_F16, 65519.996), 0x7bffu);
  EXPECT_EQ(encode(GEMMACT_F16, 65520.0), 0x7c00u);
  EXPECT_EQ(encode(GEMMACT_F32, -0.0), 0x80000000u);
  EXPECT_EQ(round_to_tf32(1.0 + 0x1p-11), 1.0 + 0x1p-10);  // a tie, away from zero
  EXPECT_EQ(round_to_tf32(-(1.0 + 0x1p-11)), -(1.0 + 0x1p-10));
  EXPECT_EQ(round_to_tf32(-(1.0 + 0x1p-11), std::nearbyint), -1.0);
  EXPECT_EQ(round_to_tf32(1.0 + 0x1.8p-10, std::nearbyint), 1.0 + 0x1p-9);
}

TEST(numbers, nearest_and_even) {
  random_source random(1);
  for (const gemmact_type type : narrow_types) {
    const std::vector<double> values = ladder(type);
    for (int i = 0; i < 20000; ++i) {
      const size_t below = size_t(random.below(int64_t(values.size()) - 1));
      const double low = values[below], high = values[below + 1], middle = (low + high) / 2;
      const double inside = low + (high - low) * random.uniform();
      EXPECT_EQ(encode(type, inside), inside <= middle && (inside < middle || below % 2 == 0) ? below : below + 1);
      EXPECT_EQ(encode(type, middle), below % 2 == 0 ? below : below + 1);
      EXPECT_EQ(spacing(type, inside), high - low);
    }
  }
}

TEST(pairwise, covers_every_pair_and_tells_what_is_missing) {
  const std::vector<factor> factors = {{"a", 7}, {"b", 5}, {"c", 2}, {"d", 3}};
  std::vector<factor_row> rows = pairwise_rows(factors, 1);
  EXPECT_TRUE(uncovered_pairs(factors, rows).empty());
  EXPECT_LE(rows.size(), 40u);
  EXPECT_EQ(rows[3].values(), pairwise_rows(factors, 1)[3].values());
  // Each row is there for a pair that no row before it has.
  rows.pop_back();
  EXPECT_FALSE(uncovered_pairs(factors, rows).empty());
}

}  // namespace
}  // namespace gemmact::test
