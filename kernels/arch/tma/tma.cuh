// Bulk copies by the tensor memory accelerator (sm_90), through the async proxy. Each call is made by one thread.
//
// Boxes of a tensor that a map describes; coordinates in elements, dimension 0 innermost, may lie outside when loading
// (those elements become zero) and past the end when storing (they are not written). The whole box's bytes are counted.
//   void tma_load(shared_address to, const tensor_map&, shared_address barrier, i32 x, i32 y)           (..., i32 z)
//   void tma_load_multicast(to, map, barrier, u16 ranks, i32 x, i32 y)       (..., i32 z)  to the same place in each block of
//                                                              the cluster whose bit is set, and to its barrier there
//   void tma_store(const tensor_map&, shared_address from, i32 x, i32 y)     (..., i32 z)
//   void tma_add(const tensor_map&, shared_address from, i32 x, i32 y)       adds instead; atomic an element
//   void tma_prefetch(const tensor_map&)                       the map itself
// Runs of bytes; both addresses and the count are multiples of 16:
//   void bulk_load(shared_address to, global_address from, u32 bytes, shared_address barrier)
//   void bulk_store(global_address to, shared_address from, u32 bytes)
// Loads complete on their barrier. Stores and adds complete in groups of the thread that made them:
//   void bulk_commit()
//   void bulk_wait_read<pending>()      until the sources of all but the newest `pending` groups have been read
//   void bulk_wait<pending>()           until they are written, too
// A cache_policy may be given as the last argument of loads and stores.
//
// Element (i0, i1, i2) of a box of b0 x b1 x b2 elements lies in shared memory at tma_offset(); the destination is
// aligned to 8 * span bytes (128 without a swizzle).
#pragma once
#include "kernels/arch/tma/layout.hpp"
#include "kernels/arch/tma/tensor_map.hpp"
#include "kernels/base/address.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/tma/device.cuh"
#else
#include "kernels/arch/tma/emulated.hpp"
#endif
