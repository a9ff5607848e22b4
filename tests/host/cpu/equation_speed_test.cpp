// Equations on the CPU device take at most a few times what hand-written functions take, value and derivative. The figures of
// docs/measured.md are those that it prints.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "host/core/problem.hpp"
#include "host/cpu/catalogue.hpp"
#include "host/cpu/function_loops.hpp"
#include "host/cpu/isas.hpp"
#include "host/equation/function.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using cpu::function_loops;

// Nearly all are written so that they are not recognised as the catalogue's, by another constant if need be.
struct pair {
  const char* text;
  const char* by_hand;
  double most = 3;  // times by hand, of the value and of the derivative; docs/measured.md says why one has more
};
constexpr pair pairs[] = {
    {"x * sigmoid(1.7 * x)", "quick_gelu"},
    {"0.5 * x * (1 + tanh(0.797885 * (x + 0.044715 * x^3)))", "gelu_tanh"},
    {"max(x, 0.1 * x)", "leaky_relu"},
    {"f(x; slope=0.25) = max(x, 0) + slope * min(x, 0)", "prelu"},
    {"x > 0 ? x * x : 0", "squared_relu"},
    {"x > 1 ? 1 : x < -1 ? -1 : x", "clip"},
    {"x < -3 ? 0 : min(x, 6)", "relu6"},
    {"x * min(max(x + 3.001, 0), 6) / 6", "hardswish"},
    {"min(max(x + 3.001, 0), 6) / 6", "hardsigmoid"},
    {"x / (1.001 + abs(x))", "softsign"},
    {"x > 0 ? x : 1.001 * expm1(x)", "elu"},
    {"x * 0.5 * (1 + erf(x / 1.41))", "gelu"},
    {"x * tanh(1.001 * softplus(x))", "mish", 4},
    {"1 / (1.001 + exp(-x))", "sigmoid"},
    {"log(1.001 + exp(x))", "softplus"},
};

using clock = std::chrono::steady_clock;

class stopwatch {
 public:
  // The least time of a call so far, in ns.
  template <class F>
  void measure(F f) {
    constexpr int calls = 40;
    const clock::time_point begin = clock::now();
    for (int i = 0; i < calls; ++i) f();
    least_ = std::min(least_, std::chrono::duration<double, std::nano>(clock::now() - begin).count() / calls);
  }
  double least() const { return least_; }

 private:
  double least_ = 1e30;
};

// As many values as a strip of a layer has, in the first-level cache.
class contest {
 public:
  contest(const pair& p, equation::shelf& equations, gemmact_accuracy accuracy) {
    const int index = core::find_activation(p.by_hand, cpu::catalogue());
    const core::activation_info& info = cpu::catalogue()[size_t(index)];
    hand_.use = {index, &info, {}, nullptr};
    equation_.use.made = equations.find(p.text);
    equation_.use.info = &equation_.use.made->info;
    const gemmact_isa::isa& isa = *cpu::available_isas().front();
    for (side* s : {&hand_, &equation_}) {
      for (size_t i = 0; i < core::max_params; ++i) {
        s->use.params[i] = s->use.info->params[i].default_value;
        s->params[i] = &s->use.params[i];
      }
      s->loops = std::make_unique<function_loops>(isa, s->use, accuracy);
    }
    random_source random(1);
    for (float& v : in_) v = float(2 * random.normal());
  }

  // In turns, so that what slows the machine down slows both.
  void run(function_loops::quantity q, int turns) {
    for (int turn = 0; turn < turns; ++turn)
      for (side* s : {&hand_, &equation_})
        s->time[q].measure([&] { (*s->loops)(q, s->params, in_, out_, std::size(in_)); });
  }
  double ratio(function_loops::quantity q) const { return equation_.time[q].least() / hand_.time[q].least(); }

 private:
  struct side {
    core::activation_use use;
    const float* params[core::max_params];
    std::unique_ptr<function_loops> loops;
    stopwatch time[function_loops::quantities];
  };
  side hand_, equation_;
  alignas(64) float in_[1024];
  [[maybe_unused]] float apart_[256] = {};  // 4 KiB further, a store might hold up the loads behind it
  alignas(64) float out_[1024];
};

TEST(equation_speed, a_few_times_the_hand_written_function_at_most) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
  GTEST_SKIP() << "of builds that are meant to be fast";
#endif
  constexpr double room = 1.4;  // for other processors
  equation::shelf equations(cpu::catalogue());
  for (const gemmact_accuracy accuracy : {GEMMACT_ACCURATE, GEMMACT_FAST})
    for (const pair& p : pairs) {
      contest c(p, equations, accuracy);
      const double bound = room * p.most;
      for (const function_loops::quantity q : {function_loops::value, function_loops::grad})
        for (int attempt = 0; attempt < 20 && (attempt == 0 || c.ratio(q) > bound); ++attempt) c.run(q, 10);
      fmt::print("time / by hand  {:<54} {:<12} {:<9} value {:.2f}  derivative {:.2f}\n", p.text, p.by_hand,
                 accuracy == GEMMACT_FAST ? "fast" : "accurate", c.ratio(function_loops::value),
                 c.ratio(function_loops::grad));
      EXPECT_LE(c.ratio(function_loops::value), bound) << p.text;
      EXPECT_LE(c.ratio(function_loops::grad), bound) << p.text;
    }
}

}  // namespace
}  // namespace gemmact::test
