// A warp stores fragments as 8x8 matrices of 16-bit elements to shared memory (sm_90): the inverse of ldmatrix, by
// place_in_matrix().
//
//   void stmatrix<transposed>(shared_address row, const array<u32, count>& fragment)     count 1, 2 or 4
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/stmatrix/device.cuh"
#else
#include "kernels/arch/stmatrix/emulated.hpp"
#endif
