// Accesses to global memory. Addresses are aligned to the access's size.
//
//   T load_global<T>(global_address)            T as of load_shared
//   T load_global_readonly<T>(global_address)   of what no thread writes while the kernel runs
//   void store_global(global_address, T)
//   void add_global(global_address, float)      atomic, no order of additions is promised (no result that must repeat)
//   void max_global(global_address, u32)       atomic, unsigned; the largest, whatever the order
//   u32 add_global_acquire_release(global_address, u32)    atomic; returns the old value
//   u32 load_global_acquire(global_address)
//   void store_global_release(global_address, u32)
//   void prefetch_global(global_address)        its line of 128 bytes is wanted in the second-level cache; any alignment
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/global/device.cuh"
#else
#include "kernels/arch/global/emulated.hpp"
#endif
