// D += A B by a warp on 16x8 tiles of D: A is 16 x K, B is K x 8, both given along K; f32 accumulation.
//
//   void mma<T>(array<float, 4>& d, const array<u32, 4>& a, const array<u32, 2>& b)
//        fragments as fragment_a, fragment_b, fragment_d; T = f16_bits, bf16_bits (K = 16), tf32 (K = 8; what is below 10 mantissa bits is cut off), e4m3_bits (K = 32; sm_89)
//
// The hardware's order of summation and rounding are its own; the emulation sums in double and rounds toward zero once.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/mma/device.cuh"
#else
#include "kernels/arch/mma/emulated.hpp"
#endif
