// Barriers in shared memory that count arrivals and bytes (sm_90). A barrier is 8 bytes, aligned to 8. Its phases have
// parities 0, 1, 0, ...; a phase is complete when all arrivals and all bytes expected of it have come.
//
//   void mbarrier_init(shared_address, u32 arrivals)           one thread; then mbarrier_init_fence() by it, then the
//   void mbarrier_init_fence()                                 block (or cluster) meets
//   void mbarrier_invalidate(shared_address)                   before its memory is used otherwise
//   void mbarrier_arrive(shared_address)                       release, of the block
//   void mbarrier_arrive_expect(shared_address, u32 bytes)     adds bytes to be waited for, then arrives
//   void mbarrier_expect(shared_address, u32 bytes)            only adds them
//   void mbarrier_wait(shared_address, u32 parity)             acquire; until the phase of this parity is complete. On a
//                                                              fresh barrier parity 1 does not wait
// Of another block of the cluster, by an address of map_shared():
//   void mbarrier_arrive_cluster(shared_address)               release, of the cluster
//   void mbarrier_arrive_expect_cluster(shared_address, u32 bytes)
//   void mbarrier_wait_cluster(shared_address own, u32 parity) one's own barrier, acquiring what the cluster released
// Of memory that asynchronous reads (wgmma, bulk stores) let go of, to asynchronous copies; what threads read and write
// themselves these do not order, so that they need no fence of the cluster's memory:
//   void mbarrier_free_cluster(shared_address)                 by a thread that has waited for the reads
//   void mbarrier_wait_freed(shared_address own, u32 parity)   before the copies
#pragma once
#include "kernels/base/address.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/mbarrier/device.cuh"
#else
#include "kernels/arch/mbarrier/emulated.hpp"
#endif
