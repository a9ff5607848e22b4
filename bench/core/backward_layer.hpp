// A backward operation as every device's workload has it: its problem, its tensors, and what its elements must be.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "bench/core/cases.hpp"
#include "bench/core/data.hpp"
#include "bench/core/fused_layer.hpp"
#include "bench/core/oracle.hpp"

namespace gemmact_bench {

// What a device's workload chooses.
struct backward_form {
  gemmact_keep keep = GEMMACT_KEEP_Z;  // z, or one bit an element
  gemmact_type dw = GEMMACT_F32;       // of weight_grad
};

// A GPU's: what the library says to keep, and dW in the weights' type.
backward_form gpu_form(const bench_case& c);
// input_grad without fusion: activation_grad of the layer below, on what the product left. Other cases as they are.
bench_case separate_case(const bench_case& c);

// Where the matrices of an arm lie. The gradient is dY of activation_grad and dZ of the others, m x n; the factor W of
// input_grad, X of weight_grad; kept is what f' is taken of. Written is dZ, dZ of the layer below (dX alone), or dW.
struct backward_memory {
  const void *gradient = nullptr, *factor = nullptr, *kept = nullptr, *written = nullptr, *sums = nullptr;
};

// The whole operation has f' (of input_grad that of the layer below) and the sums of columns; a bare one is input_grad and
// weight_grad's product alone, and activation_grad without the sums. The case must outlive the problem.
gemmact_problem backward_problem(const bench_case& c, const backward_form& form, bool whole);
std::vector<gemmact_tensor> backward_tensors(const bench_case& c, const backward_form& form, bool whole,
                                             uint32_t alignment = 0);
// The plan's tensors are those of backward_tensors.
void bind(fused_layer& plan, const bench_case& c, bool whole, const backward_memory& memory);

// From a row of bits to the next: cuBLASLt takes whole 128 alone, and this library any such.
inline int64_t bits_ld(int64_t columns) { return (columns + 127) / 128 * 128; }

// What an arm has written; no sums where it has none.
struct written_gradient {
  std::function<double(int64_t row, int64_t column)> element;
  std::function<double(int64_t column)> sum = {};
  gemmact_type sum_type = GEMMACT_F32;
};

class backward_layer {
 public:
  // Inputs are cut from the stores, which must outlive the layer.
  backward_layer(input_stores& stores, const bench_case& c, const backward_form& form = {});

  const bench_case what;
  const backward_form form;
  const int64_t rows, cols;    // of what is written
  const gemmact_type written;  // its type
  const int64_t sums;          // of columns: of dZ, which activation_grad and input_grad write and weight_grad reads
  tensor gradient, factor, z;  // a factor or z that there is not is another one
  double tolerance = 0;        // of the device's functions, relative

  int64_t kept_columns() const { return what.operation == GEMMACT_INPUT_GRAD ? what.k : what.n; }
  // One bit an element, 1 where z > 0: that of column j is bit j mod 32 of word j / 32.
  std::vector<uint32_t> bits() const;

  // Without f'. Of activation_grad there is none.
  approximate product_at(int64_t i, int64_t j, const arm_path& path = {}) const;
  approximate written_at(int64_t i, int64_t j, const arm_path& path = {}) const;
  // The largest error over its bound of a sample of the elements and of one sum.
  double worst(const written_gradient& by, unsigned seed, const arm_path& path = {}) const;

 private:
  // A column of dZ: its sum, the sum of magnitudes, and that of what an error of f' is relative to.
  struct column_sum {
    approximate total;
    double size = 0, of_z = 0;
  };
  approximate slope_at(int64_t i, int64_t j, double of_z) const;
  const column_sum& column(int64_t j) const;
  column_sum summed(int64_t j) const;

  std::optional<function_oracle> oracle_;
  mutable std::map<int64_t, column_sum> columns_;  // m products each: those of a few columns are kept
};

}  // namespace gemmact_bench
