// Faults planted in good results: the comparers must catch each, or the suites above prove nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/functions.hpp"

namespace gemmact::test {
namespace {

// m = 5, n = 37: y = relu(X W^T + b) with the mask kept, every matrix padded.
layer small_layer(gemmact_type type) {
  layer l;
  l.m = 5;
  l.n = 37;
  l.k = 19;
  l.activation = "relu";
  l.add(GEMMACT_X, type, {.pad = 1});
  l.add(GEMMACT_W, type, {.pad = 1});
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  l.add(GEMMACT_Y, type, {.pad = 3});
  l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  return l;
}
constexpr size_t x_place = 0, y_place = 3, kept_place = 4;

class planted : public ::testing::Test {
 protected:
  void prepare(gemmact_type type, bool integers) {
    l = small_layer(type);
    if (integers) fill_integers(l, 1);
    else fill_random(l, 1);
    run = std::make_unique<layer_run>(device_under_test(), l);
    run->run();
    expected = expect(l, {.exact = integers});
    ASSERT_EQ(compare(l, *run, expected).first, "");
    ASSERT_EQ(run->stray_write(), "");
  }
  size_t wrong() const { return compare(l, *run, expected).wrong; }

  layer l;
  std::unique_ptr<layer_run> run;
  std::vector<expectation> expected;
};

TEST_F(planted, one_ulp_in_one_element_of_exact_data) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16}) {
    prepare(type, true);
    const uint32_t good = run->bits(y_place, 0, 4, 36);
    run->set_bits(y_place, 0, 4, 36, good ^ 1u);
    EXPECT_EQ(wrong(), 1u) << type_name(type);
  }
}

TEST_F(planted, the_sign_of_a_zero) {
  prepare(GEMMACT_F32, true);
  for (int64_t j = 0; j < l.n; ++j)
    if (run->bits(y_place, 0, 0, j) == 0) {
      run->set_bits(y_place, 0, 0, j, 0x80000000u);
      EXPECT_EQ(wrong(), 1u);
      return;
    }
  FAIL() << "relu made no zero";
}

TEST_F(planted, two_columns_exchanged) {
  prepare(GEMMACT_F32, true);
  size_t moved = 0;
  for (int64_t i = 0; i < l.m; ++i) {
    const uint32_t left = run->bits(y_place, 0, i, 0), right = run->bits(y_place, 0, i, 1);
    moved += left != right;
    run->set_bits(y_place, 0, i, 0, right);
    run->set_bits(y_place, 0, i, 1, left);
  }
  EXPECT_GT(moved, 0u);
  EXPECT_EQ(wrong(), 2 * moved);
}

TEST_F(planted, one_bit_of_a_mask_and_a_spare_one) {
  prepare(GEMMACT_F32, true);
  run->set_bits(kept_place, 0, 2, 33, 1u ^ run->bits(kept_place, 0, 2, 33));
  EXPECT_EQ(wrong(), 1u);
  prepare(GEMMACT_F32, true);
  run->set_bits(kept_place, 0, 2, l.n, 1);
  EXPECT_NE(run->stray_write(), "");
}

TEST_F(planted, an_error_of_twice_the_bound) {
  prepare(GEMMACT_F32, false);
  const expectation& y = expected[0];
  const size_t at = size_t(2 * l.n + 7);
  const double room = y.error[at] + spacing(GEMMACT_F32, y.value[at]);
  run->set_bits(y_place, 0, 2, 7, encode(GEMMACT_F32, y.value[at] + room / 2));
  EXPECT_EQ(wrong(), 0u);
  run->set_bits(y_place, 0, 2, 7, encode(GEMMACT_F32, y.value[at] + 2 * room));
  EXPECT_EQ(wrong(), 1u);
  ratio_log ratios;
  compare(l, *run, expected, &ratios);
  EXPECT_GT(*std::max_element(ratios[GEMMACT_F32].begin(), ratios[GEMMACT_F32].end()), 1.0);
}

TEST_F(planted, not_a_number_and_an_element_left_unwritten) {
  prepare(GEMMACT_BF16, false);
  run->set_bits(y_place, 0, 4, 0, 0x7fc0);
  EXPECT_EQ(wrong(), 1u);
  run->set_bits(y_place, 0, 3, 0, 0xffff);
  EXPECT_EQ(wrong(), 2u);
}

TEST_F(planted, a_byte_past_the_end_before_the_start_in_the_padding_and_in_an_input) {
  const int64_t y_bytes = 4 * (4 * (37 + 3) + 37);
  const int64_t offsets[] = {y_bytes, y_bytes + 4095, -1, -4096, 4 * 37, 4 * (37 + 3) - 1};
  for (const int64_t offset : offsets) {
    prepare(GEMMACT_F32, true);
    run->payload(y_place)[offset] ^= 0x10;
    EXPECT_NE(run->stray_write(), "") << offset;
  }
  prepare(GEMMACT_F32, true);
  run->payload(x_place)[4 * 3 + 1] ^= 1;
  EXPECT_NE(run->stray_write(), "");
}

