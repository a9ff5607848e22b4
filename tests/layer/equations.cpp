#include "tests/layer/equations.hpp"

#include <algorithm>
#include <cmath>

#include "tests/layer/oracle_parts.hpp"
#include "tests/reference/swish.hpp"

namespace gemmact::test {
namespace {

using reference::infinity;
using reference::row;

constexpr double typed[] = {1.7f, 0.1f, 0.797885f, 0.044715f};  // of the texts, as f32 has them

double zero(double, const double*) { return 0; }
double no_curvature(const double*) { return 0; }
double jumps(const double*) { return infinity; }
template <int ulps>
double within(double, const double*) {
  return ulps;
}

row no_row() {
  row r{};
  r.value_ulps = within<1>;
  r.grad_scale = zero;
  r.lipschitz = jumps;
  r.curvature = no_curvature;
  return r;
}

// The catalogue's, of which an equation has no rule for outputs unless it is told one.
row like(std::string_view name, bool output_serves = false) {
  row r = *reference::find(name);
  r.other = nullptr;
  if (!output_serves) r.grad_from_output = nullptr;
  return r;
}

row quick_gelu() {
  row r = no_row();
  r.value = [](double x, const double*) { return reference::swish::value(x, typed); };
  r.grad = [](double x, const double*) { return reference::swish::grad(x, typed); };
  r.value_ulps = [](double x, const double*) { return reference::swish::value_ulps(x, typed); };
  r.grad_scale = [](double x, const double*) { return reference::swish::grad_scale(x, typed); };
  r.lipschitz = [](const double*) { return 1.0999; };
  return r;
}

// max(x, 0.1 * x), whose bit is its comparison.
row leaky() {
  row r = no_row();
  r.value = [](double x, const double*) { return std::fmax(x, typed[1] * x); };
  r.grad = [](double x, const double*) { return typed[1] * x <= x ? 1.0 : typed[1]; };
  r.bit = [](double x, const double*) { return typed[1] * x <= x; };
  r.grad_from_bit = [](bool b, const double*) { return b ? 1.0 : typed[1]; };
  r.lipschitz = [](const double*) { return 1.0; };
  return r;
}

// A jump at -3, a corner at 6; the bit says where the slope is 0.
row bounded() {
  row r = no_row();
  r.value = [](double x, const double*) { return x < -3 ? 0.0 : x > 6 ? 6.0 : x; };
  r.grad = [](double x, const double*) { return x < -3 || x >= 6 ? 0.0 : 1.0; };
  r.bit = [](double x, const double*) { return x < -3 || x >= 6; };
  r.grad_from_bit = [](bool b, const double*) { return b ? 0.0 : 1.0; };
  return r;
}

double inside_tanh(double x) { return typed[2] * (x + typed[3] * x * x * x); }

row gelu_by_tanh() {
  row r = no_row();
  r.value = [](double x, const double*) { return x * reference::logistic(2 * inside_tanh(x)); };
  r.grad = [](double x, const double*) {
    // In f32 x^2 is infinite where x^3 has long been, and what it is multiplied by is 0.
    const double t = 2 * inside_tanh(x), slope = 2 * typed[2] * (1 + 3 * typed[3] * in_f32(x * x));
    return reference::logistic(t) + x * slope * reference::logistic(t) * reference::logistic(-t);
  };
  r.value_ulps = [](double x, const double*) { return 16 + 8 * std::fabs(inside_tanh(x)); };
  r.grad_scale = [](double x, const double*) {
    const double t = std::fabs(inside_tanh(x)), slope = std::fabs(x) * (2 + x * x);
    return t > 100 ? 0 : (20 + 8 * t) * (1 + slope) * reference::logistic(2 * inside_tanh(x));
  };
  r.lipschitz = [](const double*) { return 1.13; };
  return r;
}

row of_two_parameters() {
  row r = no_row();
  r.value = [](double x, const double* p) { return p[0] * x * x + p[1]; };
  r.grad = [](double x, const double* p) { return 2 * p[0] * x; };
  r.param_grad = [](int i, double x, const double*) { return i == 0 ? x * x : 1; };
  r.value_ulps = within<4>;
  r.grad_scale = [](double x, const double* p) { return 4 * std::fabs(p[0] * x); };
  r.curvature = [](const double* p) { return 2 * std::fabs(p[0]); };
  return r;
}

// The bit says where the slope is 0, unlike the catalogue's.
row margin() {
  row r = like("hinge");
  r.bit = [](double x, const double* p) { return p[0] * x >= 1; };
  r.grad_from_bit = [](bool b, const double* p) { return b ? 0 : -p[0]; };
  return r;
}

row distance() {
  row r = no_row();
  r.value = [](double x, const double* p) { return 0.5 * (x - p[0]) * (x - p[0]); };
  r.grad = [](double x, const double* p) { return x - p[0]; };
  r.value_ulps = within<4>;
  r.grad_scale = [](double x, const double* p) { return 4 * std::fabs(x - p[0]); };
  r.curvature = [](const double*) { return 1.0; };
  return r;
}

// What pi / 2 lacks, of an argument beyond the range that docs/numerics.md gives sin and cos.
double angle_error(double x) {
  const double size = std::fabs(x);
  return size <= 65536 ? 0x1p-53 * size : std::fmin(2, 0x1p-21 * size);
}

row sine() {
  row r = no_row();
  r.value = [](double x, const double*) { return std::sin(x); };
  r.grad = [](double x, const double*) { return std::cos(x); };
  r.value_ulps = [](double x, const double*) {
    return x == 0 ? 0 : 8 + 0x1p24 * angle_error(x) / std::fabs(std::sin(x));
  };
  r.grad_scale = [](double x, const double*) { return 8 + 0x1p24 * angle_error(x); };
  r.lipschitz = [](const double*) { return 1.0; };
  return r;
}

row arcs() {
  row r = no_row();
  r.value = [](double x, const double*) { return std::atan(x) * std::atan(x) - x; };
  r.grad = [](double x, const double*) { return 2 * std::atan(x) / (1 + x * x) - 1; };
  r.value_ulps = within<24>;
  r.grad_scale = within<24>;
  r.lipschitz = [](const double*) { return 1.9; };
  return r;
}

// a above the corner at c, b * t below it.
row of_four_parameters() {
  row r = no_row();
  r.value = [](double x, const double* p) { return (x > p[2] ? p[0] : p[1] * p[3]) * (x - p[2]); };
  r.grad = [](double x, const double* p) { return x > p[2] ? p[0] : p[1] * p[3]; };
  r.bit = [](double x, const double* p) { return x > p[2]; };
  r.grad_from_bit = [](bool b, const double* p) { return b ? p[0] : p[1] * p[3]; };
  r.param_grad = [](int i, double x, const double* p) {
    const bool above = x > p[2];
    if (i == 2) return above ? -p[0] : -p[1] * p[3];
    return i == 0 ? (above ? x - p[2] : 0) : (above ? 0 : p[3] * (x - p[2]));
  };
  r.value_ulps = within<4>;
  r.lipschitz = [](const double* p) { return std::fmax(std::fabs(p[0]), std::fabs(p[1] * p[3])); };
  return r;
}

function_param number(const char* name, double value) { return {name, value, true, false}; }
function_param column(const char* name, double value) { return {name, value, true, false, true}; }
function_param operand_named(const char* name) { return {name, 0, false, true}; }

std::vector<function> make_equations() {
  const gemmact_keep z = GEMMACT_KEEP_Z, bit = GEMMACT_KEEP_BIT;
  struct entry {
    const char* text;
    gemmact_keep needs;
    row reference;
    std::vector<function_param> params;
    bool exact = false;
  };
  static const entry entries[] = {
      {"x * sigmoid(1.7 * x)", z, quick_gelu(), {}},
      {"f(x; beta=1.5) = x * sigmoid(beta * x)", z, like("swish"), {number("beta", 1.5)}},
      {"f(x; beta[n]=1.5) = x / (1 + exp(-beta * x))", z, like("swish"), {column("beta", 1.5)}},
      {"max(x, 0.1 * x)", bit, leaky(), {}},
      {"x < -3 ? 0 : min(x, 6)", bit, bounded(), {}, true},
      {"0.5 * x * (1 + tanh(0.797885 * (x + 0.044715 * x^3)))", z, gelu_by_tanh(), {}},
      {"log(1 + exp(x))", z, like("softplus"), {}},
      {"1 / (1 + exp(-x))", GEMMACT_KEEP_OUTPUT, like("sigmoid", true), {}},
      {"f(x; c[n]=2) = c * x", GEMMACT_KEEP_NOTHING, like("linear"), {column("c", 2)}, true},
      {two_parameters, z, of_two_parameters(), {number("c", 2), column("d", 0.5)}},
      {"f(x; a[n]=0.25) = x > 0 ? x : a * x", bit, like("prelu"), {column("a", 0.25)}, true},
      {"f(x; t) = max(0, 1 - t * x)", bit, margin(), {operand_named("t")}, true},
      {"f(x; t) = 0.5 * (x - t)^2", z, distance(), {operand_named("t")}},
      {"sin(x)", z, sine(), {}},
      {"atan(x)^2 - x", z, arcs(), {}},
      {four_parameters,
       bit,
       of_four_parameters(),
       {number("a", 2), column("b", 0.5), number("c", 0.25), operand_named("t")},
       true},
  };
  std::vector<function> all;
  for (const entry& e : entries) all.push_back({e.text, e.params, e.needs, &e.reference, e.exact, true});
  return all;
}

}  // namespace

const std::vector<function>& equations() {
  static const std::vector<function> all = make_equations();
  return all;
}

const std::vector<activation_case>& equation_cases() {
  static const std::vector<activation_case> cases = [] {
    std::vector<activation_case> all;
    for (const function& f : equations()) {
      all.push_back({f.name.c_str()});
      if (std::any_of(f.params.begin(), f.params.end(), [](const function_param& p) { return !p.operand; }))
        all.push_back({f.name.c_str(), param_source::scalar});
    }
    return all;
  }();
  return cases;
}

}  // namespace gemmact::test
