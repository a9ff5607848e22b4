// Who a thread is, and how the threads of a warp and of a block meet. Grids and blocks have one dimension.
//
//   u32 thread_index()               in the block          u32 block_threads()
//   u32 lane_index()                 in the warp
//   u32 block_index()                in the grid           u32 block_count()
//   shared_address dynamic_shared()  the block's dynamic shared memory, aligned to 1024 bytes
//
// A warp comes to each of these as a whole:
//   u32 warp_index()                 in the block; the compiler knows that it is the same in the whole warp
//   void sync_warp()                 all 32 lanes; orders their memory accesses
//   void sync_block()                all threads of the block; orders their memory accesses
//   void sync_named<id>(u32 threads)     id 1..15, threads a multiple of 32: waits until `threads` came, arrivals included
//   void arrive_named<id>(u32 threads)   comes, and does not wait
//
// Whole warps, the same `bits` in all lanes:
//   T shuffle(T value, u32 lane)         T = u32, i32, float: the value of another lane
//   T shuffle_xor(T value, u32 bits)     ... of lane ^ bits
//   u32 ballot(bool)                     bit l: lane l's answer
//   bool elect_one()                     true in one lane, the same one every time (sm_90)
//
// Whole warpgroups (four warps from a multiple of four; sm_90a):
//   void increase_registers<count>()     void decrease_registers<count>()    24..256, a multiple of 8
//
//   void wait_for_previous_kernel()      griddepcontrol: before the first access to what an earlier kernel wrote or reads
//   void let_next_kernel_start()
//   void trap()                          ends the grid with an error
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/thread/device.cuh"
#else
#include "kernels/arch/thread/emulated.hpp"
#endif
