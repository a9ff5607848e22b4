// The structs of sample_equations.inc, compiled for the CPU's and for the GPU's side of kernels/arch/math, against what the
// equations say in double.
#include <dlfcn.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/equation/equation.hpp"
#include "host/equation/function.hpp"
#include "tests/host/equation/compiled.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/rounding.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using test::bounded;
using test::known_forms;
using test::point;

const gemmact_compiled_equations& load(const char* path) {
  void* module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* found = module == nullptr ? nullptr : dlsym(module, "gemmact_compiled_equations_here");
  if (found == nullptr) throw std::runtime_error(dlerror());
  return *reinterpret_cast<gemmact_compiled_equations_fn>(found)();
}

// What was compared with one equation: how many results, of how many, and how many of them were not as the equation says.
struct tally {
  int compared = 0, all = 0, wrong = 0;
  std::string first_wrong;
};

class one_equation {
 public:
  one_equation(const gemmact_compiled_equation& row, bool emulated, uint64_t seed)
      : row_(row), emulated_(emulated), random_(seed), e_(work_out(row.text, known_forms())) {
    kept_ = what_to_keep(e_, {}, known_forms());
    if (kept_.output) {
      const node call = e_.text.nodes[e_.value];
      from_output_ = e_.text.nodes.call(call.index, part::grad_from_output, 0, call.children());
    }
  }

  tally check() {
    const int count = 400;
    for (int i = 0; i < count; ++i) {
      draw_parameters(i);
      const float x = draw_x(i);
      for (const bool fast : {false, true}) check_at(x, fast);
    }
    return tally_;
  }

 private:
  void draw_parameters(int i) {
    for (size_t p = 0; p < e_.text.parameters.size(); ++p) {
      const parameter_info& info = e_.text.parameters[p];
      const bool usual = !info.operand && i % 2 == 0;
      values_[p] = usual ? static_cast<float>(info.default_value) : static_cast<float>(2 * random_.normal());
      exact_[p] = values_[p];
    }
  }

  float draw_x(int i) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const float special[] = {0,  1,   -1, 0.5f, 2,     3,     -3,       6,         -2,           0x1p-20f,
                             20, -20, 90, -104, 200.f, -200., infinity, -infinity, std::nanf("")};
    if (i < static_cast<int>(std::size(special))) return special[i];
    const double wide[] = {1, 3, 3, 10, 40};
    return static_cast<float>(wide[i % 5] * random_.normal());
  }

  void compare(const char* what, node_id root, float x, bool fast, double got) {
    const bounded wanted = test::bounded_value(e_.text.nodes, root, {x, exact_}, {0x1p-24, fast});
    ++tally_.all;
    if (!wanted.known) return;
    ++tally_.compared;
    if (wanted.allows(got) || tally_.wrong++ > 0) return;
    tally_.first_wrong = fmt::format("{}{}{} of {} at {} with {}, {}: {} instead of {} +- {}", what,
                                     fast ? ", fast," : "", emulated_ ? " on a GPU" : " on the CPU", row_.text, x,
                                     exact_[0], exact_[1], got, wanted.value, wanted.error);
  }

  void check_at(float x, bool fast) {
    const gemmact_compiled_members& f = row_.by[fast];
    const float* p = values_.data();
    compare("value", e_.value, x, fast, f.value(p, x));
    compare("derivative", e_.grad, x, fast, f.grad(p, x));
    for (size_t i = 0; i < e_.param_grads.size(); ++i)
      if (const node_id root = e_.param_grads[i]; root != no_node)
        compare("derivative by a parameter", root, x, fast, f.param_grad(p, static_cast<int>(i), x));
    ASSERT_EQ(f.bit != nullptr, kept_.keep == GEMMACT_KEEP_BIT);
    ASSERT_EQ(f.grad_from_output != nullptr, kept_.output);
    if (f.bit != nullptr) {
      compare("bit", kept_.bit, x, fast, f.bit(p, x));
      compare("derivative of a set bit", kept_.if_set, x, fast, f.grad_from_bit(p, true));
      compare("derivative of no bit", kept_.if_not, x, fast, f.grad_from_bit(p, false));
    }
    if (f.grad_from_output != nullptr) {
      const float y = f.value(p, x);
      compare("derivative from the output", from_output_, y, fast, f.grad_from_output(p, y));
    }
  }

  const gemmact_compiled_equation& row_;
  bool emulated_;
  test::random_source random_;
  equation e_;
  kept kept_;
  node_id from_output_ = no_node;
  std::array<float, max_params> values_{};
  std::array<double, max_params> exact_{};
  tally tally_;
};

void check_all(const char* path, bool emulated, uint64_t instructions_off) {
  const gemmact_compiled_equations& all = load(path);
  EXPECT_GE(all.count, 50);
  EXPECT_EQ(all.emulated, emulated);
  all.instructions_off(instructions_off);
  for (int i = 0; i < all.count; ++i) {
    const gemmact_compiled_equation& row = all.equations[i];
    EXPECT_EQ(make_function(row.text, known_forms())->type, row.type) << "compiled of what the library writes now";
    const tally t = one_equation(row, emulated, 100 * instructions_off + static_cast<uint64_t>(i)).check();
    EXPECT_EQ(t.wrong, 0) << t.first_wrong;
    EXPECT_GT(t.compared, 3 * t.all / 5) << row.text << ": most points are worth comparing";
  }
  all.instructions_off(0);
}

TEST(equation_structs, compute_what_is_written_on_the_cpu) { check_all(GEMMACT_EQUATIONS_ON_THE_CPU, false, 0); }

TEST(equation_structs, compute_what_is_written_on_a_gpu) {
  for (const uint64_t seed : {0, 1, 2}) check_all(GEMMACT_EQUATIONS_ON_A_GPU, true, seed);
}

// What is compared tells equations apart that are nearly the same.
TEST(equation_structs, of_another_equation_are_noticed) {
  constexpr const char* planted[][2] = {
      {"x * sigmoid(1.702 * x)", "x * sigmoid(1.7021 * x)"},
      {"cos(x) - x", "cos(x) - 1.00001 * x"},
      {"x < -3 ? 0 : min(x, 6)", "x <= -3 ? 0 : min(x, 6)"},
      {"max(x, tanh(x))", "max(tanh(x), 0.99999 * x)"},
      {"f(x; p=1.5) = abs(x)^p", "f(x; p=1.5) = abs(x)^p + 1e-5"},
      {"f(x; beta=1) = max(x, sigmoid(beta * x))", "f(x; beta=1) = max(x, sigmoid(1.00001 * beta * x))"}};
  const gemmact_compiled_equations& all = load(GEMMACT_EQUATIONS_ON_THE_CPU);
  for (const auto& [right, wrong] : planted) {
    int found = 0;
    for (int i = 0; i < all.count; ++i) {
      if (all.equations[i].text != std::string_view(right)) continue;
      gemmact_compiled_equation row = all.equations[i];
      EXPECT_EQ(one_equation(row, false, 1).check().wrong, 0) << right;
      row.text = wrong;
      EXPECT_GT(one_equation(row, false, 1).check().wrong, 0) << wrong;
      ++found;
    }
    EXPECT_EQ(found, 1) << right << " is a sample";
  }
}

}  // namespace
}  // namespace gemmact::equation
