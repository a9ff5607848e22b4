// Fences between memory accesses of different kinds.
//
//   void fence_proxy_async()      generic accesses to shared memory, this thread's and those it has come to know of, before
//                                 later accesses by TMA and wgmma (fence.proxy.async.shared::cta)
//   void fence_proxy_async_global()   the same for global memory
#pragma once
#include "kernels/base/config.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/fence/device.cuh"
#else
#include "kernels/arch/fence/emulated.hpp"
#endif
