// A network of two layers, forward and backward through the library, what one call stores being what the next one reads; and
// the same network in double, with a bound on what the device may have made of each number.
#pragma once
#include <string>
#include <vector>

#include "tests/layer/layer.hpp"
#include "tests/layer/oracle_parts.hpp"

namespace gemmact::test {

using matrix = std::vector<double>;  // row-major

// Runs a layer whose every output is also checked against the oracle for the inputs it got.
class checked_run {
 public:
  explicit checked_run(layer l);
  matrix operator()(uint32_t slot, uint32_t index = 0) const { return run_.values(slot, index); }
  const gemmact_plan_info& info() const { return run_.info(); }

 private:
  layer layer_;
  layer_run run_;
};

layer sized(gemmact_operation operation, int64_t m, int64_t n, int64_t k);

// What AUTO keeps, as the type of KEPT; BIT, or a float type; 0: nothing. `trained`: gradients of parameters are wanted.
gemmact_type automatic_type(const char* activation, gemmact_type type, bool trained = false);

// How a network's numbers are stored and multiplied.
struct number_kind {
  gemmact_type type = GEMMACT_F32;
  gemmact_compute compute = GEMMACT_COMPUTE_STRICT;
  uint32_t align_bytes = 0;  // of its matrices and their lines
  // Whether factors of backward's products are copied to lie along the sums, as gemm_sm90 needs those that are not of 16 bits.
  bool along_sums = false;

  std::string text() const;
  double stored() const;  // relative error of a number as it is stored
  double factor() const;  // and as it is multiplied
  double unit() const;    // of one operation of a product's sum, on any device
};

struct network {
  static constexpr int64_t m = 29, inputs = 23, hidden = 37, outputs = 11;
  number_kind kind;
  const char* first;
  const char* second;
  matrix x, w1, b1, w2, b2, dy;
  // Of the functions' first parameter, which is trained: one number, or one of each column. Empty: nothing is.
  matrix p1, p2;

  network(const number_kind& kind, const char* first, const char* second);
};

checked_run forward(const network& net, const char* activation, const matrix& x, const matrix& w, const matrix& bias,
                    const matrix& param = {});

struct gradients {
  matrix dw1, db1, dw2, db2, dx, dp1, dp2;
};
gradients run_network(const network& net);  // throws not_covered

// Numbers with bounds on their errors.
using numbers = std::vector<approximate>;
struct double_gradients {
  numbers dw1, db1, dw2, db2, dx, dp1, dp2;
};
double_gradients in_double(const network& net);

// Which number lies outside of its bound, in words; "" where none does.
std::string outside(const gradients& got, const double_gradients& want);
// The sum of all bounds, relative to that of all magnitudes.
double relative_bound(const double_gradients& want);

}  // namespace gemmact::test
