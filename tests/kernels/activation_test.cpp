// Every function of the catalogue, on every instruction set that this machine can run, in both accuracy modes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "host/cpu/isas.hpp"
#include "tests/kernels/bounds.hpp"
#include "tests/kernels/inputs.hpp"
#include "tests/support/numbers.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr accuracy modes[] = {accuracy::accurate, accuracy::fast};
const float nan_value = std::numeric_limits<float>::quiet_NaN();

size_t isa_count() { return cpu::available_isas().size(); }
const char* isa_name(size_t isa) { return cpu::available_isas()[isa]->name; }
const char* mode_name(accuracy mode) { return mode == accuracy::fast ? "fast" : "accurate"; }

class every_function : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (f.ref == nullptr) GTEST_FAIL() << f.name << " has neither tests/reference/" << f.name << ".hpp nor a reference";
  }
  static std::vector<subject> all_subjects(const std::vector<setting>& uses) {
    std::vector<subject> all;
    for (const setting& use : uses)
      for (const subject& one : subjects(use)) all.push_back(one);
    return all;
  }
  static void expect_within(const subject& s, std::span<const float> inputs) {
    std::vector<candidate> candidates;
    for (size_t isa = 0; isa < isa_count(); ++isa)
      for (const accuracy mode : modes) candidates.push_back({device_loop(s, isa, mode, false), mode});
    measure(s, inputs, candidates);
    for (size_t i = 0; i < candidates.size(); ++i)
      EXPECT_LE(candidates[i].seen.ratio, 1) << s.text() << ", " << isa_name(i / 2) << ", "
                                             << mode_name(candidates[i].mode) << ": " << candidates[i].seen.text();
  }
  static std::vector<float> run(const subject& s, size_t isa, accuracy mode, std::span<const float> in) {
    std::vector<float> out(in.size());
    device_loop(s, isa, mode, false)(in.data(), out.data(), in.size());
    return out;
  }
  const function& f = functions()[size_t(GetParam())];
};

TEST_P(every_function, is_within_its_bounds_on_ten_million_inputs) {
  const size_t count = size_t(double(case_count(10000000)) * case_share());
  static const std::vector<float> many = spread_inputs(count, 1);
  const std::vector<setting> all = settings(f);
  for (size_t i = 0; i < all.size(); ++i)
    for (const subject& s : subjects(all[i])) expect_within(s, std::span(many).first(i == 0 ? count : count / 40));
}

TEST_P(every_function, is_within_its_bounds_on_special_values) {
  for (const setting& use : settings(f))
    for (const subject& s : subjects(use)) {
      if (s.what == quantity::param_grad && f.info->special_functions > 0) {
        std::vector<float> moderate = special_inputs(use);  // x^2 e^-|x| reaches 0 * infinity in the reference beyond
        std::erase_if(moderate, [](float x) { return std::abs(x) > 1e15f && std::isfinite(x); });
        expect_within(s, moderate);
      } else {
        expect_within(s, special_inputs(use));
      }
    }
}

TEST_P(every_function, keeps_nan_and_the_sign_of_zero) {
  for (const setting& use : settings(f))
    for (size_t isa = 0; isa < isa_count(); ++isa)
      for (const accuracy mode : modes) {
        const subject value{use, quantity::value}, grad{use, quantity::grad};
        std::vector<float> in = special_inputs(use);
        const std::vector<float> out = run(value, isa, mode, in);
        for (size_t i = 0; i < in.size(); ++i) {
          if (out[i] != 0 || !f.ref->own_file) continue;
          EXPECT_EQ(std::signbit(out[i]), std::signbit(value.expected(in[i])))
              << use.text() << " at " << in[i] << " on " << isa_name(isa) << ", " << mode_name(mode);
        }
        const std::vector<float> nans(5, nan_value);
        for (const float y : run(value, isa, mode, nans))
          EXPECT_TRUE(std::isnan(y)) << use.text() << " of NaN is " << y;
        for (const float d : run(grad, isa, mode, nans)) {
          const double expected = grad.expected(nan_value);
          EXPECT_TRUE(std::isnan(expected) ? std::isnan(d) : d == float(expected))
              << "the derivative of " << use.text() << " at NaN is " << d << " instead of " << expected;
        }
      }
}

TEST_P(every_function, is_within_one_place_in_the_narrow_types) {
  struct narrow {
    gemmact_type type;
    std::vector<float> inputs;
  };
  static const narrow types[] = {{GEMMACT_F16, all_f16()}, {GEMMACT_BF16, all_bf16()}, {GEMMACT_E4M3, all_e4m3()}};
  const std::vector<setting> all = settings(f);
  for (const narrow& t : types)
    for (const subject& s : all_subjects(all)) {
      expect_within(s, t.inputs);
      if (!f.ref->own_file && s.what != quantity::value) continue;  // derivatives by differences are not exact enough
      std::vector<double> expected;
      for (const float x : t.inputs) expected.push_back(s.expected(x));
      for (size_t isa = 0; isa < isa_count(); ++isa) {
        const std::vector<float> out = run(s, isa, accuracy::accurate, t.inputs);
        for (size_t i = 0; i < out.size(); ++i) {
          if (!s.comparable(t.inputs[i])) continue;
          const double rounded = round_to(t.type, out[i]), best = round_to(t.type, expected[i]);
          if (rounded == best) continue;
          EXPECT_LE(steps_between(t.type, rounded, best), 1)
              << s.text() << " at " << t.inputs[i] << " in " << type_name(t.type) << " on " << isa_name(isa) << ": "
              << out[i] << " instead of " << expected[i];
        }
      }
    }
}

