// Elementary functions for activations, one face with two sides: host.hpp (C++ that the compiler vectorises, the CPU
// device) and, once there are GPU kernels, PTX and CUDA's own functions. `mode` chooses the documented accuracy; each
// function's bound stands beside it on its side.
//
//   abs, copysign, min, max, fma
//   exp, expm1, log, log1p, log1p_unit (0 <= x <= 1), tanh, erf, erfcx (x >= 0), sigmoid
//   split_exp(x), x <= 89              e^x as factors, so that m * e^x keeps its accuracy where e^x alone underflows
//   times_exp(m, parts)                m * e^x
//   times_sigmoid(m, t)                m * sigmoid(t), to the end of the subnormal range
//   times_sigmoid_grad(m, t)           m * sigmoid(t) * sigmoid(-t)
//   gated_grad(t, s)                   sigmoid(t) * (1 + s * sigmoid(-t)), the derivative of x * sigmoid(t(x)) where
//                                      s = x * t'(x)
//
// NaN goes in, NaN comes out, everywhere; min and max propagate NaN. No function branches.
#pragma once
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#error "the GPU's side of kernels/arch/math is not in this version"
#else
#include "kernels/arch/math/host.hpp"
#endif
