// The separate kernel that fusion is compared with: each element once, padding untouched.
#include "kernels/baseline/activation_pass.cuh"

#include <gtest/gtest.h>

#include <type_traits>

#include "kernels/activation/leaky_relu.hpp"
#include "kernels/emulator/emulator.hpp"

namespace gemmact::baseline {
namespace {

float open(float v) { return v; }
template <class T>
float open(T v) {
  return to_float(v);
}
template <class T>
T close(float v) {
  if constexpr (sizeof(T) == 4) return v;
  else if constexpr (std::is_same_v<T, f16_bits>) return to_f16(v);
  else return to_bf16(v);
}

// Small whole numbers, which all types hold; a slope of 2 keeps them whole.
template <class T, bool has_bias>
void expect_each_once(u32 rows, u32 cols, u32 ld) {
  using function = activation::leaky_relu<accuracy::accurate>;
  alignas(16) static T y[4096], bias[64];
  const auto z_of = [](u32 row, u32 col) { return float(int(row * 7 + col * 3) % 41 - 20); };
  const auto bias_of = [](u32 col) { return float(int(col) % 9 - 4); };
  for (u32 i = 0; i < rows * ld; ++i) y[i] = close<T>(99);
  for (u32 row = 0; row < rows; ++row)
    for (u32 col = 0; col < cols; ++col) y[row * ld + col] = close<T>(z_of(row, col));
  for (u32 col = 0; col < cols; ++col) bias[col] = close<T>(bias_of(col));
  emulator::memory_registry arrays;
  arrays.add("Y", y, ((rows - 1) * ld + cols) * sizeof(T), emulator::array_use::read_write);
  arrays.add("the bias", bias, cols * sizeof(T), emulator::array_use::read_only);
  params p;
  p.y = global_at(y);
  if (has_bias) p.bias = global_at(bias);
  p.ld = ld, p.rows = rows, p.cols = cols;
  p.number[0] = 2;
  using kernel = activation_pass<T, function, has_bias>;
  emulator::options how;
  how.kernel = "activation_pass";
  const emulator::result result = emulator::launch(how, {2, kernel::threads, 0, 1}, arrays, [&] { kernel::run(p); });
  ASSERT_TRUE(result.ok()) << result.text();
  for (u32 row = 0; row < rows; ++row)
    for (u32 col = 0; col < ld; ++col) {
      const float z = z_of(row, col) + (has_bias ? bias_of(col) : 0);
      EXPECT_EQ(open(y[row * ld + col]), col >= cols ? 99 : z > 0 ? z : 2 * z) << row << " " << col;
    }
}

TEST(activation_pass, each_type_with_a_bias_and_without) {
  expect_each_once<float, true>(5, 12, 16);
  expect_each_once<float, false>(64, 64, 64);  // several rounds of two blocks
  expect_each_once<f16_bits, true>(3, 8, 8);
  expect_each_once<f16_bits, false>(3, 16, 24);
  expect_each_once<bf16_bits, true>(60, 64, 64);
  expect_each_once<bf16_bits, false>(1, 8, 8);
}

}  // namespace
}  // namespace gemmact::baseline
