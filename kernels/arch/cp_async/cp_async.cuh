// Copies from global to shared memory that a thread starts and waits for later (sm_80). Generic proxy.
//
//   void cp_async<bytes>(shared_address to, global_address from, u32 valid_bytes)
//        bytes 4, 8 or 16, both addresses aligned to it; reads valid_bytes <= bytes and fills the rest with zeros. With 0
//        nothing is read; `from` must still be aligned. 16 bytes pass by the first-level cache.
//   void cp_async_commit()                    closes a group of this thread's copies, possibly an empty one
//   void cp_async_wait<pending>()             until at most the `pending` newest groups of this thread are under way
//   void cp_async_arrive(shared_address barrier)   the barrier counts an arrival of this thread once all its earlier copies
//                                             have landed; it must have been initialised with it (.noinc)
// What has landed is seen by this thread; by others after they have met it.
#pragma once
#include "kernels/base/address.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/cp_async/device.cuh"
#else
#include "kernels/arch/cp_async/emulated.hpp"
#endif
