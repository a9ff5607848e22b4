// The separate activation kernel that a layer without fusion runs after its product: bias, function and conversion, from
// the same activation files as the library, in 16-byte accesses.
#pragma once
#include <cstdint>

namespace gemmact_bench {

// Matrices are dense and row-major, all of one type, 16-byte aligned. Only plain types: the kernels are another compiler's.
struct gpu_pass_job {
  // The product, rows x cols; of a gated pair or a maxout rows x pieces * cols, its parts beside each other.
  const void* z = nullptr;
  const float* bias = nullptr;  // one value a column of z
  void* out = nullptr;          // rows x cols; may be z where that is as wide
  int64_t rows = 0, cols = 0;
  int type = 0;               // a gemmact_type: f32, f16 or bf16
  int combine = 0;            // a gemmact_combine
  int pieces = 2;             // of a maxout: 2, 4 or 8
  const char* function = "";  // of the catalogue; a maxout has none
  float params[4] = {};
  const float* targets = nullptr;  // one a row, replaces parameter `target_param`
  int target_param = -1;
  int multiprocessors = 1;
  void* stream = nullptr;
};

// `error`: the launch's cudaError_t, 0 where it was launched.
struct gpu_pass_result {
  bool known = false;  // there is such a function
  int error = 0;
};
gpu_pass_result run_gpu_pass(const gpu_pass_job& job);

}  // namespace gemmact_bench
