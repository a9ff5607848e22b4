// The two products of the emulator's tests as cases: integer data, on which the sums are exact, and one run.
#pragma once
#include "kernels/emulator/mutation.hpp"

namespace gemmact::test {

struct gemm_size {
  u32 m, n, k;
};

// Run a product and say whether every element of Y is right.
emulator::case_run run_gemm_mma(const emulator::options&, gemm_size);
emulator::case_run run_gemm_wgmma(const emulator::options&, gemm_size);

}  // namespace gemmact::test
