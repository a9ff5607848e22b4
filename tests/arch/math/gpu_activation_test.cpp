// Every function of the catalogue as a GPU computes it, through emulated instructions: exact ones, and ones as wrong as
// their documentation allows, so that no bound rests on the CPU's better libm.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tests/arch/math/gpu_loops.hpp"
#include "tests/kernels/inputs.hpp"
#include "tests/support/numbers.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

const float nan_value = std::numeric_limits<float>::quiet_NaN();
const std::vector<float>& f16_inputs() {
  static const std::vector<float> all = all_f16();
  return all;
}
const std::vector<float>& bf16_inputs() {
  static const std::vector<float> all = all_bf16();
  return all;
}

class on_a_gpu : public testing::TestWithParam<int> {
 protected:
  const function& f = functions()[size_t(GetParam())];

  void SetUp() override {
    if (f.ref == nullptr) GTEST_FAIL() << f.name << " has neither tests/reference/" << f.name << ".hpp nor a reference";
  }

  // Accurate, fast.
  struct both {
    measurement accurate, fast;
    void take(const std::vector<candidate>& seen) {
      if (seen[0].seen.ratio > accurate.ratio) accurate = seen[0].seen;
      if (seen[1].seen.ratio > fast.ratio) fast = seen[1].seen;
    }
  };

  static void look(const subject& s, std::span<const float> inputs, both& worst) {
    std::vector<candidate> candidates;
    for (const accuracy mode : {accuracy::accurate, accuracy::fast})
      candidates.push_back({gpu_loop(s, mode), mode, true});
    measure(s, inputs, candidates);
    for (const candidate& c : candidates)
      EXPECT_LE(c.seen.ratio, 1) << s.text() << (c.mode == accuracy::fast ? ", fast: " : ", accurate: ")
                                 << c.seen.text();
    worst.take(candidates);
  }

  static std::vector<float> special(const subject& s) {
    std::vector<float> all = special_inputs(s.use);
    if (s.what == quantity::param_grad && s.use.f->info->special_functions > 0)  // as for the CPU device
      std::erase_if(all, [](float x) { return std::abs(x) > 1e15f && std::isfinite(x); });
    return all;
  }

  static void look_everywhere(const subject& s, size_t count, both& worst) {
    static const std::vector<float> many = spread_inputs(1000000, 5);
    look(s, std::span(many).first(std::min(count, many.size())), worst);
    look(s, special(s), worst);
  }

  void report(const char* instructions, quantity what, const both& worst) const {
    fmt::print("{} of {}, {} instructions: {:.3f} of the allowed error at {:.9g}; fast {:.3f} at {:.9g}\n",
               quantity_name(what), f.name, instructions, worst.accurate.ratio, worst.accurate.at, worst.fast.ratio,
               worst.fast.at);
  }

  static std::vector<float> run(const subject& s, accuracy mode, std::span<const float> in) {
    std::vector<float> out(in.size());
    gpu_loop(s, mode)(in.data(), out.data(), in.size());
    return out;
  }
};

// A million inputs for the default parameters of what uses the instructions; fewer for the rest.
TEST_P(on_a_gpu, is_within_its_bounds) {
  const std::vector<setting> uses = settings(f);
  std::map<quantity, both> worst;
  for (size_t i = 0; i < uses.size(); ++i)
    for (const subject& s : subjects(uses[i])) {
      const double usual = i == 0 && f.info->special_functions > 0 ? 1e6 : 5e4;
      look_everywhere(s, size_t(usual * case_share()), worst[s.what]);
      look(s, f16_inputs(), worst[s.what]);
      look(s, bf16_inputs(), worst[s.what]);
    }
  for (const auto& [what, seen] : worst) report("exact", what, seen);
}

TEST_P(on_a_gpu, is_within_its_bounds_at_the_documented_errors) {
  if (f.info->special_functions == 0) return;
  using shares = wrong_instructions::shares;
  std::map<quantity, both> worst;
  const auto look_with = [&] {
    const std::vector<setting> uses = settings(f);
    for (size_t i = 0; i < uses.size(); ++i)
      for (const subject& s : subjects(uses[i])) {
        look_everywhere(s, size_t((i == 0 ? 6e4 : 1e4) * case_share()), worst[s.what]);
        if (i == 0) look(s, bf16_inputs(), worst[s.what]);
      }
  };
  for (const double a : {-1.0, 1.0})
    for (const double b : {-1.0, 1.0}) {
      const wrong_instructions wrong(shares{.ex2 = a, .lg2 = a, .rcp = b, .rsqrt = b, .tanh = a});
      look_with();
    }
  const wrong_instructions wrong(uint64_t{1});
  look_with();
  for (const auto& [what, seen] : worst) report("documented", what, seen);
}

TEST_P(on_a_gpu, keeps_nan_and_the_sign_of_zero) {
  for (const setting& use : settings(f))
    for (const accuracy mode : {accuracy::accurate, accuracy::fast}) {
      const subject value{use, quantity::value}, grad{use, quantity::grad};
      const std::vector<float> in = special_inputs(use), out = run(value, mode, in);
      for (size_t i = 0; i < in.size(); ++i) {
        if (out[i] != 0 || !f.ref->own_file) continue;
        EXPECT_EQ(std::signbit(out[i]), std::signbit(value.expected(in[i]))) << use.text() << " at " << in[i];
      }
      const std::vector<float> nan = {nan_value};
      EXPECT_TRUE(std::isnan(run(value, mode, nan)[0])) << use.text();
      const double expected = grad.expected(nan_value);
      const float got = run(grad, mode, nan)[0];
      EXPECT_TRUE(std::isnan(expected) ? std::isnan(got) : got == float(expected))
          << "the derivative of " << use.text() << " at NaN is " << got;
    }
}

