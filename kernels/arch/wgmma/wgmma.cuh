// D (+)= A B by a warpgroup, 64 x n tiles, asynchronous (sm_90a); f32 accumulation. Operands lie in shared memory as
// descriptors say; A may be in registers.
//
//   void wgmma_fence()                   before the first, and after registers of D or A were touched otherwise
//   void wgmma_commit()                  closes a group
//   void wgmma_wait<pending>()           until at most the newest `pending` groups are under way
//   void wgmma<T, n, a_major, b_major>(array<float, n / 2>& d, u64 a, u64 b, bool accumulate)
//   void wgmma<T, n, b_major>(array<float, n / 2>& d, const array<u32, 4>& a, u64 b, bool accumulate)
//        T = f16_bits, bf16_bits (k = 16), tf32 (k = 8), e4m3_bits (k = 32); n = 8, 16, ..., 256. major::mn for 16-bit T
//        only. Without `accumulate` D is not read.
//   void wgmma_keep(array<float, count>& d)   tells the compiler that d is in use by what is under way
// All 128 threads come together with the same descriptors. Until a wait covers it, D and A's registers are not to be
// touched, and shared operands not to be written; A is a variable that lives until then.
#pragma once
#include "kernels/arch/wgmma/layout.hpp"
#include "kernels/base/address.hpp"
#include "kernels/base/array.hpp"
#include "kernels/base/swizzle.hpp"

#if GEMMACT_DEVICE
#include "kernels/arch/wgmma/device.cuh"
#else
#include "kernels/arch/wgmma/emulated.hpp"
#endif
