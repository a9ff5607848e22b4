// The inner loops of every instruction set that this machine runs, against plain loops written here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "host/cpu/isas.hpp"

namespace {

using gemmact_isa::view;

std::string name_of(const testing::TestParamInfo<const gemmact_isa::isa*>& info) { return info.param->name; }

class loops_test : public testing::TestWithParam<const gemmact_isa::isa*> {
 protected:
  const gemmact_isa::product_maps& product() const { return *GetParam()->product; }
  const gemmact_isa::row_maps& row() const { return *GetParam()->row; }
  std::mt19937 random{7};

  std::vector<float> integers(size_t count) {
    std::uniform_int_distribution<int> values(-9, 9);
    std::vector<float> v(count);
    for (float& x : v) x = float(values(random));
    return v;
  }
};

// A matrix of rows x cols with either order and padding, as a view.
struct matrix {
  std::vector<float> data;
  int64_t row_stride, col_stride;
  matrix(std::vector<float> values, int64_t ld, bool by_row)
      : data(std::move(values)), row_stride(by_row ? ld : 1), col_stride(by_row ? 1 : ld) {}
  view as_view() const { return {data.data(), gemmact_isa::f32, row_stride, col_stride, 0}; }
  float at(int64_t i, int64_t j) const { return data[size_t(i * row_stride + j * col_stride)]; }
};

// The same bits, except that any NaN is like any other.
bool same_or_both_nan(float a, float b) { return std::isnan(a) ? std::isnan(b) : std::memcmp(&a, &b, sizeof a) == 0; }

TEST_P(loops_test, packed_product_is_exact_on_integers) {
  const int64_t edges[] = {1, 2, 5, 7, 8, 9, 15, 16, 17, 31, 33, 47, 48, 49, 65, 97};
  std::uniform_int_distribution<size_t> pick(0, std::size(edges) - 1);
  for (int round = 0; round < 300; ++round) {
    const int64_t m = edges[pick(random)], n = edges[pick(random)], k = edges[pick(random)];
    const bool a_by_row = random() % 2 != 0, b_by_row = random() % 2 != 0, accumulate = random() % 2 != 0;
    const matrix a(integers(size_t((m + 3) * (k + 3))), (a_by_row ? k : m) + 3, a_by_row);
    const matrix b(integers(size_t((n + 3) * (k + 3))), (b_by_row ? n : k) + 3, b_by_row);
    const int64_t panel = product().panel, padded = (n + panel - 1) / panel * panel;
    std::vector<float> pa(size_t(m * k)), pb(size_t(padded * k)), c = integers(size_t(m * padded)), before = c;
    const view va = a.as_view(), vb = b.as_view();
    product().pack_a(&va, m, k, pa.data(), k);
    product().pack_b(&vb, k, n, pb.data());
    product().multiply(pa.data(), k, pb.data(), k, c.data(), padded, m, n, accumulate, nullptr);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        float sum = accumulate ? before[size_t(i * padded + j)] : 0.0f;
        for (int64_t p = 0; p < k; ++p) sum += a.at(i, p) * b.at(p, j);
        ASSERT_EQ(c[size_t(i * padded + j)], sum)
            << "round " << round << ": " << m << "x" << n << "x" << k << " at " << i << "," << j;
      }
  }
}

TEST_P(loops_test, dot_is_exact_on_integers) {
  for (int64_t m = 1; m <= 9; ++m)
    for (int64_t n : {1, 2, 3, 4, 7, 8, 9, 17})
      for (int64_t k : {1, 3, 15, 16, 17, 64, 129}) {
        const std::vector<float> a = integers(size_t(m * k)), b = integers(size_t(n * k));
        std::vector<float> c = integers(size_t(m * n)), before = c;
        product().dot(a.data(), k, b.data(), gemmact_isa::f32, k, k, c.data(), n, m, n, 1);
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            float sum = before[size_t(i * n + j)];
            for (int64_t p = 0; p < k; ++p) sum += a[size_t(i * k + p)] * b[size_t(j * k + p)];
            ASSERT_EQ(c[size_t(i * n + j)], sum) << m << "x" << n << "x" << k << " at " << i << "," << j;
          }
      }
}

// B in a narrow type, with the same values in f32.
struct narrow_type {
  int type;
  uint32_t values;
  size_t bytes;
  uint32_t finite;  // bits of which one is cleared, so that NaN and infinity cannot come about
};
constexpr narrow_type narrow_types[] = {
    {gemmact_isa::f16, 65536, 2, 0xbbff}, {gemmact_isa::bf16, 65536, 2, 0xbfff}, {gemmact_isa::e4m3, 256, 1, 0xb7}};

