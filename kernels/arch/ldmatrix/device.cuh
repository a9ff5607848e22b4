// The GPU's side of kernels/arch/ldmatrix.
#pragma once

namespace gemmact::arch {

template <bool transposed, int count>
__device__ __forceinline__ void ldmatrix(array<u32, count>& fragment, shared_address row) {
  static_assert(count == 1 || count == 2 || count == 4, "ldmatrix: 1, 2 or 4 matrices");
  if constexpr (count == 1 && !transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%0}, [%1];" : "=r"(fragment.values[0]) : "r"(row.value));
  } else if constexpr (count == 1 && transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x1.trans.shared.b16 {%0}, [%1];"
                 : "=r"(fragment.values[0])
                 : "r"(row.value));
  } else if constexpr (count == 2 && !transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
                 : "=r"(fragment.values[0]), "=r"(fragment.values[1])
                 : "r"(row.value));
  } else if constexpr (count == 2 && transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
                 : "=r"(fragment.values[0]), "=r"(fragment.values[1])
                 : "r"(row.value));
  } else if constexpr (count == 4 && !transposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(fragment.values[0]), "=r"(fragment.values[1]), "=r"(fragment.values[2]),
                   "=r"(fragment.values[3])
                 : "r"(row.value));
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(fragment.values[0]), "=r"(fragment.values[1]), "=r"(fragment.values[2]),
                   "=r"(fragment.values[3])
                 : "r"(row.value));
  }
}

}  // namespace gemmact::arch
