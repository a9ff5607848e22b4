// What an activation file offers. A function of the catalogue is one file kernels/activation/<name>.hpp with one struct
//
//   template <accuracy mode> struct <name> {
//     float beta = 1.0f;                         // its parameters, floats only, in the order of info.params
//     static constexpr traits info{...};
//     GEMMACT_FN float operator()(float x) const;   // value
//     GEMMACT_FN float grad(float x) const;         // derivative at x
//     double lipschitz() const;                     // sup |f'|, infinity where there is none
//     double curvature() const;                     // sup |f''| between the breakpoints
//     // where they exist:
//     GEMMACT_FN float other(float x) const;              // 1 - f(x), for the two-class head
//     GEMMACT_FN float grad_from_output(float y) const;   // derivative from the stored output
//     GEMMACT_FN bool bit(float x) const;                 // the side of the breakpoint that decides f'
//     GEMMACT_FN float grad_from_bit(bool bit) const;
//     GEMMACT_FN float param_grad(int i, float x) const;  // df/d(parameter i), trainable parameters
//     bool output_determines_grad() const;                // is grad_from_output sound for these parameters?
//     const char* invalid() const;                        // the rule that these parameters break, or null
//     points breakpoints() const;                         // where f' (or f) jumps
//     double more_ulps(double x) const;                   // what traits::more_ulps says
//     static double reference(double x, const double* params);  // host; tests of a function with no tests/reference file
//   };
//
// and nothing else to edit: the registry, kernels, CPU device, C catalogue, tests, benchmarks and documentation follow
// from the folder. All functions are branch-free (selects), so that loops over them vectorise. In the formulas x is the
// pre-activation. dZ is dY * f'(x), and exactly 0 where f'(x) is 0, whatever dY is.
#pragma once
#include "kernels/arch/math/math.hpp"
#include "kernels/base/config.hpp"

namespace gemmact::activation {

// The least that f' needs to have been kept; what serves parameter gradients is always z.
enum class needs : u8 { nothing, bit, output, z };

inline constexpr int max_params = 4;

struct param {
  const char* name = "";
  float default_value = 0.0f;
  bool trainable = false;
  bool operand = false;  // read from a tensor (a hinge's target); has no default
};

struct instructions {
  int special_functions, arithmetic;
};

struct traits {
  // Texts in x and the parameters, in the equation language with pi; definitions follow: ", e = exp(x), n = e^2".
  const char* formula = "";
  const char* derivative = "";  // in its stable form
  const char* aliases = "";     // separated by spaces
  const char* note = "";        // conventions and corrections of the literature
  needs keeps = needs::z;
  bool zero_at_zero = false;  // f(0) = 0
  int special_functions = 0;  // special-function instructions of a value on a GPU in accurate mode (cost)
  int arithmetic = 1;         // its other instructions, about (cost)
  int fast_special_functions = -1, fast_arithmetic = -1;  // the same in fast mode; -1: as many
  float accurate_ulps = 0.0f;                             // c_f: |value error| <= c_f * 2^-24 * |f|, accurate mode ...
  const char* more_ulps = "";     // ... plus this, growing with x, to c_f; the text of the member more_ulps()
  float fast_relative = 0.0f;     // fast mode's bound relative to |f| ...
  float fast_absolute = 0.0f;     // ... plus this times max(1, |x|)
  float device_tolerance = 0.0f;  // relative error that a GPU's approximate instructions may add, accurate mode
  int param_count = 0;
  param params[max_params] = {};

  constexpr instructions work(accuracy mode) const {
    const auto of = [&](int accurate, int fast) { return mode == accuracy::fast && fast >= 0 ? fast : accurate; };
    return {of(special_functions, fast_special_functions), of(arithmetic, fast_arithmetic)};
  }
};

struct points {
  int count = 0;
  double at[4] = {};
};

// An activation from its parameters' values, in the order of info.params.
template <class Act>
GEMMACT_FN Act make(const float* values) {
  if constexpr (Act::info.param_count == 0) return Act{};
  else if constexpr (Act::info.param_count == 1) return Act{values[0]};
  else if constexpr (Act::info.param_count == 2) return Act{values[0], values[1]};
  else if constexpr (Act::info.param_count == 3) return Act{values[0], values[1], values[2]};
  else return Act{values[0], values[1], values[2], values[3]};
}

// clang-format off
template <class Act> concept has_other = requires(const Act a) { a.other(0.0f); };
template <class Act> concept has_grad_from_output = requires(const Act a) { a.grad_from_output(0.0f); };
template <class Act> concept has_bit = requires(const Act a) { a.grad_from_bit(a.bit(0.0f)); };
template <class Act> concept has_param_grad = requires(const Act a) { a.param_grad(0, 0.0f); };
template <class Act> concept has_output_rule = requires(const Act a) { a.output_determines_grad(); };
template <class Act> concept has_parameter_rule = requires(const Act a) { a.invalid(); };
template <class Act> concept has_breakpoints = requires(const Act a) { a.breakpoints(); };
template <class Act> concept has_more_ulps = requires(const Act a) { a.more_ulps(0.0); };
template <class Act> concept has_reference = requires(const double* p) { Act::reference(0.0, p); };
// clang-format on

}  // namespace gemmact::activation
