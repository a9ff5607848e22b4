// The GPU's side of kernels/arch/global.
#pragma once
#include "kernels/base/access.cuh"

namespace gemmact::arch {

template <class T>
__device__ __forceinline__ T load_global(global_address from) {
  GEMMACT_LOAD(T, "ld.global", "l", from.value)
}
// volatile all the same: it must not pass wait_for_previous_kernel().
template <class T>
__device__ __forceinline__ T load_global_readonly(global_address from) {
  GEMMACT_LOAD(T, "ld.global.nc", "l", from.value)
}
template <class T>
__device__ __forceinline__ void store_global(global_address to,
                                             T value){GEMMACT_STORE(T, "st.global", "l", to.value, value)}

__device__ __forceinline__ void add_global(global_address to, float value) {
  asm volatile("red.relaxed.gpu.global.add.f32 [%0], %1;" ::"l"(to.value), "f"(value));
}
__device__ __forceinline__ void max_global(global_address to, u32 value) {
  asm volatile("red.relaxed.gpu.global.max.u32 [%0], %1;" ::"l"(to.value), "r"(value));
}
__device__ __forceinline__ u32 add_global_acquire_release(global_address to, u32 value) {
  u32 old;
  asm volatile("atom.acq_rel.gpu.global.add.u32 %0, [%1], %2;" : "=r"(old) : "l"(to.value), "r"(value) : "memory");
  return old;
}
__device__ __forceinline__ u32 load_global_acquire(global_address from) {
  u32 v;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(v) : "l"(from.value) : "memory");
  return v;
}
__device__ __forceinline__ void store_global_release(global_address to, u32 value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(to.value), "r"(value) : "memory");
}
__device__ __forceinline__ void prefetch_global(global_address of) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(of.value));
}

}  // namespace gemmact::arch
