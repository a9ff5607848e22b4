// The loop of every operation, for every shape of its sources and every instruction set that this machine runs, against what
// the operation means.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <vector>

#include "host/core/operations.hpp"
#include "host/cpu/isas.hpp"
#include "kernels/arch/math/math.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using core::op;

struct operation {
  op id;
  const char* name;
  size_t sources;
};

constexpr operation operations[] = {
#define GEMMACT_FUNCTION(name, children) {op::name, #name, children},
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) GEMMACT_FUNCTION(name, children)
#include "host/core/operations.inc"
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION
};

float one_if(bool holds) { return holds ? 1.0f : 0.0f; }

// The operations that have one result only, whatever computes them.
float exact_meaning(op id, float a, float b, float c) {
  const bool unordered = std::isnan(a) || std::isnan(b);
  switch (id) {
    case op::negate:
      return -a;
    case op::add:
      return a + b;
    case op::subtract:
      return a - b;
    case op::multiply:
      return a * b;
    case op::divide:
      return a / b;
    case op::less:
      return one_if(std::isless(a, b));
    case op::at_most:
      return one_if(std::islessequal(a, b));
    case op::greater:
      return one_if(std::isgreater(a, b));
    case op::at_least:
      return one_if(std::isgreaterequal(a, b));
    case op::equal:
      return one_if(!unordered && a == b);
    case op::unequal:
      return one_if(unordered || a != b);
    case op::both:
      return one_if(a != 0 && b != 0);
    case op::either:
      return one_if(a != 0 || b != 0);
    case op::deny:
      return one_if(a == 0);
    case op::choose:
      return a != 0 ? b : c;
    case op::abs:
      return std::fabs(a);
    case op::sign:
      return a > 0 ? 1.0f : a < 0 ? -1.0f : a;
    case op::min:
      return unordered ? NAN : std::fmin(a, b);
    case op::max:
      return unordered ? NAN : std::fmax(a, b);
    case op::clamp:
      return a < b ? b : a > c ? c : a;
    case op::sqrt:
      return std::sqrt(a);
    default:
      throw std::logic_error(fmt::format("operation {} has no exact meaning", int(id)));
  }
}

// The others: as this executable compiles them, which may be without fused multiply-adds.
template <accuracy mode>
float function_value(op id, float a, float b) {
  using m = math<mode>;
  switch (id) {
    case op::power:
      return m::pow(a, b);
    case op::exp:
      return m::exp(a);
    case op::expm1:
      return m::expm1(a);
    case op::log:
      return m::log(a);
    case op::log1p:
      return m::log1p(a);
    case op::rsqrt:
      return m::rsqrt(a);
    case op::sin:
      return m::sin(a);
    case op::cos:
      return m::cos(a);
    case op::tan:
      return m::tan(a);
    case op::atan:
      return m::atan(a);
    case op::sinh:
      return m::sinh(a);
    case op::cosh:
      return m::cosh(a);
    case op::asinh:
      return m::asinh(a);
    case op::erf:
      return m::erf(a);
    default:
      throw std::logic_error(fmt::format("operation {} is no special function", int(id)));
  }
}

bool is_function(op id) { return id == op::power || (id > op::clamp && id != op::sqrt); }

constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
constexpr float edges[] = {0.0f, -0.0f,     1.0f,       -1.0f, infinity, -infinity,
                           nan,  0x1p-149f, -0x1p-130f, 2.0f,  -3.0f,    0.5f};

float drawn(random_source& random, bool moderate) {
  if (random.below(3) == 0) return edges[random.below(std::size(edges))];
  const float v = float(random.normal());
  return moderate || random.below(4) != 0 ? 2 * v : v * std::exp2(float(random.between(-60, 60)));
}

bool same_or_both_nan(float a, float b) { return std::isnan(a) ? std::isnan(b) : std::memcmp(&a, &b, sizeof a) == 0; }

std::string name_of(const testing::TestParamInfo<const gemmact_isa::isa*>& info) { return info.param->name; }

