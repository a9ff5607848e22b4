// One layer as the family is given it, with its data, run on the emulator and compared with an oracle in double that is
// independent of kernels/.
#pragma once
#include <string>
#include <vector>

#include "kernels/emulator/mutation.hpp"
#include "kernels/families/gemm_sm80/family.hpp"
#include "tests/families/gemm_sm80/variants.hpp"
#include "tests/kernels/functions.hpp"

namespace gemmact::test {

// A matrix's rows are `pad` elements (words of bits) longer than they need to be, and it begins `shift` elements past a
// multiple of 4096 bytes.
struct placement {
  families::element type{};  // none: there is no such operand
  i64 pad = 0;
  u32 shift = 0;
};

struct layer_case {
  i64 m = 1, n = 1, k = 1;
  i64 less = 0;  // rows that the run has less than the plan
  setting use;
  accuracy mode = accuracy::accurate;
  families::extent spread = families::extent::per_column;  // of the bias
  families::keep kept = families::keep::z;
  placement x{families::element::bf16}, w{families::element::bf16}, y{families::element::bf16}, bias, residual, keeps;
  int row = 0;  // of configs.inc
  int multiprocessors = 2;
  bool integers = true;  // data on which every sum is exact; else normally distributed
  u64 seed = 1;
  std::string text() const;
};

// Whether the function is exact in f32 on small integers, with these parameters.
bool exact_on_integers(const setting&);

// What an output must hold, [rows][cols]: the value and its error before it is rounded to its type; of BIT which answers
// are right (bit v is set if v is).
struct expectation {
  std::vector<double> value, error;
  std::vector<u8> allowed;
};

struct operand_data {
  families::operand is;
  emulator::guarded_memory memory;
  std::vector<double> values;  // of an input, exactly as stored, [rows][cols]
  expectation expected;        // of an output
  double at(i64 i, i64 j) const {
    return values[size_t(is.spread == families::extent::scalar       ? 0
                         : is.spread == families::extent::per_column ? j
                         : is.spread == families::extent::per_row    ? i
                                                                     : i * is.cols + j)];
  }
};

class layer_run {
 public:
  explicit layer_run(const layer_case&);
  // With the kernel of variants.hpp, or another for the same configuration.
  emulator::case_run run(emulator::options how = {}, gemm_variant kernel = nullptr);
  // Empty, or the first thing that is wrong with the outputs of the last run.
  std::string wrong() const;
  const families::candidate& chosen() const { return chosen_; }
  i64 tiles() const;
  u32 blocks() const { return blocks_; }
  families::gemm_sm80::params& prepared() { return params_; }  // to plant faults in
  unsigned char* memory(families::slot) const;

 private:
  void add(families::slot, const placement&, i64 rows, i64 cols, bool output);
  void fill(operand_data&, u64 seed);
  std::string wrong(const operand_data&) const;

  layer_case c_;
  families::layer layer_;
  families::gpu gpu_;
  families::candidate chosen_;
  families::gemm_sm80::params params_{};
  u32 blocks_ = 0;
  std::vector<operand_data> data_;
};

// The oracle: fills `expected` of the outputs among `data`.
void expect_outputs(const layer_case&, std::vector<operand_data>& data);

}  // namespace gemmact::test
