// The only __global__. A kernel is a struct with
//
//   using params = ...;                          its one argument, at most 4 KiB
//   static constexpr u32 threads, min_blocks;    of a block; blocks that fit a multiprocessor at least
//   static constexpr u32 shared_bytes;           dynamic shared memory of a block
//   GEMMACT_FN static void run(const params&);
//
// GEMMACT_ENTRY(name, kernel...) gives it the name that a profiler shows.
#pragma once
#include "kernels/base/config.hpp"

#define GEMMACT_ENTRY(name, ...)                                                              \
  extern "C" __global__ void __launch_bounds__(__VA_ARGS__::threads, __VA_ARGS__::min_blocks) \
      name(const __grid_constant__ typename __VA_ARGS__::params params) {                     \
    __VA_ARGS__::run(params);                                                                 \
  }
