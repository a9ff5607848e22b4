// Elementary functions for activations, one face with two sides: host.hpp (C++, vectorisable by the compiler, the CPU
// device) and device.cuh (PTX and CUDA's own functions). `mode` chooses the documented accuracy.
//
//   math<mode>::exp expm1 log log1p tanh erf erfc_scaled … : see the side for each bound
//   math<mode>::sigmoid(x) = 1 / (1 + e^-x)
//
// NaN goes in, NaN comes out, everywhere; min and max propagate NaN.
#pragma once
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/math/device.cuh"
#else
#include "kernels/arch/math/host.hpp"
#endif
