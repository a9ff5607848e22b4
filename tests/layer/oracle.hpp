// What a layer's outputs must be: every operation in double precision, written from the formulas and independent of
// kernels/ and host/, with a bound on the error of each element after docs/numerics.md (value: L delta + c_f u |f| + ...;
// decisions: either side where the reference is within delta of a breakpoint; sums: gamma times the sum of |terms|).
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "tests/layer/functions.hpp"
#include "tests/layer/layer.hpp"

namespace gemmact::test {

struct oracle_options {
  // Integer data: every product and sum is exact in f32, so z has no error and, if the function is exact too, the result
  // is the reference rounded once. Data that break this are refused.
  bool exact = false;
  // Data are multiples of 1/16 at the finest, so below 2^20 every partial sum fits f32's 24 bits. Beyond, data are refused
  // or (where a case has a type's largest values on purpose) bounds apply.
  double exact_below = 0x1p20;
  bool refuse = true;
  double unit = 0x1p-24;                       // relative error of one operation of the accumulator
  int64_t longest_sum = INT64_MAX;             // of products at that error; longer ones are made of such
  double sum_unit = 0x1p-24;                   // of one operation of weight_grad's sums over rows
  double function_error = 0;                   // relative, that a device's elementary functions add to f
  double (*tf32_halves)(double) = std::round;  // as f32 operands become tf32: away from zero, or (nearbyint) to even
};

// As a kernel family promises (docs/numerics.md): "cpu" and gemm_simt sum in f32, tensor cores are less exact.
oracle_options with_precision_of(oracle_options options, const layer& l, const std::string& family);

// Of one output operand, [batch][rows][cols]: the value before it is rounded to its type and a bound on its error there.
struct expectation {
  size_t operand = 0;
  std::vector<double> value, error;
  std::vector<uint32_t> allowed;  // BIT and U8: bit v is set if v is right
};

std::vector<expectation> expect(const layer& l, const oracle_options& options = {});

// What the listed KEPT (or BELOW|KEPT) holds: keep, or what AUTO means.
gemmact_keep kept_form(const layer& l, bool below);

}  // namespace gemmact::test
