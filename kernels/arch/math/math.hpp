// Elementary functions for activations, one face with two sides: host.hpp (C++ that the compiler vectorises, the CPU
// device) and gpu.hpp (over a GPU's special-function instructions: PTX in device.cuh, or emulated.hpp under the emulator).
// What both write alike is in formulas.hpp, trigonometry.hpp, hyperbolic.hpp and power.hpp. `mode` chooses the documented
// accuracy; each function's bound stands beside it on its side.
//
//   abs, copysign, min, max, fma
//   at_most(x, c), at_least(x, c)      x held to one side of a constant that is neither 0 nor NaN
//   divide(a, b)                       a / b; |b| at least 2^-126, and beyond 2^126 the result may be 0. divide_by<6>(a)
//                                      for an integer constant. Never `/` in an activation: on a GPU a subroutine
//   sign                               -1, 0 or 1
//   exp, expm1, log, log1p, log1p_unit (0 <= x <= 1), tanh, erf, erfcx (x >= 0), sigmoid
//   sqrt, rsqrt, atan, sinh, cosh, asinh, pow(a, b): with C's special values
//   sin, cos, tan                      to their bounds for |x| <= 65536; beyond, less and less (trigonometry.hpp)
//   exp_flushed(x), x <= 0             e^x, which may be 0 where it is below the normal range
//   expm1_below(x), x <= 0             expm1; for greater x it is some number
//   split_exp(x), x <= 89              e^x as factors, so that m * e^x keeps its accuracy where e^x alone underflows
//   value(parts), times_exp(m, parts)  e^x, m * e^x
//   times_sigmoid(m, t)                m * sigmoid(t), to the end of the subnormal range
//   times_sigmoid_grad(m, t)           m * sigmoid(t) * sigmoid(-t)
//   gated_grad(t, s)                   sigmoid(t) * (1 + s * sigmoid(-t)), the derivative of x * sigmoid(t(x)) where
//                                      s = x * t'(x)
//
// NaN goes in, NaN comes out, everywhere but where C's pow is 1; min and max propagate NaN. No function branches; nor does
// what is made of them where the arms of ?: are values computed before it (what stands in an arm may become a branch).
#pragma once
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE || GEMMACT_EMULATED
#include "kernels/arch/math/gpu.hpp"
#else
#include "kernels/arch/math/host.hpp"
#endif
