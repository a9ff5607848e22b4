// What the emulated side of kernels/arch calls: one function an instruction, on plain numbers. Each `at` is the kernel's line.
#pragma once
#include "kernels/base/array.hpp"
#include "kernels/base/config.hpp"
#include "kernels/base/fragment.hpp"
#include "kernels/emulator/site.hpp"

namespace gemmact::emulator {

// ---- thread ----
u32 thread_index();
u32 block_threads();
u32 lane_index();
u32 warp_index();
u32 block_index();
u32 block_count();
u32 dynamic_shared();
void sync_warp(site);
void sync_block(site);
void sync_named(u32 id, u32 threads, site);
void arrive_named(u32 id, u32 threads, site);
u32 shuffle(u32 value, u32 from_lane, site);
u32 shuffle_xor(u32 value, u32 bits, site);
u32 ballot(bool, site);
bool elect_one(site);
void set_registers(u32 count, bool increase, site);
void wait_for_previous_kernel(site);
void let_next_kernel_start(site);
[[noreturn]] void trap(site);

// ---- shared, global ----
void load_shared(void* to, u32 address, u32 bytes, site);
void store_shared(u32 address, const void* from, u32 bytes, site);
void load_cluster(void* to, u32 address, site);
void store_cluster(u32 address, const void* from, site);
void load_global(void* to, u64 address, u32 bytes, site);
void load_global_readonly(void* to, u64 address, u32 bytes, site);
void store_global(u64 address, const void* from, u32 bytes, site);
void add_global(u64 address, float value, site);
void max_global(u64 address, u32 value, site);
void prefetch_global(u64 address, site);  // nothing is read, but it must be an array's
u32 add_global_acquire_release(u64 address, u32 value, site);
u32 load_global_acquire(u64 address, site);
void store_global_release(u64 address, u32 value, site);

// ---- fence ----
void fence_proxy_async(site);
void fence_proxy_async_global(site);

// ---- cp_async ----
void cp_async(u32 to, u64 from, u32 bytes, u32 valid_bytes, site);
void cp_async_commit(site);
void cp_async_wait(u32 pending, site);
void cp_async_arrive(u32 barrier, site);

// ---- ldmatrix, stmatrix, mma ----
void ldmatrix(u32* fragment, u32 count, bool transposed, u32 row, site);
void stmatrix(const u32* fragment, u32 count, bool transposed, u32 row, site);
enum class element : u8 { f16, bf16, tf32, e4m3 };
template <class T>
inline constexpr element element_of = element::tf32;
template <>
inline constexpr element element_of<f16_bits> = element::f16;
template <>
inline constexpr element element_of<bf16_bits> = element::bf16;
template <>
inline constexpr element element_of<e4m3_bits> = element::e4m3;
void mma(element, float* d, const u32* a, const u32* b, site);

// ---- mbarrier ----
void mbarrier_init(u32 address, u32 arrivals, site);
void mbarrier_init_fence(site);
void mbarrier_invalidate(u32 address, site);
void mbarrier_arrive(u32 address, bool cluster, site);
void mbarrier_arrive_expect(u32 address, u32 bytes, bool cluster, site);
void mbarrier_expect(u32 address, u32 bytes, site);
void mbarrier_wait(u32 address, u32 parity, bool cluster, site);

// ---- cluster ----
u32 cluster_rank();
u32 cluster_size();
void cluster_arrive(bool release, site);
void cluster_wait(site);
u32 map_shared(u32 own, u32 rank, site);

// ---- tma; `map` is the words of a tensor_map ----
struct tensor_box {
  const u64* map;
  i32 coordinates[3];
  u32 dimensions;
};
void tma_load(u32 to, const tensor_box&, u32 barrier, site);
void tma_load_multicast(u32 to, const tensor_box&, u32 barrier, u32 ranks, site);
void tma_store(const tensor_box&, u32 from, bool add, site);
void tma_prefetch(const u64* map, site);
void bulk_load(u32 to, u64 from, u32 bytes, u32 barrier, site);
void bulk_store(u64 to, u32 from, u32 bytes, site);
void bulk_commit(site);
void bulk_wait_read(u32 pending, site);
void bulk_wait(u32 pending, site);

// ---- wgmma ----
// Shared address of element (mn, k) of an operand, by kernels/arch/wgmma.
using wgmma_address = u32 (*)(u64 descriptor, bool along_mn, u32 element_bytes, u32 mn, u32 k);
struct wgmma_call {
  element type;
  u32 n;
  bool a_along_mn, b_along_mn, accumulate;
  bool a_in_registers;
  u64 a, b;  // descriptors
  wgmma_address address;
};
// `d` n / 2 sums; `a_registers` 4 words or null.
void wgmma(const wgmma_call&, float* d, const u32* a_registers, site);
void wgmma_fence(site);
void wgmma_commit(site);
void wgmma_wait(u32 pending, site);

}  // namespace gemmact::emulator
