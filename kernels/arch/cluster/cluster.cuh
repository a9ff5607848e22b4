// Blocks that run together and reach each other's shared memory (sm_90).
//
//   u32 cluster_rank(), cluster_size()
//   void cluster_arrive()      release        every thread of the cluster, whole warps together, once a phase
//   void cluster_arrive_relaxed()             orders nothing
//   void cluster_wait()        acquire
//   shared_address map_shared(shared_address own, u32 rank)     the same place in another block's shared memory
#pragma once
#include "kernels/base/address.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/cluster/device.cuh"
#else
#include "kernels/arch/cluster/emulated.hpp"
#endif
