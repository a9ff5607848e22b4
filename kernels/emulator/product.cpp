#include "kernels/emulator/product.hpp"

namespace gemmact::emulator {
namespace {

// Compiled twice, so always a part of who calls it. Four rows are as many sums at once as there are registers for.
inline __attribute__((always_inline)) void loops(double* d, const double* a, const double* b, u32 rows, u32 columns,
                                                 u32 depth) {
  constexpr u32 at_once = 4;
  for (u32 m = 0; m < rows; m += at_once) {
    for (u32 n0 = 0; n0 < columns; n0 += 8) {
      double sums[at_once][8];
      double* out = d + m * columns + n0;
      for (u32 r = 0; r < at_once; ++r)
        for (u32 n = 0; n < 8; ++n) sums[r][n] = out[r * columns + n];
      for (u32 k = 0; k < depth; ++k) {
        const double* row = b + k * columns + n0;
        for (u32 r = 0; r < at_once; ++r) {
          const double factor = a[(m + r) * depth + k];
          for (u32 n = 0; n < 8; ++n) sums[r][n] += factor * row[n];
        }
      }
      for (u32 r = 0; r < at_once; ++r)
        for (u32 n = 0; n < 8; ++n) out[r * columns + n] = sums[r][n];
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
