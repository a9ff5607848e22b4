// The sums of products of the tensor cores' emulation.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::emulator {

// d[m][n] += sum over k of a[m][k] b[k][n], each sum in ascending k; rows a multiple of 4, columns of 8. Products of elements
// are exact in double, so that it is the same bits on each machine, fused or not.
void add_products(double* d, const double* a, const double* b, u32 rows, u32 columns, u32 depth);

}  // namespace gemmact::emulator
