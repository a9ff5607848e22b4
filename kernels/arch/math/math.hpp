// Elementary functions for activations, one face with two sides: host.hpp (C++, vectorisable by the compiler, the CPU
// device) and, with the first GPU kernels, PTX and CUDA's own functions. `mode` chooses the documented accuracy.
//
//   math<mode>::exp expm1 log log1p tanh erf erfc_scaled … : see the side for each bound
//   math<mode>::sigmoid(x) = 1 / (1 + e^-x)
//
// NaN goes in, NaN comes out, everywhere; min and max propagate NaN.
#pragma once
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#error "the GPU's side of kernels/arch/math is not in this version"
#else
#include "kernels/arch/math/host.hpp"
#endif