// A fault in the function itself: leaky where relu is asked for, on the oracle's side.
TEST_F(planted, another_function_or_parameter) {
  prepare(GEMMACT_F32, true);
  layer other = l;
  other.activation = "leaky_relu(slope=0.25)";
  EXPECT_GT(compare(other, *run, expect(other, {.exact = true})).wrong, 0u);
}

// A fault in a reference: the derivative of sigmoid as s (1 + s), as some print it.
TEST_F(planted, a_wrong_reference) {
  static reference::row wrong_row = *reference::find("sigmoid");
  wrong_row.grad = [](double x, const double* p) {
    const double s = reference::find("sigmoid")->value(x, p);
    return s * (1 + s);
  };
  layer g;
  g.operation = GEMMACT_ACTIVATION_GRAD;
  g.activation = "sigmoid";
  g.keep = GEMMACT_KEEP_Z;
  g.m = 3;
  g.n = 5;
  g.add(GEMMACT_DY, GEMMACT_F32);
  g.add(GEMMACT_KEPT, GEMMACT_F32);
  g.add(GEMMACT_DZ, GEMMACT_F32);
  fill_random(g, 3);
  layer_run own(device_under_test(), g);
  own.run();
  EXPECT_EQ(compare(g, own, expect(g)).wrong, 0u);
  function& f = const_cast<function&>(find_function("sigmoid"));
  f.reference = &wrong_row;
  EXPECT_EQ(compare(g, own, expect(g)).wrong, 15u);
  f.reference = reference::find("sigmoid");
}

#if defined(__SANITIZE_ADDRESS__)
TEST(guards, reading_one_is_seen) {
  if (device_name() != "cpu") GTEST_SKIP() << "a GPU's guards are its own sanitizer's to watch, or the emulator's";
  guarded_buffer buffer(device_under_test().memory(), 64, 0);
  buffer.upload();
  const volatile uint8_t* payload = static_cast<uint8_t*>(buffer.device());
  EXPECT_EQ(payload[63], 0xFF);
  EXPECT_DEATH(static_cast<void>(payload[64]), "use-after-poison");
  EXPECT_DEATH(static_cast<void>(payload[-1]), "use-after-poison");
  buffer.download();
}
#endif

// What a family promises is about what it multiplies, whichever operands these are.
TEST(precision, is_that_of_the_factors) {
  layer l;
  l.operation = GEMMACT_INPUT_GRAD;
  l.n = 300;
  l.add(GEMMACT_DZ, GEMMACT_E4M3);
  l.add(GEMMACT_W, GEMMACT_E4M3);
  l.add(GEMMACT_DX, GEMMACT_F32);
  oracle_options options = with_precision_of({}, l, "gemm_sm80");
  EXPECT_EQ(options.unit, 0x1p-13);
  EXPECT_EQ(options.longest_sum, 128);
  for (operand& o : l.operands)
    for (double& v : o.values) v = 1;
  // 128 products at a time in 14 bits, these in f32.
  EXPECT_NEAR(expect(l, options)[0].error[0] / 300, 131 * 0x1p-13, 3 * 0x1p-13);
  EXPECT_EQ(with_precision_of({}, l, "gemm_simt").unit, 0x1p-24);
  l.get(GEMMACT_DZ).spec.type = GEMMACT_BF16;
  EXPECT_EQ(with_precision_of({}, l, "gemm_sm80").unit, 0x1p-23);
  l.operation = GEMMACT_ACTIVATION_GRAD;
  EXPECT_EQ(with_precision_of({}, l, "gradient_pass").unit, 0x1p-23);
}

// Tensor cores may cut what does not fit f32's 24 bits: of numbers of one sign each sum may lose one unit of 2^-23.
TEST(precision, of_sums_over_rows_is_that_of_what_makes_them) {
  layer l;
  l.operation = GEMMACT_WEIGHT_GRAD;
  l.m = 1000;
  for (const uint32_t slot : {GEMMACT_DZ, GEMMACT_X, GEMMACT_DW})
    l.add(slot, slot == GEMMACT_DW ? GEMMACT_F32 : GEMMACT_BF16);
  l.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  fill_random(l, 1);
  double sum = 0;
  for (double& v : l.get(GEMMACT_DZ).values) sum += v = std::fabs(v);
  const auto error_on = [&](const char* family) {
    for (const expectation& e : expect(l, with_precision_of({}, l, family)))
      if (l.operands[e.operand].spec.slot == GEMMACT_DBIAS) return e.error[0] / sum;
    return 0.0;
  };
  EXPECT_NEAR(error_on("gemm_sm90"), 1001 * 0x1p-23, 0x1p-23);
  EXPECT_NEAR(error_on("gemm_sm80"), 1001 * 0x1p-24, 0x1p-24);
}

TEST(exactness, data_beyond_24_bits_are_refused) {
  layer l = small_layer(GEMMACT_F32);
  fill_integers(l, 1);
  l.get(GEMMACT_X).values[0] = 0x1p21;
  EXPECT_THROW(expect(l, {.exact = true}), std::logic_error);
}

}  // namespace
}  // namespace gemmact::test
