// What cuBLASLt's documentation says a call computes, written out in double precision.
#pragma once
#include <string>
#include <vector>

namespace gemmact::porting {

// Unused elements behind what is stored, so that a wrong call of the tests stays inside.
constexpr size_t slack = 4096;

// A batch of column-major matrices with a leading dimension; unused elements are NaN.
struct matrix {
  matrix(int64_t rows, int64_t cols, int64_t ld, int64_t batch = 1);
  int64_t rows, cols, ld, batch;
  std::vector<float> values;

  int64_t stride() const { return ld * cols; }
  float& at(int64_t i, int64_t j, int64_t entry = 0) { return values[size_t(entry * stride() + j * ld + i)]; }
  float at(int64_t i, int64_t j, int64_t entry = 0) const { return const_cast<matrix*>(this)->at(i, j, entry); }
  bool padding_is_untouched() const;
};

struct call {
  bool transa, transb;
  const matrix &a, &b;
  std::vector<float> bias;  // one for each row of D
  const matrix* aux;        // z of the layer below, for DRELU and DGELU
};

struct result {
  matrix d, z;                   // z: what a function was applied to
  std::vector<float> bias_grad;  // of all batch entries, one behind the other
};

// `epilogue` is a name of cublasLtEpilogue_t.
result product(const std::string& epilogue, const call& c);

}  // namespace gemmact::porting
