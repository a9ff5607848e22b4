// Tables of layer problems: the factors of each operation, and the layer that a row of their values means.
#pragma once
#include <string>
#include <vector>

#include "tests/layer/layer.hpp"
#include "tests/support/pairwise.hpp"

namespace gemmact::test {

// An activation as tests use it: its text, and whether its parameters come from tensors.
enum class param_source { text, scalar, per_column };  // an equation's are of the extents that it declares
struct activation_case {
  const char* text;
  param_source params = param_source::text;
};
const std::vector<activation_case>& activation_cases();
// A row's: values beyond the factor's, which no table has, are those of equation_cases().
activation_case activation_of(const factor_row& row);

// Values of the sizes' factor: boundaries of tiles and vectors, one for "any odd size to 129", one for sizes beyond the
// tiles of a device.
int64_t size_value(int value, uint64_t seed);
int size_count();
int size_factor(int64_t size);  // the value that means this size

const std::vector<factor>& factors_of(gemmact_operation operation);
// The layer, without values. `seed` draws what the factors leave open.
layer make_case(gemmact_operation operation, const factor_row& row, uint64_t seed);
// A row of random values of every factor.
factor_row random_row(gemmact_operation operation, uint64_t seed);
// The table of an operation: pairwise rows over its factors, the same on every machine.
const std::vector<factor_row>& exact_rows(gemmact_operation operation);
const char* operation_name(gemmact_operation operation);

// What the two halves of the implementation share.
struct case_builder {
  layer l;
  const factor_row& row;
  uint64_t seed;
  listing matrix(const char* order, const char* pad, bool batched, uint32_t index = 0) const;
  // Whether all products' tensors are laid out alike, as GPUs want them: of half of the cases.
  bool alike() const;
  // A factor's value for one of the products: the first has it as it is, of the others about half have another, unless alike.
  int of_piece(const char* factor, int value, int count, uint32_t piece) const;
  bool batched_shared() const { return row["batch"] != 2; }  // false: the batch shares W and the like
  void head(gemmact_operation operation);
  // PARAM and TARGET or OPERAND of this layer or, with GEMMACT_BELOW, the one below.
  void add_activation_inputs(const activation_case& act, uint32_t side);
  // The keep and the type for a KEPT tensor; NOTHING if there is to be none.
  void add_kept(const char* factor, const activation_case& act, uint32_t side, gemmact_combine combine,
                bool wants_params);
  void add_sums(const activation_case& act, uint32_t side, int pieces);
};
layer make_backward_case(gemmact_operation operation, const factor_row& row, uint64_t seed);
gemmact_type float_type(int value);    // f32 f16 bf16
gemmact_type operand_type(int value);  // f32 f16 bf16 e4m3

}  // namespace gemmact::test
