// The GPU's side of kernels/arch/cp_async.
#pragma once

namespace gemmact::arch {

template <u32 bytes>
__device__ __forceinline__ void cp_async(shared_address to, global_address from, u32 valid_bytes) {
  static_assert(bytes == 4 || bytes == 8 || bytes == 16, "cp.async: 4, 8 or 16 bytes");
  if constexpr (bytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to.value), "l"(from.value), "r"(valid_bytes));
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to.value), "l"(from.value), "n"(bytes),
                 "r"(valid_bytes));
  }
}
__device__ __forceinline__ void cp_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <u32 pending>
__device__ __forceinline__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(pending) : "memory");
}
__device__ __forceinline__ void cp_async_arrive(shared_address barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%0];" ::"r"(barrier.value) : "memory");
}

}  // namespace gemmact::arch
