// NumPy arrays as the tensors of a layer. Sizes come from the arrays that are read; those that are written are made to fit.
//
// dtypes: float32 and float16 are what they are; uint16 (or 2-byte void) holds the bits of bf16, uint8 (or 1-byte void)
// those of e4m3, in what is kept a maxout's winners; uint32 in what is kept is a bit mask. A Fortran-ordered matrix is a
// column-major one. A third dimension in front is the batch; an array without it, or with 1 there, is shared.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/api/command/array_options.hpp"
#include "host/api/command/npy.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct layer_array {
  array_file file;
  npy_array content;
  gemmact_tensor tensor{};
};

constexpr int64_t size_unknown = -1;

struct layer_sizes {
  int64_t m = size_unknown, n = size_unknown, k = size_unknown, batch = size_unknown;
};

// Reads a file that the operation reads. npy_error; run_error for a dtype that is none of a layer's, and for an empty
// array.
layer_array load_array(const array_file& file);

// m, n, k and the batch, as all matrices among the arrays agree on them; k is 1 where no array has it. run_error.
layer_sizes agreed_sizes(const std::vector<layer_array>& arrays);

// Fills in the tensor of an array that has been read: its extent, order and strides. run_error.
void describe(layer_array& array, const layer_sizes& sizes);

// Makes room for an array that is written. run_error, std::bad_alloc.
struct result_form {
  gemmact_type type;
  gemmact_extent extent;
  bool per_batch;   // one for each of the batch, where a sum is possible
  bool accumulate;  // the file is there, and is added to
};
layer_array make_result(const array_file& file, const layer_sizes& sizes, const result_form& form);

// The file's bytes before the data.
std::string preamble(const layer_array& array);

}  // namespace gemmact::api
