// What the kernels with a fault have in common.
#pragma once
#include "kernels/arch/mbarrier/mbarrier.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/tma.cuh"

namespace gemmact::test {

using namespace arch;  // NOLINT: the kernels' words

// What they are given: `in` is read only, and the words of `flag` are 0.
struct fault_arguments {
  global_address in, out, flag;
  tensor_map map;       // of `in`: 64 x 16 elements of 16 bits, boxes of 64 x 8, swizzled
  tensor_map flushing;  // of `in`: 32 x 16 of f32_ftz
};
inline fault_arguments given;
inline constexpr u32 fault_array_bytes = 4096;  // of in and out

// Warps come to the fault in every order.
inline void shuffle_warps() {
  for (int i = 0; i < 6; ++i) let_next_kernel_start();
}

inline shared_address at(u32 offset) { return dynamic_shared() + offset; }
inline bool first_thread() { return thread_index() == 0; }

inline void set_up_barrier(u32 arrivals) {
  if (first_thread()) {
    mbarrier_init(at(0), arrivals);
    mbarrier_init_fence();
  }
  sync_block();
  shuffle_warps();
}

}  // namespace gemmact::test
