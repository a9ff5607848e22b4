// Every sample equation as the function of whole layers: z is given as a bias, and Y, each form of what is kept, dZ and the
// gradients of parameters are compared with what the equation says in double (tests/host/equation/rounding.hpp).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "host/equation/equation.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/rounding.hpp"
#include "tests/layer/layer.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using equation::max_params;
using equation::no_node;
using equation::node_id;

constexpr const char* samples[] = {
#define GEMMACT_SAMPLE(text) text,
#include "tests/host/equation/sample_equations.inc"
#undef GEMMACT_SAMPLE
};

constexpr int64_t rows = 19, columns = 21;

// In two of the four cases of an equation z is random and parameters are drawn and trained; in the others z is special and
// parameters are as written. One of each is fast.
struct how {
  bool fast, special;
};

how how_of(uint64_t index) { return {index % 2 != 0, index / 2 % 2 != 0}; }

enum quantity_of_layer { of_value, of_bit, of_derivative, of_parameter, quantities };
constexpr const char* quantity_names[quantities] = {"Y", "bit", "dZ", "DPARAM"};

struct tally {
  int compared[quantities] = {}, all[quantities] = {}, wrong[quantities] = {};
  std::string first_wrong;
};

class one_equation {
 public:
  // The layers compute `text`; `meant` is what their results are compared with, of the same parameters.
  one_equation(const char* text, const char* meant, how as, uint64_t seed)
      : text_(text), as_(as), random_(seed), e_(work_out(meant, known_forms())) {
    kept_ = what_to_keep(e_, {}, known_forms());
    if (kept_.output) {
      const equation::node call = e_.text.nodes[e_.value];
      from_output_ = e_.text.nodes.call(call.index, part::grad_from_output, 0, call.children());
    }
    draw();
  }

  tally check() {
    run_with(GEMMACT_KEEP_Z);
    if (kept_.keep == GEMMACT_KEEP_BIT) run_with(GEMMACT_KEEP_BIT);
    if (kept_.output) run_with(GEMMACT_KEEP_OUTPUT);
    return tally_;
  }

 private:
  using part = equation::part;

  // Of the declaration's parameters and operands, as doubles.
  std::array<double, max_params> parameters_at(int64_t i, int64_t j) const {
    std::array<double, max_params> all{};
    for (size_t p = 0; p < e_.text.parameters.size(); ++p)
      all[p] = parameters_[p].empty() ? static_cast<float>(e_.text.parameters[p].default_value)
                                      : parameters_[p][size_t(i * columns + j) % parameters_[p].size()];
    return all;
  }

  bounded expected(node_id root, double x, int64_t i, int64_t j) const {
    const auto parameters = parameters_at(i, j);
    return bounded_value(e_.text.nodes, root, {x, parameters}, {0x1p-24, as_.fast});
  }

