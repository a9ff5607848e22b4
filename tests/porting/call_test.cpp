// The calls that docs/from_cublaslt.md shows whole: ReLU with a bias and a mask in bf16, a hidden layer's step backward,
// and fp8 with every scale.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/porting/run.hpp"
#include "tests/support/numbers.hpp"
#include "tests/support/random.hpp"

namespace gemmact::porting {
namespace {

using test::decode, test::encode;

template <class Bits>
struct stored {
  stored(gemmact_type t, int64_t count) : type(t), memory(size_t(count) * sizeof(Bits)), bits(count) {
    std::fill_n(static_cast<Bits*>(memory.data()), count, Bits(0));
  }
  void set(int64_t i, double v) { static_cast<Bits*>(memory.data())[i] = Bits(encode(type, v)); }
  double get(int64_t i) const { return decode(type, static_cast<const Bits*>(memory.data())[i]); }
  void fill(test::random_source& source, int64_t largest) {
    for (int64_t i = 0; i < bits; ++i) set(i, double(source.between(-largest, largest)));
  }
  gemmact_type type;
  aligned_memory memory;
  int64_t bits;
};

aligned_memory workspace_of(const gemmact_plan* plan) {
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  check(gemmact_plan_get_info(plan, &info));
  aligned_memory workspace(info.workspace_bytes);
  check(gemmact_workspace_init(plan, workspace.data(), nullptr));
  return workspace;
}

TEST(porting_calls, relu_aux_bias) {
  constexpr int64_t M = 40, N = 6, K = 16;
  test::random_source source(1);
  stored<uint16_t> a(GEMMACT_BF16, K * M), b(GEMMACT_BF16, K * N), bias(GEMMACT_BF16, M), d(GEMMACT_BF16, M * N);
  a.fill(source, 2), b.fill(source, 2), bias.fill(source, 4);
  const aligned_memory mask(2 * 4 * N);
  gemmact_plan* made = nullptr;
  check(relu_aux_bias_plan(cpu(), M, N, K, &made));
  const plan_handle plan(made);
  const aligned_memory workspace = workspace_of(made);
  check(relu_aux_bias_run(made, a.memory.data(), b.memory.data(), bias.memory.data(), d.memory.data(), mask.data(),
                          workspace.data(), nullptr));
  for (int64_t j = 0; j < N; ++j)
    for (int64_t i = 0; i < M; ++i) {
      double z = bias.get(i);
      for (int64_t k = 0; k < K; ++k) z += a.get(i * K + k) * b.get(j * K + k);
      EXPECT_EQ(d.get(j * M + i), std::fmax(z, 0)) << i << " " << j;
      EXPECT_EQ(static_cast<const uint32_t*>(mask.data())[j * 2 + i / 32] >> (i % 32) & 1, z > 0 ? 1u : 0u);
    }
}

TEST(porting_calls, drelu_bgrad) {
  constexpr int64_t M = 40, N = 6, K = 16;
  test::random_source source(3);
  stored<uint16_t> w(GEMMACT_BF16, M * K), dz(GEMMACT_BF16, K * N), bias(GEMMACT_BF16, M), d(GEMMACT_BF16, M * N);
  w.fill(source, 2), dz.fill(source, 2);
  const aligned_memory mask(2 * 4 * N);
  const auto word = [&](int64_t i, int64_t j) { return static_cast<uint32_t*>(mask.data()) + j * 2 + i / 32; };
  std::vector<bool> bits;
  for (int64_t j = 0; j < N; ++j) word(0, j)[0] = word(0, j)[1] = 0;
  for (int64_t at = 0; at < M * N; ++at) {
    bits.push_back(source.between(0, 1) == 1);
    if (bits.back()) *word(at % M, at / M) |= 1u << (at % M % 32);
  }
  gemmact_plan* made = nullptr;
  check(drelu_bgrad_plan(cpu(), M, N, K, &made));
  const plan_handle plan(made);
  const aligned_memory workspace = workspace_of(made);
  check(drelu_bgrad_run(made, w.memory.data(), dz.memory.data(), bias.memory.data(), d.memory.data(), mask.data(),
                        workspace.data(), nullptr));
  for (int64_t i = 0; i < M; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < N; ++j) {
      double dx = 0;
      for (int64_t k = 0; k < K; ++k) dx += w.get(k * M + i) * dz.get(j * K + k);
      const double below = bits[size_t(j * M + i)] ? dx : 0;
      EXPECT_EQ(d.get(j * M + i), below) << i << " " << j;
      sum += below;
    }
    EXPECT_EQ(bias.get(i), sum) << i;
  }
}

TEST(porting_calls, bgradb) {
  constexpr int64_t M = 40, N = 6, K = 16;
  test::random_source source(4);
  stored<uint16_t> x(GEMMACT_BF16, M * K), dz(GEMMACT_BF16, N * K), bias(GEMMACT_BF16, N), dw(GEMMACT_BF16, M * N);
  x.fill(source, 2), dz.fill(source, 2);
  gemmact_plan* made = nullptr;
  check(bgradb_plan(cpu(), M, N, K, &made));
  const plan_handle plan(made);
  const aligned_memory workspace = workspace_of(made);
  check(bgradb_run(made, x.memory.data(), dz.memory.data(), bias.memory.data(), dw.memory.data(), workspace.data(),
                   nullptr));
  for (int64_t j = 0; j < N; ++j) {
    double sum = 0;
    for (int64_t k = 0; k < K; ++k) sum += dz.get(k * N + j);
    EXPECT_EQ(bias.get(j), sum) << j;
    for (int64_t i = 0; i < M; ++i) {
      double want = 0;
      for (int64_t k = 0; k < K; ++k) want += dz.get(k * N + j) * x.get(k * M + i);
      EXPECT_EQ(dw.get(j * M + i), want) << i << " " << j;
    }
  }
}

TEST(porting_calls, fp8_with_every_scale) {
  constexpr int64_t M = 24, N = 7, K = 16, ldc = M + 5;
  test::random_source source(2);
  stored<uint8_t> a(GEMMACT_E4M3, K * M), b(GEMMACT_E4M3, K * N), d(GEMMACT_E4M3, M * N);
  stored<uint16_t> c(GEMMACT_BF16, ldc * N);
  a.fill(source, 2), b.fill(source, 2), c.fill(source, 8);
  const matmul call = {M, N, K, 1, 0, K, K, M, GEMMACT_E4M3, GEMMACT_E4M3, 16, 1, 0, 0, 0};
  gemmact_plan* made = nullptr;
  check(scaled_plan(cpu(), &call, GEMMACT_BF16, ldc, &made));
  const plan_handle plan(made);
  float scale_a = 0.5f, scale_b = 4, scale_d = 2, amax = NAN, alpha = 0.25f, beta = 1.5f;
  run(made, {{GEMMACT_W, 0, a.memory.data()},
             {GEMMACT_X, 0, b.memory.data()},
             {GEMMACT_Y, 0, d.memory.data()},
             {GEMMACT_C, 0, c.memory.data()},
             {GEMMACT_SCALE_W, 0, &scale_a},
             {GEMMACT_SCALE_X, 0, &scale_b},
             {GEMMACT_SCALE_Y, 0, &scale_d},
             {GEMMACT_AMAX_Y, 0, &amax},
             {GEMMACT_ALPHA, 0, &alpha},
             {GEMMACT_BETA, 0, &beta}});
  double largest = 0;
  for (int64_t j = 0; j < N; ++j)
    for (int64_t i = 0; i < M; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < K; ++k) sum += a.get(i * K + k) * b.get(j * K + k);
      const double y = alpha * scale_a * scale_b * sum + beta * c.get(j * ldc + i);
      largest = std::fmax(largest, std::fabs(y));
      EXPECT_EQ(d.get(j * M + i), test::round_to(GEMMACT_E4M3, scale_d * y)) << i << " " << j;
    }
  EXPECT_EQ(amax, largest);
}

}  // namespace
}  // namespace gemmact::porting
