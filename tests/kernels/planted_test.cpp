// The detector detects: functions and references made wrong on purpose must be found by what tests the right ones.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/bounds.hpp"
#include "tests/kernels/inputs.hpp"

namespace gemmact::test {
namespace {

struct planted {
  const char* what;
  const char* name;
  std::vector<float> p;
  quantity q;
  float (*wrong)(float x);
};

float logistic(float x) { return 1 / (1 + std::exp(-x)); }

// Wrong constants, and the wrong forms: as printed in the literature, or right only on paper.
const planted faults[] = {
    {"0.044716 for 0.044715",
     "gelu_tanh",
     {},
     quantity::value,
     [](float x) { return x / (1 + std::exp(-1.59576912f * (x + 0.044716f * x * x * x))); }},
    {"the tanh form for gelu",
     "gelu",
     {},
     quantity::value,
     [](float x) { return x / (1 + std::exp(-1.59576912f * (x + 0.044715f * x * x * x))); }},
    {"1.7 for 1.702", "quick_gelu", {}, quantity::value, [](float x) { return x * logistic(1.7f * x); }},
    {"1.05 for 1.0507", "selu", {}, quantity::grad, [](float x) { return x > 0 ? 1.05f : 1.75809934f * std::exp(x); }},
    {"s(1 + s)", "sigmoid", {}, quantity::grad, [](float x) { return logistic(x) * (1 + logistic(x)); }},
    {"s(1 - s)", "sigmoid", {}, quantity::grad, [](float x) { return logistic(x) * (1 - logistic(x)); }},
    {"0.5 tanh(x/2) + 0.5", "sigmoid", {}, quantity::value, [](float x) { return 0.5f * std::tanh(0.5f * x) + 0.5f; }},
    {"1 - s", "sigmoid", {}, quantity::other, [](float x) { return 1 - logistic(x); }},
    {"2s(2x) - 1", "tanh", {}, quantity::value, [](float x) { return 2 * logistic(2 * x) - 1; }},
    {"1 - t^2", "tanh", {}, quantity::grad, [](float x) { return 1 - std::tanh(x) * std::tanh(x); }},
    {"max(ax, x)", "leaky_relu", {2.0f}, quantity::value, [](float x) { return std::fmax(2 * x, x); }},
    {"-a below 0", "leaky_relu", {0.01f}, quantity::grad, [](float x) { return x > 0 ? 1 : -0.01f; }},
    {"1 at 0", "relu", {}, quantity::grad, [](float x) { return x < 0 ? 0.0f : 1.0f; }},
    {"x >= 0 counted", "prelu", {0.25f}, quantity::param_grad, [](float x) { return x >= 0 ? x : 0; }},
    {"log(1 + e^x)", "softplus", {}, quantity::value, [](float x) { return std::log(1 + std::exp(x)); }},
    {"e^x - 1", "elu", {1.0f}, quantity::value, [](float x) { return x > 0 ? x : std::exp(x) - 1; }},
    {"s + e^-x x / (1 + e^-x)^2",
     "swish",
     {1.0f},
     quantity::grad,
     [](float x) { return logistic(x) + std::exp(-x) * x * logistic(x) * logistic(x); }},
    {"x^2 s(x) s(-x)",
     "swish",
     {1.0f},
     quantity::param_grad,
     [](float x) { return x * x * logistic(x) * logistic(-x); }},
    {"a mask multiplied", "relu", {}, quantity::value, [](float x) { return x * (x > 0 ? 1.0f : 0.0f); }},
    {"the step at 0", "step", {}, quantity::value, [](float x) { return x > 0 ? 1.0f : 0.0f; }},
};

subject subject_of(const planted& fault) {
  for (const function& f : functions()) {
    if (f.name != fault.name) continue;
    subject s{settings(f)[0], fault.q};
    for (size_t i = 0; i < fault.p.size(); ++i) s.use.exact[i] = s.use.p[i] = fault.p[i];
    return s;
  }
  throw std::logic_error(fault.name);
}

std::vector<float> inputs_of(const subject& s) {
  std::vector<float> all = spread_inputs(20000, 3);
  const std::vector<float> special = special_inputs(s.use);
  all.insert(all.end(), special.begin(), special.end());
  if (s.what == quantity::param_grad)
    std::erase_if(all, [](float x) { return std::abs(x) > 1e15f && std::isfinite(x); });
  return all;
}

double worst(const subject& s, const loop& run) {
  candidate one[] = {{run, accuracy::accurate}};
  measure(s, inputs_of(s), one);
  return one[0].seen.ratio;
}

TEST(planted, a_wrong_function_is_found) {
  for (const planted& fault : faults) {
    const subject s = subject_of(fault);
    EXPECT_LE(worst(s, device_loop(s, 0, accuracy::accurate, false)), 1) << s.text();
    const loop wrong = [&](const float* in, float* out, size_t count) {
      for (size_t i = 0; i < count; ++i) out[i] = fault.wrong(in[i]);
    };
    EXPECT_GT(worst(s, wrong), 1) << fault.what << " passed for " << s.text();
  }
}

TEST(planted, a_wrong_reference_is_found) {
  const subject right = subject_of(faults[0]);
  reference::row wrong = *right.use.f->ref;
  wrong.value = [](double x, const double*) {
    return x / (1 + std::exp(-2 * 0.79788456080286536 * (x + 0.044716 * x * x * x)));
  };
  function with_wrong = *right.use.f;
  with_wrong.ref = &wrong;
  subject s = right;
  s.use.f = &with_wrong;
  EXPECT_GT(worst(s, device_loop(right, 0, accuracy::accurate, false)), 1);
}

}  // namespace
}  // namespace gemmact::test
