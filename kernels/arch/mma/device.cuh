// The GPU's side of kernels/arch/mma.
#pragma once

namespace gemmact::arch {

template <class T>
__device__ void mma(array<float, 4>& d, const array<u32, 4>& a, const array<u32, 2>& b) = delete;

#define GEMMACT_MMA(T, shape, type)                                                                             \
  template <>                                                                                                   \
  __device__ __forceinline__ void mma<T>(array<float, 4> & d, const array<u32, 4>& a, const array<u32, 2>& b) { \
    asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type                                        \
                 ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"                         \
                 : "+f"(d.values[0]), "+f"(d.values[1]), "+f"(d.values[2]), "+f"(d.values[3])                   \
                 : "r"(a.values[0]), "r"(a.values[1]), "r"(a.values[2]), "r"(a.values[3]), "r"(b.values[0]),    \
                   "r"(b.values[1]));                                                                           \
  }
GEMMACT_MMA(f16_bits, "m16n8k16", "f16")
GEMMACT_MMA(bf16_bits, "m16n8k16", "bf16")
GEMMACT_MMA(tf32, "m16n8k8", "tf32")
GEMMACT_MMA(e4m3_bits, "m16n8k32", "e4m3")
#undef GEMMACT_MMA

}  // namespace gemmact::arch