  float draw_special(size_t i) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const float special[] = {0,          -0.f,      std::nanf(""), infinity,  -infinity, 65504,   -65504, 0x1p-149f,
                             -0x1p-149f, 0x1p-130f, -0x1p-127f,    0x1p-126f, 1e-20f,    -1e-20f, 88.75f, -104};
    if (i % 3 == 0) return special[i / 3 % std::size(special)];
    return i % 3 == 1 ? float(random_.between(-9, 9)) : float(20 * random_.normal());
  }

  // Sums over elements need each of them known.
  bool can_be_summed(float x, int64_t i, int64_t j) const {
    for (const node_id root : e_.param_grads) {
      if (root == no_node) continue;
      const bounded term = expected(root, x, i, j);
      if (!term.known || !std::isfinite(term.value)) return false;
    }
    return true;
  }

  // A root of a negative parameter has gradients nowhere: parameters are drawn again then.
  void draw() {
    for (int tries = 0; !try_draw(); ++tries)
      if (tries == 20) throw std::runtime_error(fmt::format("{} has gradients of its parameters nowhere", text_));
  }

  bool try_draw() {
    z_.clear(), parameters_.clear();
    for (const equation::parameter_info& p : e_.text.parameters) {
      std::vector<double>& to = parameters_.emplace_back();
      if (as_.special && !p.operand) continue;
      to.resize(size_t(p.operand ? rows * columns : p.per_column ? columns : 1));
      for (double& v : to) v = static_cast<float>(2 * random_.normal());
    }
    const double wide[] = {1, 3, 10};
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        const size_t at = z_.size();
        float x = as_.special ? draw_special(at) : float(wide[at % 3] * random_.normal());
        for (int tries = 0; !as_.special && !can_be_summed(x, i, j); ++tries) {
          if (tries == 50) return false;
          x = float(random_.normal());
        }
        z_.push_back(x);
      }
    return true;
  }

  void add_parameters(layer& l) const {
    for (size_t p = 0; p < parameters_.size(); ++p) {
      const equation::parameter_info& info = e_.text.parameters[p];
      if (parameters_[p].empty()) continue;
      const gemmact_extent extent = info.operand ? GEMMACT_EACH : info.per_column ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR;
      l.add(info.operand ? GEMMACT_OPERAND : GEMMACT_PARAM, GEMMACT_F32, {.index = uint32_t(p), .extent = extent})
          .values = parameters_[p];
    }
  }

  layer make(gemmact_operation operation, gemmact_keep keep) const {
    layer l;
    l.operation = operation;
    l.m = rows, l.n = columns, l.k = 1;
    l.activation = text_;
    l.accuracy = as_.fast ? GEMMACT_FAST : GEMMACT_ACCURATE;
    l.keep = keep;
    l.add(GEMMACT_KEPT, keep == GEMMACT_KEEP_BIT ? GEMMACT_BIT : GEMMACT_F32);
    add_parameters(l);
    return l;
  }

  void run_with(gemmact_keep keep) {
    layer forward = make(GEMMACT_FORWARD, keep);
    for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) forward.add(slot, GEMMACT_F32);
    forward.add(GEMMACT_BIAS, GEMMACT_F32).values = z_;
    forward.add(GEMMACT_Y, GEMMACT_F32);
    layer_run there(device_under_test(), forward);
    there.run();
    EXPECT_EQ(there.stray_write(), "") << text_;
    const std::vector<double> kept = there.values(GEMMACT_KEPT), y = there.values(GEMMACT_Y);

    layer backward = make(GEMMACT_ACTIVATION_GRAD, keep);
    backward.get(GEMMACT_KEPT).values = keep == GEMMACT_KEEP_Z ? z_ : kept;
    backward.add(GEMMACT_DY, GEMMACT_F32).values.assign(z_.size(), 1);
    backward.add(GEMMACT_DZ, GEMMACT_F32);
    const bool trained = !as_.special && keep == GEMMACT_KEEP_Z;
    for (size_t p = 0; trained && p < e_.param_grads.size(); ++p)
      if (e_.param_grads[p] != no_node)
        backward.add(
            GEMMACT_DPARAM, GEMMACT_F32,
            {.index = uint32_t(p), .extent = e_.text.parameters[p].per_column ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR});
    layer_run back(device_under_test(), backward);
    back.run();
    EXPECT_EQ(back.stray_write(), "") << text_;
    compare_elements(keep, kept, y, back.values(GEMMACT_DZ));
    for (size_t p = 0; trained && p < e_.param_grads.size(); ++p)
      if (e_.param_grads[p] != no_node) compare_sums(p, back.values(GEMMACT_DPARAM, uint32_t(p)));
  }

  void compare_elements(gemmact_keep keep, const std::vector<double>& kept, const std::vector<double>& y,
                        const std::vector<double>& dz) {
    for (size_t at = 0; at < z_.size(); ++at) {
      const int64_t i = int64_t(at) / columns, j = int64_t(at) % columns;
      const auto compare_here = [&](quantity_of_layer what, node_id root, double x, double got) {
        compare(what, expected(root, x, i, j), got, [&] { return where(x, i, j); });
      };
      compare_here(of_value, e_.value, z_[at], y[at]);
      if (keep == GEMMACT_KEEP_Z) {
        EXPECT_TRUE(kept[at] == z_[at] || (std::isnan(kept[at]) && std::isnan(z_[at]))) << where(z_[at], i, j);
        compare_here(of_derivative, e_.grad, z_[at], dz[at]);
      } else if (keep == GEMMACT_KEEP_BIT) {
        compare_here(of_bit, kept_.bit, z_[at], kept[at]);
        compare_here(of_derivative, kept[at] != 0 ? kept_.if_set : kept_.if_not, z_[at], dz[at]);
      } else {
        EXPECT_TRUE(kept[at] == y[at] || (std::isnan(kept[at]) && std::isnan(y[at]))) << where(z_[at], i, j);
        compare_here(of_derivative, from_output_, y[at], dz[at]);
      }
    }
  }

  // Terms are added in f32, in any order.
  void compare_sums(size_t p, const std::vector<double>& got) {
    for (size_t g = 0; g < got.size(); ++g) {
      bounded sum;
      double sizes = 0;
      for (size_t at = g; at < z_.size(); at += got.size()) {
        const bounded term = expected(e_.param_grads[p], z_[at], int64_t(at) / columns, int64_t(at) % columns);
        sum.value += term.value, sum.error += term.error, sizes += std::abs(term.value) + term.error;
      }
      sum.error += 0x1p-24 * double(z_.size() / got.size()) * sizes;
      compare(of_parameter, sum, got[g], [&] { return fmt::format("{}[{}]", e_.text.parameters[p].name, g); });
    }
  }

  template <class Where>
  void compare(quantity_of_layer what, const bounded& wanted, double got, const Where& place) {
    ++tally_.all[what];
    if (!wanted.known) return;
    ++tally_.compared[what];
    if (wanted.allows(got)) return;
    ++tally_.wrong[what];
    if (tally_.first_wrong.empty())
      tally_.first_wrong = fmt::format("{}{} of {} at {}: {} instead of {} +- {}", quantity_names[what],
                                       as_.fast ? ", fast," : "", text_, place(), got, wanted.value, wanted.error);
  }

  std::string where(double x, int64_t i, int64_t j) const {
    std::string all = fmt::format("z[{},{}] = {}", i, j, x);
    const auto parameters = parameters_at(i, j);
    for (size_t p = 0; p < parameters_.size(); ++p)
      all += fmt::format(", {} = {}", e_.text.parameters[p].name, parameters[p]);
    return all;
  }

  std::string text_;
  how as_;
  random_source random_;
  equation::equation e_;
  equation::kept kept_;
  node_id from_output_ = no_node;
  std::vector<std::vector<double>> parameters_;  // of each: one, [columns] or [rows][columns]; empty: as written
  std::vector<double> z_;
  tally tally_;
};