// As docs/numerics.md has it: at most one place from the correctly rounded value or derivative.
TEST_P(on_a_gpu, is_within_one_place_in_the_narrow_types) {
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_BF16}) {
    const std::vector<float>& inputs = type == GEMMACT_F16 ? f16_inputs() : bf16_inputs();
    for (const setting& use : settings(f))
      for (const subject& s : subjects(use)) {
        if (!f.ref->own_file && s.what != quantity::value) continue;  // derivatives by differences are not exact enough
        const std::vector<float> out = run(s, accuracy::accurate, inputs);
        for (size_t i = 0; i < out.size(); ++i) {
          if (!s.comparable(inputs[i])) continue;
          const double expected = s.expected(inputs[i]);
          EXPECT_LE(steps_between(type, round_to(type, out[i]), round_to(type, expected)), 1)
              << s.text() << " at " << inputs[i] << ": " << out[i] << " instead of " << expected;
        }
      }
  }
}

TEST_P(on_a_gpu, has_a_derivative_from_what_was_kept) {
  std::vector<float> kept = {nan_value};
  for (const float y : bf16_inputs())
    if (std::abs(y) <= 1) kept.push_back(y);
  both worst;
  for (const setting& use : settings(f)) {
    if (const subject s{use, quantity::grad_from_output}; s.exists()) look(s, kept, worst);
    if (!f.has_bit) continue;
    std::vector<float> in = special_inputs(use);
    in.push_back(nan_value);
    for (const accuracy mode : {accuracy::accurate, accuracy::fast}) {
      const std::vector<float> direct = run({use, quantity::grad}, mode, in);
      std::vector<float> bits;
      for (const float x : in) bits.push_back(f.ref->bit == nullptr || f.ref->bit(x, use.exact) ? 1.0f : 0.0f);
      if (f.ref->bit == nullptr) continue;
      EXPECT_EQ(run({use, quantity::grad_from_bit}, mode, bits), direct) << use.text();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(catalogue, on_a_gpu, testing::Range(0, int(functions().size())),
                         [](const testing::TestParamInfo<int>& one) {
                           return std::string(functions()[size_t(one.param)].name);
                         });

subject value_of(std::string_view name, quantity what = quantity::value) {
  for (const function& f : functions())
    if (f.name == name) return {settings(f)[0], what};
  throw std::logic_error("no such function");
}

// The bounds are no formality: instructions sixteen times as wrong as documented break them.
TEST(gpu_bounds, notice_instructions_that_are_too_wrong) {
  const std::vector<float> inputs = spread_inputs(20000, 9);
  const auto ratio = [&](const subject& s, accuracy mode) {
    candidate one[] = {{gpu_loop(s, mode), mode, true}};
    measure(s, inputs, one);
    return one[0].seen.ratio;
  };
  const wrong_instructions wrong({.ex2 = 16, .rcp = 16, .tanh = 16});
  for (const char* name : {"sigmoid", "tanh", "swish", "mish", "gelu", "elu", "softplus", "softsign"})
    EXPECT_GT(ratio(value_of(name), accuracy::accurate), 1) << name;
  for (const char* name : {"sigmoid", "tanh", "swish", "gelu_tanh"})
    EXPECT_GT(ratio(value_of(name), accuracy::fast), 1) << name;
}

TEST(gpu_bounds, notice_forms_that_lose_digits) {
  struct form {
    const char* name;
    quantity what;
    float (*wrong)(float);
  };
  using arch::ex2_approx, arch::rcp_approx, arch::tanh_approx;
  const form forms[] = {
      {"sigmoid", quantity::value, [](float x) { return rcp_approx(1.0f + ex2_approx(-1.44269504f * x)); }},
      {"sigmoid", quantity::value, [](float x) { return 0.5f * tanh_approx(0.5f * x) + 0.5f; }},
      {"swish", quantity::value, [](float x) { return x * rcp_approx(1.0f + ex2_approx(-1.44269504f * x)); }},
      {"tanh", quantity::value, [](float x) { return 2.0f * rcp_approx(1.0f + ex2_approx(-2.88539008f * x)) - 1.0f; }},
      {"tanh", quantity::grad, [](float x) { return 1.0f - tanh_approx(x) * tanh_approx(x); }},
      {"softplus", quantity::value,
       [](float x) { return 0.693147182f * arch::lg2_approx(1.0f + ex2_approx(1.44269504f * x)); }},
      {"elu", quantity::value, [](float x) { return x > 0 ? x : ex2_approx(1.44269504f * x) - 1.0f; }},
  };
  for (const form& one : forms) {
    const subject s = value_of(one.name, one.what);
    const loop wrong = [&](const float* in, float* out, size_t count) {
      for (size_t i = 0; i < count; ++i) out[i] = one.wrong(in[i]);
    };
    candidate measured[] = {{wrong, accuracy::accurate, true}};
    measure(s, spread_inputs(20000, 9), measured);
    EXPECT_GT(measured[0].seen.ratio, 1) << s.text();
  }
}

}  // namespace
}  // namespace gemmact::test
