// Plain accesses to shared memory, the block's own or (with an address of map_shared()) another's of the cluster.
//
//   T load_shared<T>(shared_address)          T of 1, 2, 4, 8 or 16 bytes, aligned to its size: u8, u16, u32, u64, float,
//   void store_shared(shared_address, T)      array<u32, 2>, array<u32, 4>, array<float, 2>, array<float, 4>
//   T load_cluster<T>(shared_address), void store_cluster(shared_address, T)    T of 4 bytes; addresses of map_shared()
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/shared/device.cuh"
#else
#include "kernels/arch/shared/emulated.hpp"
#endif
