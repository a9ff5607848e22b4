// The GPU's side of kernels/arch/shared.
#pragma once
#include "kernels/base/access.cuh"

namespace gemmact::arch {

template <class T>
__device__ __forceinline__ T load_shared(shared_address from) {
  GEMMACT_LOAD(T, "ld.shared", "r", from.value)
}
template <class T>
__device__ __forceinline__ void store_shared(shared_address to, T value) {
  GEMMACT_STORE(T, "st.shared", "r", to.value, value)
}

template <class T>
__device__ __forceinline__ T load_cluster(shared_address from) {
  static_assert(sizeof(T) == 4, "words of other blocks");
  u32 v;
  asm volatile("ld.shared::cluster.b32 %0, [%1];" : "=r"(v) : "r"(from.value));
  return bit_cast<T>(v);
}
template <class T>
__device__ __forceinline__ void store_cluster(shared_address to, T value) {
  static_assert(sizeof(T) == 4, "words of other blocks");
  asm volatile("st.shared::cluster.b32 [%0], %1;" ::"r"(to.value), "r"(bit_cast<u32>(value)));
}

}  // namespace gemmact::arch
