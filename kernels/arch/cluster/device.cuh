// The GPU's side of kernels/arch/cluster.
#pragma once

namespace gemmact::arch {

__device__ __forceinline__ u32 cluster_rank() {
  u32 v;
  asm("mov.u32 %0, %%cluster_ctarank;" : "=r"(v));
  return v;
}
__device__ __forceinline__ u32 cluster_size() {
  u32 v;
  asm("mov.u32 %0, %%cluster_nctarank;" : "=r"(v));
  return v;
}
__device__ __forceinline__ void cluster_arrive() {
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
}
__device__ __forceinline__ void cluster_arrive_relaxed() {
  asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory");
}
__device__ __forceinline__ void cluster_wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }
__device__ __forceinline__ shared_address map_shared(shared_address own, u32 rank) {
  u32 v;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(v) : "r"(own.value), "r"(rank));
  return {v};
}

}  // namespace gemmact::arch
