// A forward layer as every device's workload has it: its problem, its tensors, and what its elements must be.
#pragma once
#include <vector>

#include "bench/core/cases.hpp"
#include "bench/core/data.hpp"
#include "bench/core/oracle.hpp"
#include "bench/core/sample.hpp"

namespace gemmact_bench {

// The case must outlive the problem, which has its function's name or equation.
gemmact_problem layer_problem(const bench_case& c);
// X, Y, then for each piece W and, with a bias, its bias; last the targets, where the function takes them.
// `alignment` is what is promised of the memory of X, Y, W and the biases; 0: nothing.
std::vector<gemmact_tensor> layer_tensors(const bench_case& c, bool with_bias, uint32_t alignment = 0);

class forward_layer {
 public:
  // Inputs are cut from the stores, which must outlive the layer; `cold` rotates W.
  forward_layer(input_stores& stores, const bench_case& c, bool cold);

  const bench_case what;
  const int pieces;    // W's of the layer
  const int64_t wide;  // columns of the product
  const baseline_function function;
  tensor w, x;
  const float* bias;           // wide values
  std::vector<float> targets;  // one a row
  double tolerance = 0;        // of the device's functions, relative

  gemmact_problem problem() const;
  std::vector<gemmact_tensor> tensors(bool with_bias, uint32_t alignment = 0) const;

  // The product alone, row i, column j < wide.
  approximate product_at(int64_t i, int64_t j, const arm_path& path = {}) const;
  // The layer's output.
  approximate output_at(int64_t i, int64_t j, const arm_path& path = {}) const;

 private:
  approximate z_at(int64_t i, int64_t j, const arm_path& path) const;
};

}  // namespace gemmact_bench
