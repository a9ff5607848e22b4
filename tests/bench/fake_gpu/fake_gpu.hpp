// A CUDA runtime and a cuBLASLt in the host's memory, so that the benchmark's arms on a GPU run without one, the library's
// on its CPU device. cuBLASLt's calls compute what its documentation says, column by column, in double precision.
#pragma once
#include <cstdint>

namespace gemmact_bench::fake_gpu {

// What cuBLASLt does; a test changes it and puts it back.
struct behaviour {
  int offers = 3;                  // heuristics of a product, at most
  bool refuses_epilogues = false;  // none for a product with an epilogue
  bool reverses_bits = false;      // a mask's bits are read from the other end of each byte
  bool forgets_sums = false;       // no gradient of a bias is written
  bool transposes_wrongly = false;
};
behaviour& cublaslt();

struct counters {
  int64_t allocations = 0;  // that are not freed
};
counters& counted();

}  // namespace gemmact_bench::fake_gpu
