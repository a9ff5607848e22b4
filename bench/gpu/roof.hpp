// Kernels that do nothing but what a GPU is limited by: multiply-adds with their operands in registers, reads of memory,
// copies within it.
#pragma once
#include <cstdint>

namespace gemmact_bench {

// Only plain types: the kernels are another compiler's.
struct roof_loop {
  int type = 0, compute = 0;     // a gemmact_type and a gemmact_compute: mma.sync, for strict f32 FFMA
  const void* values = nullptr;  // roof_value_bytes of numbers of that type
  int64_t iterations = 0;
};
inline constexpr int64_t roof_value_bytes = 64 * 1024;

struct roof_pass {
  const void* from = nullptr;
  void* to = nullptr;  // null: only read
  int64_t bytes = 0;   // a multiple of 16
};

struct roof_place {
  float* sink = nullptr;  // 4 bytes that nothing is written to, but the compiler cannot know
  int multiprocessors = 1;
  void* stream = nullptr;
};

// `error`: the launch's cudaError_t. `work`: FLOP of a loop; bytes of a pass, those written too.
struct roof_launch {
  bool known = false;  // there is such an instruction in what these kernels were built for
  int error = 0;
  double work = 0;
};
roof_launch run_roof_loop(const roof_loop& loop, const roof_place& place);
roof_launch run_roof_pass(const roof_pass& pass, const roof_place& place);

// The architecture that the kernels were built for, e.g. 90.
int roof_architecture();

}  // namespace gemmact_bench