TEST(every_equation, computes_what_is_written) {
  uint64_t index = 0, all = 0;
  for (const char* text : samples)
    for (int c = 0; c < 4; ++c, ++index) {
      if (!case_selected(index)) continue;
      ++all;
      const tally t = one_equation(text, text, how_of(index), index).check();
      for (int what = 0; what < quantities; ++what) {
        EXPECT_EQ(t.wrong[what], 0) << t.first_wrong << "\n  " << replay_line(index);
        EXPECT_GE(t.compared[what], 3 * t.all[what] / 5)
            << text << ": most " << quantity_names[what] << " are compared";
      }
    }
  EXPECT_TRUE(all < index || all >= 4 * 50) << "all of at least 50 equations";
}

// A result of an equation that is nearly the same is outside of the bounds of what is compared.
TEST(every_equation, another_equation_is_noticed) {
  constexpr struct {
    const char *text, *meant;
    quantity_of_layer seen_in;
  } planted[] = {{"x * sigmoid(1.7 * x)", "x * sigmoid(1.702 * x)", of_value},
                 {"cos(x) - x", "cos(x) - 1.0001 * x", of_derivative},
                 {"max(x, 0.1 * x)", "x > 0.5 ? x : 0.1 * x", of_bit},
                 {"max(x, 0.1 * x)", "max(x, 0.11 * x)", of_derivative},
                 {"tanh(x)", "sigmoid(x)", of_derivative},
                 {"f(x; c=2, d[n]=0.5) = c * x^2 + d", "f(x; c=2, d[n]=0.5) = c * x^2 * 1.001 + d", of_parameter},
                 {"f(x; a=1, b=0.5, c[n]=0.25, d[n]=-1) = a * tanh(b * x + c) + d",
                  "f(x; a=1, b=0.5, c[n]=0.25, d[n]=-1) = a * tanh(b * x + c) + 1.001 * d", of_parameter}};
  for (const auto& [text, meant, seen_in] : planted)
    for (const bool fast : {false, true})
      EXPECT_GT(one_equation(text, meant, {fast, false}, 1).check().wrong[seen_in], 0) << text << ", " << meant;
}

// The last one.
TEST(every_equation, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
