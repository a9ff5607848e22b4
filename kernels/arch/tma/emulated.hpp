// kernels/arch/tma on the emulator, where cache policies change nothing.
#pragma once
#include "kernels/arch/tma/tensor_map.hpp"
#include "kernels/base/address.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

GEMMACT_FN void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x, i32 y,
                         cache_policy = cache_policy::normal, emulator::site at = emulator::site::here()) {
  emulator::tma_load(to.value, {map.words, {x, y, 0}, 2}, barrier.value, at);
}
GEMMACT_FN void tma_load(shared_address to, const tensor_map& map, shared_address barrier, i32 x, i32 y, i32 z,
                         cache_policy = cache_policy::normal, emulator::site at = emulator::site::here()) {
  emulator::tma_load(to.value, {map.words, {x, y, z}, 3}, barrier.value, at);
}
GEMMACT_FN void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier, u16 ranks, i32 x,
                                   i32 y, cache_policy = cache_policy::normal,
                                   emulator::site at = emulator::site::here()) {
  emulator::tma_load_multicast(to.value, {map.words, {x, y, 0}, 2}, barrier.value, ranks, at);
}
GEMMACT_FN void tma_load_multicast(shared_address to, const tensor_map& map, shared_address barrier, u16 ranks, i32 x,
                                   i32 y, i32 z, cache_policy = cache_policy::normal,
                                   emulator::site at = emulator::site::here()) {
  emulator::tma_load_multicast(to.value, {map.words, {x, y, z}, 3}, barrier.value, ranks, at);
}
GEMMACT_FN void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y, cache_policy = cache_policy::normal,
                          emulator::site at = emulator::site::here()) {
  emulator::tma_store({map.words, {x, y, 0}, 2}, from.value, false, at);
}
GEMMACT_FN void tma_store(const tensor_map& map, shared_address from, i32 x, i32 y, i32 z,
                          cache_policy = cache_policy::normal, emulator::site at = emulator::site::here()) {
  emulator::tma_store({map.words, {x, y, z}, 3}, from.value, false, at);
}
GEMMACT_FN void tma_add(const tensor_map& map, shared_address from, i32 x, i32 y,
                        emulator::site at = emulator::site::here()) {
  emulator::tma_store({map.words, {x, y, 0}, 2}, from.value, true, at);
}
GEMMACT_FN void tma_prefetch(const tensor_map& map, emulator::site at = emulator::site::here()) {
  emulator::tma_prefetch(map.words, at);
}
GEMMACT_FN void bulk_load(shared_address to, global_address from, u32 bytes, shared_address barrier,
                          cache_policy = cache_policy::normal, emulator::site at = emulator::site::here()) {
  emulator::bulk_load(to.value, from.value, bytes, barrier.value, at);
}
GEMMACT_FN void bulk_store(global_address to, shared_address from, u32 bytes, cache_policy = cache_policy::normal,
                           emulator::site at = emulator::site::here()) {
  emulator::bulk_store(to.value, from.value, bytes, at);
}
GEMMACT_FN void bulk_commit(emulator::site at = emulator::site::here()) { emulator::bulk_commit(at); }
template <u32 pending>
GEMMACT_FN void bulk_wait_read(emulator::site at = emulator::site::here()) {
  emulator::bulk_wait_read(pending, at);
}
template <u32 pending>
GEMMACT_FN void bulk_wait(emulator::site at = emulator::site::here()) {
  emulator::bulk_wait(pending, at);
}

}  // namespace gemmact::arch