TEST_P(every_function, rises_where_its_reference_rises) {
  std::vector<float> inputs = all_f16();
  std::erase_if(inputs, [](float x) { return !std::isfinite(x); });  // 0 * infinity has no place in an order
  std::sort(inputs.begin(), inputs.end());
  for (const setting& use : settings(f)) {
    const subject s{use, quantity::value};
    std::vector<double> expected;
    for (const float x : inputs) expected.push_back(s.expected(x));
    if (!std::is_sorted(expected.begin(), expected.end())) continue;
    for (size_t isa = 0; isa < isa_count(); ++isa) {
      const std::vector<float> out = run(s, isa, accuracy::accurate, inputs);
      for (size_t i = 1; i < out.size(); ++i)
        EXPECT_LE(round_to(GEMMACT_F16, out[i - 1]), round_to(GEMMACT_F16, out[i]))
            << use.text() << " at " << inputs[i];
    }
  }
}

TEST_P(every_function, has_a_derivative_from_the_output) {
  if (!f.has_grad_from_output) return;
  std::vector<float> outputs = {nan_value};
  for (const float y : all_bf16())
    if (std::abs(y) <= 1) outputs.push_back(y);
  // Those of the infinities and of NaN among them.
  for (const float x : all_f16()) outputs.push_back(float(f.ref->value(x, settings(f)[0].exact)));
  for (const setting& use : settings(f)) {
    const subject s{use, quantity::grad_from_output};
    if (!s.exists()) continue;
    expect_within(s, outputs);
    for (const float x : all_f16()) {  // the reference's is sound: it agrees with the derivative at x
      const double from_output = f.ref->grad_from_output(f.ref->value(x, use.exact), use.exact);
      const double direct = f.ref->grad(x, use.exact);
      if (std::isnan(from_output) && std::isnan(direct)) continue;
      EXPECT_NEAR(from_output, direct, 1e-12) << use.text() << " at " << x;
    }
  }
}

TEST_P(every_function, has_a_derivative_from_the_bit) {
  if (!f.has_bit) return;
  for (const setting& use : settings(f)) {
    std::vector<float> in = special_inputs(use);
    const std::vector<float> more = all_f16();
    in.insert(in.end(), more.begin(), more.end());
    in.push_back(nan_value);
    const float* p[activation::max_params];
    for (int i = 0; i < activation::max_params; ++i) p[i] = &use.p[i];
    for (size_t isa = 0; isa < isa_count(); ++isa)
      for (const accuracy mode : modes) {
        const auto& maps = *cpu::available_isas()[isa]->activation(f.index, mode == accuracy::fast);
        std::vector<float> bits(in.size()), from_bit(in.size());
        maps.bit[gemmact_isa::scalar](p, in.data(), bits.data(), in.size());
        maps.grad_from_bit[gemmact_isa::scalar](p, bits.data(), from_bit.data(), in.size());
        const std::vector<float> direct = run({use, quantity::grad}, isa, mode, in);
        for (size_t i = 0; i < in.size(); ++i) {
          EXPECT_EQ(bits[i], f.ref->bit ? float(f.ref->bit(in[i], use.exact)) : bits[i])
              << use.text() << " at " << in[i];
          EXPECT_EQ(from_bit[i], direct[i]) << use.text() << " at " << in[i];
        }
      }
  }
}

// Rows must not depend on where in a segment an element lies, nor on whether parameters come one an element.
TEST_P(every_function, gives_the_same_bits_in_every_place) {
  const std::vector<float> in = spread_inputs(131, 7);
  for (const setting& use : settings(f))
    for (const subject& s : subjects(use))
      for (size_t isa = 0; isa < isa_count(); ++isa)
        for (const accuracy mode : modes) {
          const std::vector<float> whole = run(s, isa, mode, in);
          const auto expect_same = [&](const std::vector<float>& part, size_t start) {
            const auto bits = [](float v) { return bit_cast<u32>(v); };
            EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + std::ptrdiff_t(start),
                                   [&](float a, float b) { return bits(a) == bits(b); }))
                << s.text() << ", " << part.size() << " from " << start << " on " << isa_name(isa);
          };
          for (size_t count = 0; count <= 67; ++count)
            expect_same(run(s, isa, mode, std::span(in).subspan(count % 33, count)), count % 33);
          std::vector<float> each(in.size()), in_place = in;
          device_loop(s, isa, mode, true)(in.data(), each.data(), in.size());
          expect_same(each, 0);
          device_loop(s, isa, mode, false)(in_place.data(), in_place.data(), in.size());
          expect_same(in_place, 0);
        }
}

INSTANTIATE_TEST_SUITE_P(catalogue, every_function, testing::Range(0, int(functions().size())),
                         [](const testing::TestParamInfo<int>& one) {
                           return std::string(functions()[size_t(one.param)].name);
                         });

}  // namespace
}  // namespace gemmact::test
