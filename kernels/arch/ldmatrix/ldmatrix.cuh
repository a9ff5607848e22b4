// A warp loads 8x8 matrices of 16-bit elements (rows of 16 bytes) from shared memory into fragments.
//
//   void ldmatrix<transposed>(array<u32, count>& fragment, shared_address row)      count 1, 2 or 4 matrices
//        Lane 8 m + i gives the address of row i of matrix m (aligned to 16 bytes), all lanes a legal one. Fragments as place_in_matrix().
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/base/fragment.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/ldmatrix/device.cuh"
#else
#include "kernels/arch/ldmatrix/emulated.hpp"
#endif
