// The two products of the emulator's tests as cases: integer data, on which the sums are exact, and one run.
#pragma once
#include <functional>
#include <string>

#include "kernels/emulator/emulator.hpp"

namespace gemmact::test {

struct gemm_size {
  u32 m, n, k;
};

// Runs a product and says whether every element of Y is right.
struct gemm_run {
  emulator::result result;
  bool right = false;
};

gemm_run run_gemm_mma(const emulator::options&, gemm_size);
gemm_run run_gemm_wgmma(const emulator::options&, gemm_size);

}  // namespace gemmact::test