// Every value of the type, subnormal, infinite or NaN, alone in a row of zeros, at every place of a vector and of its rest.
TEST_P(loops_test, dot_reads_every_value_of_the_narrow_types) {
  for (const narrow_type& t : narrow_types)
    for (const int64_t k : {1, 7, 16, 35}) {
      std::vector<float> a(static_cast<size_t>(k)), wide(size_t(t.values * k));
      std::normal_distribution<float> normal;
      for (float& v : a) v = normal(random);
      std::vector<uint8_t> narrow(wide.size() * t.bytes);
      for (uint32_t i = 0; i < t.values; ++i) std::memcpy(&narrow[size_t(i * k + i % k) * t.bytes], &i, t.bytes);
      row().load(narrow.data(), t.type, 1, wide.data(), wide.size());
      const int64_t n = t.values;
      std::vector<float> from_narrow(static_cast<size_t>(n)), from_wide(static_cast<size_t>(n));
      product().dot(a.data(), k, narrow.data(), t.type, k, k, from_narrow.data(), n, 1, n, 0);
      product().dot(a.data(), k, wide.data(), gemmact_isa::f32, k, k, from_wide.data(), n, 1, n, 0);
      for (size_t i = 0; i < from_wide.size(); ++i)
        ASSERT_TRUE(same_or_both_nan(from_narrow[i], from_wide[i]))
            << "type " << t.type << ", k = " << k << ", value " << i << ": " << from_narrow[i] << " and "
            << from_wide[i];
    }
}

// Whole vectors: what remains of a row beyond them may be multiplied and added in one rounding for one type and not another.
TEST_P(loops_test, dot_of_a_narrow_type_has_the_bits_of_its_values_in_f32) {
  constexpr int64_t n = 19;
  std::normal_distribution<float> normal;
  for (const narrow_type& t : narrow_types)
    for (const int64_t m : {1, 2, 3, 8})
      for (const int64_t k : {16, 64, 144}) {
        std::vector<float> a(size_t(m * k)), wide(size_t(n * k));
        for (float& v : a) v = normal(random);
        std::vector<uint8_t> narrow(wide.size() * t.bytes);
        for (size_t i = 0; i < wide.size(); ++i) {
          const uint32_t bits = uint32_t(random()) & t.finite;
          std::memcpy(&narrow[i * t.bytes], &bits, t.bytes);
        }
        row().load(narrow.data(), t.type, 1, wide.data(), wide.size());
        for (const int accumulate : {0, 1}) {
          std::vector<float> from_narrow(size_t(m * n), 0.5f), from_wide = from_narrow;
          product().dot(a.data(), k, narrow.data(), t.type, k, k, from_narrow.data(), n, m, n, accumulate);
          product().dot(a.data(), k, wide.data(), gemmact_isa::f32, k, k, from_wide.data(), n, m, n, accumulate);
          ASSERT_EQ(std::memcmp(from_narrow.data(), from_wide.data(), from_wide.size() * sizeof(float)), 0)
              << "type " << t.type << ", " << m << "x" << n << "x" << k << (accumulate != 0 ? ", accumulated" : "");
        }
      }
}

// What BATCH_INVARIANT and the runs' determinism lean on: an element's bits do not depend on the rows and columns beside it.
TEST_P(loops_test, packed_product_of_a_row_does_not_depend_on_the_others) {
  constexpr int64_t m = 17, n = 50, k = 77;
  std::normal_distribution<float> normal;
  std::vector<float> a(m * k), b(k * n);
  for (float& v : a) v = normal(random);
  for (float& v : b) v = normal(random);
  const int64_t panel = product().panel, padded = (n + panel - 1) / panel * panel;
  const view vb{b.data(), gemmact_isa::f32, n, 1, 0};
  std::vector<float> pb(size_t(padded * k)), all(size_t(m * padded)), one(static_cast<size_t>(padded));
  product().pack_b(&vb, k, n, pb.data());
  product().multiply(a.data(), k, pb.data(), k, all.data(), padded, m, n, 0, nullptr);
  for (int64_t i = 0; i < m; ++i) {
    product().multiply(a.data() + i * k, k, pb.data(), k, one.data(), padded, 1, n, 0, nullptr);
    ASSERT_EQ(std::memcmp(one.data(), &all[size_t(i * padded)], n * sizeof(float)), 0) << "row " << i;
  }
}

