// The one-call layer: right, its plans kept and bounded, usable from several threads at once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "host/api/handles.hpp"

namespace gemmact::api {
namespace {

class linear : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(gemmact_context_create("cpu", &context_), GEMMACT_OK); }
  void TearDown() override { gemmact_context_destroy(context_); }

  // Small integers, so that every result is exact.
  static std::vector<float> numbers(int64_t count, int64_t seed) {
    std::vector<float> v(count);
    for (int64_t i = 0; i < count; ++i) v[i] = static_cast<float>((i * 7 + seed) % 11 - 5);
    return v;
  }

  void check_layer(int64_t m, int64_t n, int64_t k, bool has_bias, const char* f = "relu") {
    std::vector<float> x = numbers(m * k, 1), w = numbers(n * k, 2), b = numbers(n, 3), y(m * n, -1);
    ASSERT_EQ(gemmact_linear(context_, f, x.data(), w.data(), has_bias ? b.data() : nullptr, y.data(), m, n, k,
                             GEMMACT_F32, nullptr),
              GEMMACT_OK)
        << gemmact_last_error();
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        float z = has_bias ? b[j] : 0;
        for (int64_t l = 0; l < k; ++l) z += x[i * k + l] * w[j * k + l];
        ASSERT_EQ(y[i * n + j], z < 0 ? 0 : z) << i << "," << j << " of " << m << "x" << n << "x" << k;
      }
  }

  gemmact_context* context_ = nullptr;
};

TEST_F(linear, is_right_with_and_without_bias) {
  for (int64_t size : {1, 5, 17, 64}) {
    check_layer(size, size + 1, size + 2, true);
    check_layer(size, size + 1, size + 2, false);
  }
  EXPECT_EQ(context_->linear.size(), 8u);
  check_layer(5, 6, 7, true);
  EXPECT_EQ(context_->linear.size(), 8u);
}

TEST_F(linear, a_null_activation_is_linear) {
  const float one[] = {2}, two[] = {-3};
  float y;
  ASSERT_EQ(gemmact_linear(context_, nullptr, one, two, nullptr, &y, 1, 1, 1, GEMMACT_F32, nullptr), GEMMACT_OK);
  EXPECT_EQ(y, -6);
}

TEST_F(linear, keeps_the_most_recent_plans_only) {
  for (int64_t m = 1; m <= 300; ++m) {
    check_layer(m, 2, 2, false);
    check_layer(1, 2, 2, false);  // stays the most recent
  }
  EXPECT_EQ(context_->linear.size(), linear_cache::most_plans);
  bool made = false;
  auto key = [](int64_t m) { return linear_key{"relu", m, 2, 2, GEMMACT_F32, false, 0}; };
  auto make = [&] {
    made = true;
    return std::unique_ptr<gemmact_plan>();
  };
  context_->linear.get(key(1), make);
  context_->linear.get(key(300), make);
  EXPECT_FALSE(made);
}

TEST_F(linear, texts_of_one_meaning_and_failures) {
  const float one[] = {2};
  float y;
  auto call = [&](const char* f) {
    return gemmact_linear(context_, f, one, one, nullptr, &y, 1, 1, 1, GEMMACT_F32, nullptr);
  };
  std::string text = "leaky_relu(slope=0.5)";
  EXPECT_EQ(call(text.c_str()), GEMMACT_OK);
  text.assign(text.size(), '!');  // the cache must not refer to the caller's text
  EXPECT_EQ(call("leaky_relu(slope=0.5)"), GEMMACT_OK);
  EXPECT_EQ(context_->linear.size(), 1u);
  EXPECT_EQ(call("nonsense"), GEMMACT_UNKNOWN_ACTIVATION);
  EXPECT_EQ(context_->linear.size(), 1u);
}

TEST_F(linear, from_many_threads) {
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        int64_t m = 1 + (i + t) % 7;
        std::vector<float> x(m * 3, 1), w(6, 2), y(m * 2);
        bool ok = gemmact_linear(context_, "relu", x.data(), w.data(), nullptr, y.data(), m, 2, 3, GEMMACT_F32,
                                 nullptr) == GEMMACT_OK;
        for (float v : y) ok = ok && v == 6;
        failures += !ok;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(failures, 0);
}

}  // namespace
}  // namespace gemmact::api
