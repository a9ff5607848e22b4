// The GPU's side of kernels/arch/mbarrier.
#pragma once

namespace gemmact::arch {

__device__ __forceinline__ void mbarrier_init(shared_address barrier, u32 arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier.value), "r"(arrivals) : "memory");
}
__device__ __forceinline__ void mbarrier_init_fence() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}
__device__ __forceinline__ void mbarrier_invalidate(shared_address barrier) {
  asm volatile("mbarrier.inval.shared::cta.b64 [%0];" ::"r"(barrier.value) : "memory");
}

__device__ __forceinline__ void mbarrier_arrive(shared_address barrier) {
  asm volatile("mbarrier.arrive.release.cta.shared::cta.b64 _, [%0];" ::"r"(barrier.value) : "memory");
}
__device__ __forceinline__ void mbarrier_arrive_expect(shared_address barrier, u32 bytes) {
  asm volatile("mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 _, [%0], %1;" ::"r"(barrier.value), "r"(bytes)
               : "memory");
}
__device__ __forceinline__ void mbarrier_expect(shared_address barrier, u32 bytes) {
  asm volatile("mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%0], %1;" ::"r"(barrier.value), "r"(bytes) : "memory");
}

// try_wait may give up after a time of the system's own, hence the loop; its label is local to the braces.
#define GEMMACT_MBARRIER_WAIT(scope)                                                          \
  asm volatile("{\n.reg .pred done;\nagain:\nmbarrier.try_wait.parity.acquire." scope         \
               ".shared::cta.b64 done, [%0], %1;\n@!done bra again;\n}" ::"r"(barrier.value), \
               "r"(parity)                                                                    \
               : "memory")
__device__ __forceinline__ void mbarrier_wait(shared_address barrier, u32 parity) { GEMMACT_MBARRIER_WAIT("cta"); }
__device__ __forceinline__ void mbarrier_wait_cluster(shared_address barrier, u32 parity) {
  GEMMACT_MBARRIER_WAIT("cluster");
}
#undef GEMMACT_MBARRIER_WAIT

__device__ __forceinline__ void mbarrier_arrive_cluster(shared_address barrier) {
  asm volatile("mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%0];" ::"r"(barrier.value) : "memory");
}
// Of the default scope, the block's: release.cluster would be a fence of the whole GPU, acquire.cluster empty the L1.
__device__ __forceinline__ void mbarrier_free_cluster(shared_address barrier) {
  asm volatile("mbarrier.arrive.release.cta.shared::cluster.b64 _, [%0];" ::"r"(barrier.value) : "memory");
}
__device__ __forceinline__ void mbarrier_wait_freed(shared_address barrier, u32 parity) {
  mbarrier_wait(barrier, parity);
}
__device__ __forceinline__ void mbarrier_arrive_expect_cluster(shared_address barrier, u32 bytes) {
  asm volatile("mbarrier.arrive.expect_tx.release.cluster.shared::cluster.b64 _, [%0], %1;" ::"r"(barrier.value),
               "r"(bytes)
               : "memory");
}

}  // namespace gemmact::arch
