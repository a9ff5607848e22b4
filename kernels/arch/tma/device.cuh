// The GPU's side of kernels/arch/tma.
#pragma once

namespace gemmact::arch {

namespace detail {

// A map lies in the kernel's parameters; the instructions take its generic address.
__device__ __forceinline__ u64 address_of(const tensor_map& map) { return reinterpret_cast<u64>(&map); }

}  // namespace detail

__device__ __forceinline__ void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x,
                                         i32 y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::"r"(
          to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y));
}
__device__ __forceinline__ void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x, i32 y,
                                         cache_policy policy) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1, {%3, "
      "%4}], [%2], %5;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "l"(u64(policy)));
}
__device__ __forceinline__ void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x, i32 y,
                                         i32 z) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4, %5}], [%2];" ::
          "r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "r"(z));
}
__device__ __forceinline__ void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x, i32 y,
                                         i32 z, cache_policy policy) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1, {%3, %4, "
      "%5}], [%2], %6;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "r"(z), "l"(u64(policy)));
}
__device__ __forceinline__ void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier,
                                                   u16 ranks, i32 x, i32 y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%3, "
      "%4}], [%2], %5;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "h"(ranks));
}
__device__ __forceinline__ void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier,
                                                   u16 ranks, i32 x, i32 y, cache_policy policy) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster.L2::cache_hint "
      "[%0], [%1, {%3, %4}], [%2], %5, %6;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "h"(ranks), "l"(u64(policy)));
}
__device__ __forceinline__ void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier,
                                                   u16 ranks, i32 x, i32 y, i32 z) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%3, "
      "%4, %5}], [%2], %6;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "r"(z), "h"(ranks));
}
__device__ __forceinline__ void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier,
                                                   u16 ranks, i32 x, i32 y, i32 z, cache_policy policy) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster.L2::cache_hint "
      "[%0], [%1, {%3, %4, %5}], [%2], %6, %7;" ::"r"(to.value),
      "l"(detail::address_of(map)), "r"(barrier.value), "r"(x), "r"(y), "r"(z), "h"(ranks), "l"(u64(policy)));
}

__device__ __forceinline__ void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y) {
  asm volatile(
      "cp.async.bulk.tensor.2d.global.shared::cta.bulk_group [%0, {%2, %3}], [%1];" ::"l"(detail::address_of(map)),
      "r"(from.value), "r"(x), "r"(y));
}
__device__ __forceinline__ void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y,
                                          cache_policy policy) {
  asm volatile("cp.async.bulk.tensor.2d.global.shared::cta.bulk_group.L2::cache_hint [%0, {%2, %3}], [%1], %4;" ::"l"(
                   detail::address_of(map)),
               "r"(from.value), "r"(x), "r"(y), "l"(u64(policy)));
}
__device__ __forceinline__ void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y, i32 z) {
  asm volatile(
      "cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%2, %3, %4}], [%1];" ::"l"(detail::address_of(map)),
      "r"(from.value), "r"(x), "r"(y), "r"(z));
}
__device__ __forceinline__ void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y, i32 z,
                                          cache_policy policy) {
  asm volatile(
      "cp.async.bulk.tensor.3d.global.shared::cta.bulk_group.L2::cache_hint [%0, {%2, %3, %4}], [%1], %5;" ::"l"(
          detail::address_of(map)),
      "r"(from.value), "r"(x), "r"(y), "r"(z), "l"(u64(policy)));
}
__device__ __forceinline__ void tma_add(const tensor_map& map, shared_address from, i32 x, i32 y) {
  asm volatile("cp.reduce.async.bulk.tensor.2d.global.shared::cta.add.bulk_group [%0, {%2, %3}], [%1];" ::"l"(
                   detail::address_of(map)),
               "r"(from.value), "r"(x), "r"(y));
}
__device__ __forceinline__ void tma_prefetch(const tensor_map& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(detail::address_of(map)));
}

__device__ __forceinline__ void bulk_load(shared_address to, global_address from, u32 bytes, shared_address barrier) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to.value),
      "l"(from.value), "r"(bytes), "r"(barrier.value));
}
__device__ __forceinline__ void bulk_load(shared_address to, global_address from, u32 bytes, shared_address barrier,
                                          cache_policy policy) {
  asm volatile(
      "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint [%0], [%1], %2, [%3], %4;" ::
          "r"(to.value),
      "l"(from.value), "r"(bytes), "r"(barrier.value), "l"(u64(policy)));
}
__device__ __forceinline__ void bulk_store(global_address to, shared_address from, u32 bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to.value), "r"(from.value),
               "r"(bytes));
}
__device__ __forceinline__ void bulk_store(global_address to, shared_address from, u32 bytes, cache_policy policy) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group.L2::cache_hint [%0], [%1], %2, %3;" ::"l"(to.value),
               "r"(from.value), "r"(bytes), "l"(u64(policy)));
}

__device__ __forceinline__ void bulk_commit() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
template <u32 pending>
__device__ __forceinline__ void bulk_wait_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(pending) : "memory");
}
template <u32 pending>
__device__ __forceinline__ void bulk_wait() {
  asm volatile("cp.async.bulk.wait_group %0;" ::"n"(pending) : "memory");
}

}  // namespace gemmact::arch
