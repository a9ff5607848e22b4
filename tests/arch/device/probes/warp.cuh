// Probes of kernels/arch/thread.
#pragma once
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

struct who_probe {
  static constexpr u32 threads = 64, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 thread = arch::thread_index(), block = arch::block_index();
    const u32 values[8] = {thread,
                           arch::block_threads(),
                           arch::lane_index(),
                           arch::warp_index(),
                           block,
                           arch::block_count(),
                           arch::dynamic_shared().value % 1024,
                           0};
    for (u32 i = 0; i < 8; ++i) output_at(p, (block * 64 + thread) * 8 + i, values[i]);
  }
};

struct collectives_probe {
  static constexpr u32 threads = 32, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 lane = arch::lane_index();
    output_at(p, lane * 4, arch::shuffle(100 + lane, (7 * lane + 3) % 32));
    output_at(p, lane * 4 + 1, bit_cast<u32>(arch::shuffle(float(lane), 31)));
    output_at(p, lane * 4 + 2, u32(arch::shuffle_xor(-i32(lane), 5)));
    output_at(p, lane * 4 + 3, arch::ballot(lane % 3 == 1));
    arch::sync_warp();
  }
};

// One lane is elected, the same twice; and what needs no partner: griddepcontrol without an earlier kernel.
struct elect_probe {
  static constexpr u32 threads = 32, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    arch::wait_for_previous_kernel();
    const u32 once = arch::ballot(arch::elect_one()), again = arch::ballot(arch::elect_one());
    output_at(p, arch::lane_index(), u32(once == again && once != 0 && (once & (once - 1)) == 0));
    arch::let_next_kernel_start();
  }
};

// Warp 0 writes and only arrives; warps 1 and 2 wait for it and read.
struct named_barrier_probe {
  static constexpr u32 threads = 96, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 thread = arch::thread_index(), warp = arch::warp_index();
    const shared_address own = arch::dynamic_shared() + 4 * (thread % 32);
    for (u32 round = 0; round < 3; ++round) {
      if (warp == 0) {
        if (round) arch::sync_named<2>(96);
        arch::store_shared(own, 1000 * round + thread);
        arch::arrive_named<1>(96);
      } else {
        arch::sync_named<1>(96);
        output_at(p, round * 64 + thread - 32, arch::load_shared<u32>(own));
        if (round < 2) arch::arrive_named<2>(96);
      }
    }
  }
};

// Three warpgroups of 168 registers a thread become one of 40 and two of 232.
struct registers_probe {
  static constexpr u32 threads = 384, first = 900;
  GEMMACT_FN static void run(const probe_params& p) {
    const u32 thread = arch::thread_index();
    if (arch::warp_index() < 4) {
      arch::decrease_registers<40>();
      output_at(p, thread, 3 * thread);
    } else {
      arch::increase_registers<232>();
      u32 values[64];
      for (u32 i = 0; i < 64; ++i) values[i] = input_at<u32>(p, i);
      arch::sync_named<1>(256);
      u32 sum = 0;
      for (u32 i = 0; i < 64; ++i) sum += values[i] * (thread + i);
      output_at(p, thread, sum);
    }
  }
};

inline void add_warp_probes(probes& all) {
  std::vector<u32> who, collectives, named, registers, given(64);
  for (u32 block = 0; block < 2; ++block)
    for (u32 thread = 0; thread < 64; ++thread)
      for (const u32 value : {thread, 64u, thread % 32, thread / 32, block, 2u, 0u, 0u}) who.push_back(value);
  for (u32 lane = 0; lane < 32; ++lane)
    for (const u32 value : {100 + (7 * lane + 3) % 32, 0x41f80000u, u32(-i32(lane ^ 5)), 0x92492492u})
      collectives.push_back(value);
  for (u32 round = 0; round < 3; ++round)
    for (u32 thread = 0; thread < 64; ++thread) named.push_back(1000 * round + thread % 32);
  for (u32 i = 0; i < 64; ++i) given[i] = i * i + 1;
  for (u32 thread = 0; thread < 384; ++thread) {
    u32 sum = 0;
    for (u32 i = 0; i < 64; ++i) sum += given[i] * (thread + i);
    registers.push_back(thread < 128 ? 3 * thread : sum);
  }
  probe& two = add<who_probe>(all, "thread.who", {}, bytes_of(who));
  two.blocks = 2;
  two.shared_bytes = 2048;
  add<collectives_probe>(all, "thread.collectives", {}, bytes_of(collectives));
  add<elect_probe>(all, "thread.elect", {}, bytes_of(std::vector<u32>(32, 1)));
  add<named_barrier_probe>(all, "thread.named_barriers", {}, bytes_of(named)).shared_bytes = 128;
  add<registers_probe>(all, "thread.registers", bytes_of(given), bytes_of(registers));
}

}  // namespace gemmact::device_test
