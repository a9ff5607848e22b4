// Probes of kernels/arch/{shared,global,cp_async}.
#pragma once
#include "kernels/arch/cp_async/cp_async.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

// Global to shared to global, each by accesses of T, a neighbour's value.
template <class T>
struct access_probe {
  static constexpr u32 threads = 64, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 thread = arch::thread_index();
    const global_address from = p.in + i64(thread * sizeof(T));
    const T value = thread < 32 ? arch::load_global<T>(from) : arch::load_global_readonly<T>(from);
    arch::store_shared(arch::dynamic_shared() + u32(thread * sizeof(T)), value);
    arch::sync_block();
    output_at(p, thread, arch::load_shared<T>(arch::dynamic_shared() + u32((thread ^ 33) * sizeof(T))));
  }
};

// Each block leaves a value; the last one to be counted sees all of them.
struct last_block_probe {
  static constexpr u32 threads = 32, first = 80, blocks = 4;
  GEMMACT_FN static void run(const probe_params& p) {
    if (arch::thread_index() != 0) return;
    const u32 block = arch::block_index();
    const global_address counter = p.out, sum = p.out + 4, left = p.out + 16;  // the output starts as 0xffffffff
    arch::store_global(left + 4 * block, 10 + block);
    if (arch::add_global_acquire_release(counter, 1) != blocks - 2) return;
    arch::store_global(sum, 0.0f);
    u32 all = 0;
    for (u32 i = 0; i < blocks; ++i) all += arch::load_global<u32>(left + 4 * i);
    arch::add_global(sum, float(all));
    arch::store_global_release(p.out + 8, arch::load_global_acquire(counter));
    arch::store_global(p.out + 12, 0u);
    arch::prefetch_global(p.out + 13);  // changes nothing
    arch::max_global(p.out + 12, 3u);
    arch::max_global(p.out + 12, 2u);
  }
};

// valid_bytes = lane modulo (bytes + 1): the rest is zeros, over what lay there.
template <u32 bytes>
struct cp_async_probe {
  static constexpr u32 threads = 32, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 lane = arch::lane_index();
    const shared_address own = arch::dynamic_shared() + bytes * lane;
    for (u32 i = 0; i < bytes; i += 4) arch::store_shared(own + i, 0xeeeeeeeeu);
    arch::cp_async<bytes>(own, p.in + i64(bytes * lane), lane % (bytes + 1));
    arch::cp_async_commit();
    arch::cp_async_commit();  // an empty group, which may stay under way
    arch::cp_async_wait<1>();
    arch::sync_block();
    const shared_address other = arch::dynamic_shared() + bytes * (31 - lane);
    for (u32 i = 0; i < bytes; i += 4)
      arch::store_global(p.out + i64(bytes * (31 - lane) + i), arch::load_shared<u32>(other + i));
    arch::cp_async_wait<0>();
  }
};

template <class T>
void add_access_probe(probes& all, const char* type) {
  const std::string name = std::string("access.") + type;
  const bytes input = random_bytes(name, 64 * sizeof(T));
  bytes expected = input;
  for (u32 i = 0; i < 64; ++i) std::memcpy(&expected[i * sizeof(T)], &input[(i ^ 33) * sizeof(T)], sizeof(T));
  add<access_probe<T>>(all, name, input, expected).shared_bytes = 64 * sizeof(T);
}

template <u32 count>
void add_cp_async_probe(probes& all) {
  const std::string name = "cp_async." + std::to_string(count);
  bytes expected = random_bytes(name, 32 * count);
  const bytes input = expected;
  for (u32 i = 0; i < expected.size(); ++i)
    if (i % count >= i / count % (count + 1)) expected[i] = 0;
  add<cp_async_probe<count>>(all, name, input, expected).shared_bytes = 32 * count;
}

inline void add_memory_probes(probes& all) {
  add_access_probe<u8>(all, "u8");
  add_access_probe<u16>(all, "u16");
  add_access_probe<u32>(all, "u32");
  add_access_probe<u64>(all, "u64");
  add_access_probe<float>(all, "f32");
  add_access_probe<array<u32, 2>>(all, "u32x2");
  add_access_probe<array<float, 2>>(all, "f32x2");
  add_access_probe<array<u32, 4>>(all, "u32x4");
  add_access_probe<array<float, 4>>(all, "f32x4");
  const std::vector<u32> last = {3, 0x42380000u, 3, 3, 10, 11, 12, 13};  // 46.0f
  add<last_block_probe>(all, "global.last_block", {}, bytes_of(last)).blocks = last_block_probe::blocks;
  add_cp_async_probe<4>(all);
  add_cp_async_probe<8>(all);
  add_cp_async_probe<16>(all);
}

}  // namespace gemmact::device_test