class operations_test : public testing::TestWithParam<const gemmact_isa::isa*> {
 protected:
  // One call: sources of `shape`, the output alone or in the place of a source.
  void check(const operation& o, bool fast, size_t shape, size_t count, size_t in_place) {
    std::vector<float> values[3], out(count + 1, 77.0f);
    const float* from[3];
    for (size_t s = 0; s < o.sources; ++s) {
      values[s].resize(count + 1, 77.0f);
      for (size_t i = 0; i < count; ++i) values[s][i] = drawn(random_, is_function(o.id));
      from[s] = values[s].data();
    }
    const std::vector<float> before[3] = {values[0], values[1], values[2]};
    std::vector<float>& to = in_place < o.sources ? values[in_place] : out;
    GetParam()->operations[fast].of[size_t(o.id)][shape](to.data(), from, count);
    ASSERT_EQ(to[count], 77.0f) << "written past the end";
    for (size_t i = 0; i < count; ++i) {
      float v[3] = {};
      for (size_t s = 0; s < o.sources; ++s) v[s] = before[s][(shape >> s & 1) != 0 ? 0 : i];
      ASSERT_TRUE(agrees(o, fast, v, to[i]))
          << fmt::format("{}{}({}, {}, {}) is {}", o.name, fast ? " (fast)" : "", v[0], v[1], v[2], to[i]) << ", shape "
          << shape << ", count " << count << ", element " << i << ", output in place of " << in_place;
    }
  }

 private:
  static bool agrees(const operation& o, bool fast, const float* v, float found) {
    if (!is_function(o.id)) {
      const float expected = exact_meaning(o.id, v[0], v[1], v[2]);
      // Of zeros of both signs, min and max may give either.
      if ((o.id == op::min || o.id == op::max) && expected == 0) return found == 0;
      return same_or_both_nan(found, expected);
    }
    const float expected =
        fast ? function_value<accuracy::fast>(o.id, v[0], v[1]) : function_value<accuracy::accurate>(o.id, v[0], v[1]);
    if (!std::isfinite(expected) || expected == 0) return same_or_both_nan(found, expected);
    return std::fabs(found - expected) <= 0x1p-20f * std::fabs(expected) + 0x1p-126f;
  }
  random_source random_{17};
};

TEST_P(operations_test, every_shape_means_what_the_operation_means) {
  for (const operation& o : operations)
    for (const bool fast : {false, true})
      for (size_t shape = 0; shape < gemmact_isa::operation_shapes; ++shape) {
        const bool exists = shape == 0 || shape + 1 < size_t{1} << o.sources;
        ASSERT_EQ(GetParam()->operations[fast].of[size_t(o.id)][shape] != nullptr, exists) << o.name << " " << shape;
        for (const size_t count : {1u, 3u, 16u, 17u, 200u})
          for (size_t in_place = 0; exists && in_place <= o.sources; ++in_place)
            ASSERT_NO_FATAL_FAILURE(check(o, fast, shape, count, in_place));
      }
}

TEST_P(operations_test, choices_by_a_comparison_are_one_loop) {
  random_source random(3);
  const auto edge = [&] { return edges[random.below(std::size(edges))]; };
  for (const int kind : {gemmact_isa::if_less, gemmact_isa::if_at_most})
    for (size_t shape = 0; shape < gemmact_isa::choice_shapes; ++shape) {
      const gemmact_isa::operation_fn loop = GetParam()->operations[0].choose[kind][shape];
      ASSERT_EQ(loop, GetParam()->operations[1].choose[kind][shape]);
      ASSERT_EQ(loop != nullptr, shape != gemmact_isa::choice_shapes - 1) << shape;
      for (size_t in_place = 0; loop != nullptr && in_place <= 4; ++in_place) {
        constexpr size_t count = 333;
        std::vector<float> values[5];
        for (std::vector<float>& v : values) std::generate_n(std::back_inserter(v), count, edge);
        const std::vector<float> before[] = {values[0], values[1], values[2], values[3]};
        const float* from[] = {values[0].data(), values[1].data(), values[2].data(), values[3].data()};
        loop(values[in_place].data(), from, count);
        for (size_t i = 0; i < count; ++i) {
          float v[4];
          for (size_t s = 0; s < 4; ++s) v[s] = before[s][(shape >> s & 1) != 0 ? 0 : i];
          const bool holds = kind == gemmact_isa::if_less ? std::isless(v[0], v[1]) : std::islessequal(v[0], v[1]);
          ASSERT_TRUE(same_or_both_nan(values[in_place][i], holds ? v[2] : v[3]))
              << fmt::format("{}, {} ? {} : {}, kind {}, shape {}", v[0], v[1], v[2], v[3], kind, shape);
        }
      }
    }
}

TEST_P(operations_test, fill_repeats_one_number) {
  for (const size_t count : {1u, 16u, 45u}) {
    std::vector<float> out(count + 1, 77.0f);
    out[0] = -2.5f;
    const float* from[] = {out.data()};
    GetParam()->operations[0].fill(out.data(), from, count);
    EXPECT_EQ(std::count(out.begin(), out.end(), -2.5f), int64_t(count));
  }
}

INSTANTIATE_TEST_SUITE_P(every_isa, operations_test, testing::ValuesIn(cpu::available_isas()), name_of);

}  // namespace
}  // namespace gemmact::test
