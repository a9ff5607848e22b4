#include <vector>

#include "kernels/activation/activation.hpp"
#include "reference_includes.hpp"
#include "tests/reference/reference.hpp"

namespace gemmact::reference {
namespace {

template <class Ref>
row from_file(std::string_view name) {
  row r{.name = name,
        .own_file = true,
        .value = Ref::value,
        .grad = Ref::grad,
        .value_ulps = Ref::value_ulps,
        .grad_scale = Ref::grad_scale,
        .lipschitz = Ref::lipschitz,
        .curvature = Ref::curvature};
  if constexpr (requires { Ref::param_grad(0, 0.0, nullptr); }) r.param_grad = Ref::param_grad;
  if constexpr (requires { Ref::grad_from_output(0.0, nullptr); }) r.grad_from_output = Ref::grad_from_output;
  if constexpr (requires { Ref::other(0.0, nullptr); }) r.other = Ref::other;
  if constexpr (requires { Ref::bit(0.0, nullptr); }) r.bit = Ref::bit;
  if constexpr (requires { Ref::grad_from_bit(true, nullptr); }) r.grad_from_bit = Ref::grad_from_bit;
  return r;
}

// A function without a file here: its own double-precision reference; derivatives are differences of that.
template <class Act>
struct from_activation {
  static Act with(const double* p) {
    float values[activation::max_params] = {};
    for (int i = 0; i < Act::info.param_count; ++i) values[i] = float(p[i]);
    return activation::make<Act>(values);
  }
  static double value(double x, const double* p) { return Act::reference(x, p); }

  // The distance to the nearest breakpoint on the right (side > 0) or left; a breakpoint at x counts as right of it.
  static double room(double x, int side, const double* p) {
    double nearest = infinity;
    if constexpr (activation::has_breakpoints<Act>) {
      const activation::points all = with(p).breakpoints();
      for (int i = 0; i < all.count; ++i) {
        const double gap = side > 0 ? all.at[i] - x : x - all.at[i];
        if (gap > 0 || (gap == 0 && side > 0)) nearest = std::fmin(nearest, gap);
      }
    }
    return nearest;
  }
  // Fourth order, and one-sided beside a breakpoint.
  static double grad(double x, const double* p) {
    const double h = 1e-3 * std::fmax(1, std::abs(x));
    const auto f = [&](double steps) { return Act::reference(x + steps * h, p); };
    const double right = room(x, 1, p), left = room(x, -1, p);
    if (right <= 2 * h || left <= 2 * h) {
      const double s = right < left ? -1 : 1;
      return s * (-25 * f(0) + 48 * f(s) - 36 * f(2 * s) + 16 * f(3 * s) - 3 * f(4 * s)) / (12 * h);
    }
    return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h);
  }
  static double param_grad(int i, double x, const double* p) {
    const double h = 1e-3 * std::fmax(1, std::abs(p[i]));
    const auto f = [&](double steps) {
      double moved[activation::max_params] = {};
      for (int j = 0; j < Act::info.param_count; ++j) moved[j] = p[j] + (j == i ? steps * h : 0);
      return Act::reference(x, moved);
    };
    return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h);
  }
  static double value_ulps(double x, const double* p) {
    double ulps = Act::info.accurate_ulps;
    if constexpr (activation::has_more_ulps<Act>) ulps += with(p).more_ulps(x);
    return ulps;
  }
  // Differences are good to about 1e-9 here.
  static double grad_scale(double x, const double* p) { return 256 * (1 + std::abs(grad(x, p))); }
  static double lipschitz(const double* p) { return with(p).lipschitz(); }
  static double curvature(const double* p) { return with(p).curvature(); }
};

template <class Act>
void add_own(std::vector<row>& all, std::string_view name) {
  if constexpr (activation::has_reference<Act>) {
    row r = from_file<from_activation<Act>>(name);
    r.own_file = false;
    all.push_back(r);
  }
}

std::vector<row> make_rows() {
  std::vector<row> all;
#define GEMMACT_REFERENCE(name) all.push_back(from_file<name>(#name));
#define GEMMACT_OWN_REFERENCE(name) add_own<activation::name<accuracy::accurate>>(all, #name);
#include "reference_list.inc"
#undef GEMMACT_REFERENCE
#undef GEMMACT_OWN_REFERENCE
  return all;
}

}  // namespace

std::span<const row> rows() {
  static const std::vector<row> all = make_rows();
  return all;
}

const row* find(std::string_view name) {
  for (const row& r : rows())
    if (r.name == name) return &r;
  return nullptr;
}

}  // namespace gemmact::reference
