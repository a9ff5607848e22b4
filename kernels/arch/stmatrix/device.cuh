// The GPU's side of kernels/arch/stmatrix.
#pragma once

namespace gemmact::arch {

template <bool transposed, int count>
__device__ __forceinline__ void stmatrix(shared_address row, const array<u32, count>& fragment) {
  static_assert(count == 1 || count == 2 || count == 4, "stmatrix: 1, 2 or 4 matrices");
  if constexpr (count == 1 && !transposed) {
    asm volatile("stmatrix.sync.aligned.m8n8.x1.shared.b16 [%0], {%1};" ::"r"(row.value), "r"(fragment.values[0]));
  } else if constexpr (count == 1 && transposed) {
    asm volatile("stmatrix.sync.aligned.m8n8.x1.trans.shared.b16 [%0], {%1};" ::"r"(row.value),
                 "r"(fragment.values[0]));
  } else if constexpr (count == 2 && !transposed) {
    asm volatile("stmatrix.sync.aligned.m8n8.x2.shared.b16 [%0], {%1, %2};" ::"r"(row.value), "r"(fragment.values[0]),
                 "r"(fragment.values[1]));
  } else if constexpr (count == 2 && transposed) {
    asm volatile("stmatrix.sync.aligned.m8n8.x2.trans.shared.b16 [%0], {%1, %2};" ::"r"(row.value),
                 "r"(fragment.values[0]), "r"(fragment.values[1]));
  } else if constexpr (count == 4 && !transposed) {
    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(row.value),
                 "r"(fragment.values[0]), "r"(fragment.values[1]), "r"(fragment.values[2]), "r"(fragment.values[3]));
  } else {
    asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(row.value),
                 "r"(fragment.values[0]), "r"(fragment.values[1]), "r"(fragment.values[2]), "r"(fragment.values[3]));
  }
}

}  // namespace gemmact::arch
