#include "kernels/emulator/product.hpp"

namespace gemmact::emulator {
namespace {

GEMMACT_FN void loops(double* d, const double* a, const double* b, u32 rows, u32 columns, u32 depth) {
  for (u32 m = 0; m < rows; m += 2) {
    for (u32 n0 = 0; n0 < columns; n0 += 8) {
      double upper[8], lower[8];
      double* out = d + m * columns + n0;
      for (u32 n = 0; n < 8; ++n) upper[n] = out[n], lower[n] = out[columns + n];
      for (u32 k = 0; k < depth; ++k) {
        const double* row = b + k * columns + n0;
        const double first = a[m * depth + k], second = a[(m + 1) * depth + k];
        for (u32 n = 0; n < 8; ++n) upper[n] += first * row[n];
        for (u32 n = 0; n < 8; ++n) lower[n] += second * row[n];
      }
      for (u32 n = 0; n < 8; ++n) out[n] = upper[n], out[columns + n] = lower[n];
    }
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void wide_loops(double* d, const double* a, const double* b, u32 rows, u32 columns,
                                                    u32 depth) {
  loops(d, a, b, rows, columns, depth);
}
const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif

}  // namespace

void add_products(double* d, const double* a, const double* b, u32 rows, u32 columns, u32 depth) {
#if defined(__x86_64__)
  if (wide) return wide_loops(d, a, b, rows, columns, depth);
#endif
  loops(d, a, b, rows, columns, depth);
}

}  // namespace gemmact::emulator