TEST_P(loops_test, dot_of_a_row_does_not_depend_on_the_others) {
  constexpr int64_t n = 19;
  std::normal_distribution<float> normal;
  for (const int type : {gemmact_isa::f32, gemmact_isa::f16, gemmact_isa::bf16, gemmact_isa::e4m3})
    for (const int64_t k : {1, 3, 7, 15, 29, 64, 131}) {
      std::vector<float> a(size_t(9 * k)), b(size_t(n * k));
      for (float& v : a) v = normal(random);
      for (float& v : b) v = normal(random);
      std::vector<uint32_t> stored(b.size());
      row().store(b.data(), stored.data(), type, 1, b.size());
      std::vector<float> one(n);
      for (int64_t m = 2; m <= 9; ++m) {
        std::vector<float> all(size_t(m * n));
        product().dot(a.data(), k, stored.data(), type, k, k, all.data(), n, m, n, 0);
        for (int64_t i = 0; i < m; ++i) {
          product().dot(a.data() + i * k, k, stored.data(), type, k, k, one.data(), n, 1, n, 0);
          ASSERT_EQ(std::memcmp(one.data(), &all[size_t(i * n)], sizeof(float) * n), 0)
              << "type " << type << ", k = " << k << ", row " << i << " of " << m;
        }
      }
    }
}

TEST_P(loops_test, masked_packing_keeps_only_the_winners) {
  constexpr int64_t rows = 5, depth = 37;
  const std::vector<float> a = integers(rows * depth);
  std::vector<uint8_t> winner(rows * depth);
  for (uint8_t& w : winner) w = uint8_t(random() % 3);
  std::vector<float> out(rows * depth);
  const view va{a.data(), gemmact_isa::f32, depth, 1, 0};
  product().pack_a_masked(&va, winner.data(), depth, 1, 2, rows, depth, out.data(), depth);
  for (size_t i = 0; i < a.size(); ++i) ASSERT_EQ(out[i], winner[i] == 2 ? a[i] : 0.0f);
}

TEST_P(loops_test, maximum_takes_the_first_of_equals_and_the_first_nan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float first[] = {1, 1, nan, 1, nan, -0.0f}, second[] = {2, 1, 5, nan, nan, 0.0f};
  float best[6];
  uint8_t winner[6] = {};
  std::memcpy(best, first, sizeof best);
  row().maximum(second, 1, best, winner, 6);
  const uint8_t expected[] = {1, 0, 0, 1, 0, 0};
  EXPECT_EQ(std::memcmp(winner, expected, sizeof winner), 0);
  EXPECT_EQ(best[0], 2.0f);
  EXPECT_TRUE(std::isnan(best[2]) && std::isnan(best[3]) && std::isnan(best[4]));
}

TEST_P(loops_test, bits_go_out_and_come_back) {
  for (size_t count : {1u, 31u, 32u, 33u, 70u}) {
    std::vector<float> v(count), back(count);
    for (float& x : v) x = float(random() % 2);
    std::vector<uint32_t> words((count + 31) / 32, 0xffffffffu);
    row().pack_bits(v.data(), words.data(), count);
    for (size_t b = count; b < words.size() * 32; ++b) EXPECT_EQ(words[b / 32] >> b % 32 & 1u, 0u) << "tail bit " << b;
    row().unpack_bits(words.data(), back.data(), count);
    EXPECT_EQ(v, back);
  }
}

TEST_P(loops_test, gradient_is_exactly_zero_where_the_derivative_is) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float dy[] = {infinity, nan, 3.0f, infinity}, df[] = {0.0f, -0.0f, 0.5f, 2.0f};
  float dz[4];
  row().gradient(dy, df, dz, 4);
  EXPECT_EQ(dz[0], 0.0f);
  EXPECT_EQ(dz[1], 0.0f);
  EXPECT_EQ(dz[2], 1.5f);
  EXPECT_EQ(dz[3], infinity);
}

TEST_P(loops_test, absolute_maximum_lets_nan_through) {
  const float values[] = {1.0f, -7.0f, 3.0f}, with_nan[] = {1.0f, std::numeric_limits<float>::quiet_NaN(), 1e30f};
  EXPECT_EQ(row().absolute_maximum(values, 3), 7.0f);
  EXPECT_TRUE(std::isnan(row().absolute_maximum(with_nan, 3)));
}

INSTANTIATE_TEST_SUITE_P(every_isa, loops_test, testing::ValuesIn(gemmact::cpu::available_isas()), name_of);

}  // namespace
