#include "bench/core/backward_layer.hpp"

#include <gtest/gtest.h>

#include "kernels/base/float_types.hpp"

using namespace gemmact_bench;

namespace {

input_stores& stores() {
  static pool threads(1);
  static input_stores all(threads, 1 << 20);
  return all;
}

bench_case input_grad(gemmact_type type, const std::string& function, int64_t m = 21) {
  return {"test", "tiny", m, 34, 77, type, function, GEMMACT_PLAIN, GEMMACT_INPUT_GRAD};
}

}  // namespace

// Sums that were rounded to bf16 on the way are right, sums that lack an eighth of the rows are not; nor is another column's.
TEST(backward_layer, sums_that_lack_rows_are_wrong) {
  const bench_case c = input_grad(GEMMACT_BF16, "gelu", 512);
  const backward_layer layer(stores(), c);
  const auto worst = [&](unsigned seed, int64_t first, int64_t turned) {
    const auto element = [&](int64_t i, int64_t j) { return layer.written_at(i, j).value; };
    const auto sum = [&](int64_t j) {
      double all = 0;
      for (int64_t i = first; i < c.m; ++i) {
        const double term = element(i, (j + turned) % c.k);
        all += double(gemmact::to_float(gemmact::to_bf16(float(term))));
      }
      return all;
    };
    return layer.worst({.element = element, .sum = sum}, seed);
  };
  int lacking = 0, other = 0;
  for (unsigned seed = 0; seed < 4; ++seed) {
    EXPECT_LE(worst(seed, 0, 0), 1);
    lacking += worst(seed, c.m / 8, 0) > 1;
    other += worst(seed, 0, 1) > 1;
  }
  EXPECT_GE(lacking, 3);
  EXPECT_GE(other, 3);
}

TEST(backward_layer, bits_are_where_z_is_above_0) {
  const bench_case c = input_grad(GEMMACT_F16, "relu");
  const backward_layer layer(stores(), c);
  const std::vector<uint32_t> bits = layer.bits();
  ASSERT_EQ(int64_t(bits.size()), c.m * 4) << "128 bits a row of 77";
  for (int64_t i = 0; i < c.m; ++i)
    for (int64_t j = 0; j < 128; ++j)
      EXPECT_EQ(bits[size_t(i * 4 + j / 32)] >> (j % 32) & 1, j < c.k && layer.z.floats()[i * c.k + j] > 0);
}

TEST(backward_layer, what_a_gpu_keeps) {
  const auto kept = [](const char* function) { return least_kept(input_grad(GEMMACT_BF16, function)); };
  EXPECT_EQ(kept("relu"), GEMMACT_KEEP_BIT);
  for (const char* function : {"gelu", "gelu_tanh", "swish", "tanh"}) EXPECT_EQ(kept(function), GEMMACT_KEEP_Z);
}
