// The GPU's side of kernels/arch/thread.
//
// How the asm statements of all kernels/arch are qualified, told once: whatever touches memory or waits for a thread, or is
// a collective of a warp, is volatile, so that such statements stay in the order and under the conditions they are written
// in; ptxas, which knows each instruction, schedules them. What synchronises (barriers, fences, waits, arrivals) also
// clobbers "memory", so that values a kernel or test keeps in plain C++ memory do not pass it. What only computes on
// registers has neither. tests/arch/ptx/qualifiers_test.cpp looks.
#pragma once

namespace gemmact::arch {

__device__ __forceinline__ u32 thread_index() {
  u32 v;
  asm("mov.u32 %0, %%tid.x;" : "=r"(v));
  return v;
}
__device__ __forceinline__ u32 block_threads() {
  u32 v;
  asm("mov.u32 %0, %%ntid.x;" : "=r"(v));
  return v;
}
__device__ __forceinline__ u32 lane_index() {
  u32 v;
  asm("mov.u32 %0, %%laneid;" : "=r"(v));
  return v;
}
// By a shuffle, so that the compiler knows the value to be the warp's: uniform registers, no divergent branches.
__device__ __forceinline__ u32 warp_index() {
  u32 v;
  asm volatile("shfl.sync.idx.b32 %0, %1, 0, 0x1f, 0xffffffff;" : "=r"(v) : "r"(thread_index() / 32));
  return v;
}
__device__ __forceinline__ u32 block_index() {
  u32 v;
  asm("mov.u32 %0, %%ctaid.x;" : "=r"(v));
  return v;
}
__device__ __forceinline__ u32 block_count() {
  u32 v;
  asm("mov.u32 %0, %%nctaid.x;" : "=r"(v));
  return v;
}
__device__ __forceinline__ shared_address dynamic_shared() {
  extern __shared__ __align__(1024) u8 gemmact_dynamic_shared[];
  u64 v;
  asm("cvta.to.shared.u64 %0, %1;" : "=l"(v) : "l"(gemmact_dynamic_shared));
  return {u32(v)};
}

__device__ __forceinline__ void sync_warp() { asm volatile("bar.warp.sync 0xffffffff;" ::: "memory"); }
__device__ __forceinline__ void sync_block() { asm volatile("bar.sync 0;" ::: "memory"); }
template <u32 id>
__device__ __forceinline__ void sync_named(u32 threads) {
  static_assert(id >= 1 && id <= 15, "a named barrier; 0 is sync_block's");
  asm volatile("bar.sync %0, %1;" ::"n"(id), "r"(threads) : "memory");
}
template <u32 id>
__device__ __forceinline__ void arrive_named(u32 threads) {
  static_assert(id >= 1 && id <= 15, "a named barrier; 0 is sync_block's");
  asm volatile("bar.arrive %0, %1;" ::"n"(id), "r"(threads) : "memory");
}

template <class T>
__device__ __forceinline__ T shuffle(T value, u32 lane) {
  u32 v;
  asm volatile("shfl.sync.idx.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=r"(v) : "r"(bit_cast<u32>(value)), "r"(lane));
  return bit_cast<T>(v);
}
template <class T>
__device__ __forceinline__ T shuffle_xor(T value, u32 bits) {
  u32 v;
  asm volatile("shfl.sync.bfly.b32 %0, %1, %2, 0x1f, 0xffffffff;" : "=r"(v) : "r"(bit_cast<u32>(value)), "r"(bits));
  return bit_cast<T>(v);
}
__device__ __forceinline__ u32 ballot(bool answer) {
  u32 v;
  asm volatile("{\n.reg .pred p;\nsetp.ne.u32 p, %1, 0;\nvote.sync.ballot.b32 %0, p, 0xffffffff;\n}"
               : "=r"(v)
               : "r"(u32(answer)));
  return v;
}
__device__ __forceinline__ bool elect_one() {
  u32 v;
  asm volatile("{\n.reg .pred p;\nelect.sync _|p, 0xffffffff;\nselp.u32 %0, 1, 0, p;\n}" : "=r"(v));
  return v != 0;
}

template <u32 count>
__device__ __forceinline__ void increase_registers() {
  static_assert(count >= 24 && count <= 256 && count % 8 == 0, "setmaxnreg: 24..256, a multiple of 8");
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(count));
}
template <u32 count>
__device__ __forceinline__ void decrease_registers() {
  static_assert(count >= 24 && count <= 256 && count % 8 == 0, "setmaxnreg: 24..256, a multiple of 8");
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(count));
}

__device__ __forceinline__ void wait_for_previous_kernel() { asm volatile("griddepcontrol.wait;" ::: "memory"); }
__device__ __forceinline__ void let_next_kernel_start() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}
__device__ __forceinline__ void trap() { asm volatile("trap;"); }

}  // namespace gemmact::arch
