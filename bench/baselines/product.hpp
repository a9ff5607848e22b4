// The bare products that the fused layer is measured against, of f32 matrices, row-major, on all threads.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/baselines/pool.hpp"

namespace gemmact_bench {

// C (rows x cols) = op(A) op(B), summed over depth; op transposes where the flag says so.
//   transpose_b: X W^T, B is cols x depth        forward
//   neither:     dZ W                            input gradient
//   transpose_a: dZ^T X, A is depth x rows       weight gradient
struct product_problem {
  int64_t rows, cols, depth;
  bool transpose_a, transpose_b;
};

class product_library {
 public:
  virtual ~product_library() = default;
  virtual std::string name() const = 0;
  virtual std::string version() const = 0;
  virtual void multiply(const product_problem& p, const float* a, const float* b, float* c) = 0;
  // As multiply for 16-bit B (a gemmact_type), which it converts on the way; transpose_a is false. `scratch` has room
  // for B as f32.
  virtual void multiply_16_bit(const product_problem& p, const float* a, const void* b, int type, float* scratch,
                               float* c) = 0;
};

std::unique_ptr<product_library> make_eigen_product(pool& threads);
// Null, and the reason, where there is none; `threads` is also what OpenBLAS is told to use.
std::unique_ptr<product_library> make_openblas_product(pool& threads, std::string* reason);

}  // namespace gemmact_bench
