// Values for arrays that are only to be timed: of the right type, with the right spread, and never zero throughout.
#include "host/core/sample_values.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support/numbers.hpp"

namespace gemmact::test {
namespace {

std::vector<std::byte> filled(uint32_t slot, gemmact_type type, size_t elements, uint32_t index = 0) {
  core::problem p;
  p.pieces = 3;
  core::tensor t;
  t.slot = slot, t.type = type, t.index = index;
  std::vector<std::byte> bytes(size_t(core::type_bytes(type, int64_t(elements))));
  core::fill_sample(p, t, bytes);
  return bytes;
}

std::vector<double> values(uint32_t slot, gemmact_type type, size_t elements) {
  const std::vector<std::byte> bytes = filled(slot, type, elements);
  const size_t each = bytes.size() / elements;
  std::vector<double> all;
  for (size_t i = 0; i < elements; ++i) all.push_back(decode(type, load_bits(type, &bytes[i * each])));
  return all;
}

TEST(sample_values, are_normally_distributed) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3}) {
    const std::vector<double> all = values(GEMMACT_X, type, 100000);
    double sum = 0, squares = 0;
    int beyond = 0;
    for (const double v : all) sum += v, squares += v * v, beyond += std::abs(v) > 2;
    const double n = double(all.size());
    EXPECT_NEAR(sum / n, 0, 0.02) << type;
    EXPECT_NEAR(squares / n, 1, 0.03) << type;
    EXPECT_NEAR(beyond / n, 0.0455, 0.015) << type;
  }
}

TEST(sample_values, repeat_after_a_million_and_at_each_call) {
  constexpr size_t distinct = 1000003;
  const std::vector<double> all = values(GEMMACT_X, GEMMACT_BF16, 3 * distinct + 5);
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(all[2 * distinct + i % 5], all[i % 5]);
  EXPECT_EQ(all[3 * distinct + 4], all[4]);
  EXPECT_EQ(filled(GEMMACT_W, GEMMACT_F32, 1000), filled(GEMMACT_W, GEMMACT_F32, 1000));
  EXPECT_NE(filled(GEMMACT_W, GEMMACT_F32, 1000), filled(GEMMACT_W, GEMMACT_F32, 1000, 1)) << "a pair's are two";
  EXPECT_NE(filled(GEMMACT_W, GEMMACT_F32, 1000), filled(GEMMACT_X, GEMMACT_F32, 1000));
}

TEST(sample_values, of_special_tensors) {
  for (const uint32_t slot : {GEMMACT_SCALE_X, GEMMACT_ALPHA, GEMMACT_PARAM})
    for (const double v : values(slot, GEMMACT_F32, 10)) EXPECT_EQ(v, 1);
  double sum = 0;
  for (const double v : values(uint32_t{GEMMACT_BELOW} | GEMMACT_TARGET, GEMMACT_F16, 1000)) {
    EXPECT_EQ(std::abs(v), 1);
    sum += v;
  }
  EXPECT_LT(std::abs(sum), 150);
  bool seen[256] = {};
  for (const std::byte b : filled(GEMMACT_KEPT, GEMMACT_U8, 1000)) seen[size_t(b)] = true;
  for (size_t i = 0; i < 256; ++i) EXPECT_EQ(seen[i], i < 3) << "winners are pieces: " << i;
  const std::vector<std::byte> mask = filled(GEMMACT_KEPT, GEMMACT_BIT, 320);
  ASSERT_EQ(mask.size(), 40u);
  EXPECT_NE(mask, std::vector<std::byte>(40));
}

}  // namespace
}  // namespace gemmact::test
