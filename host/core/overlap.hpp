// Do two tensors share a byte? Tensors interleaved in one buffer (column slices of a matrix, batch entries inside a row)
// do not, although the spans from their first to their last byte cross.
#pragma once
#include <cstdint>

#include "host/core/problem.hpp"

namespace gemmact::core {

// The bytes of a tensor: equal runs of contiguous bytes at `begin` + i * inner.stride + j * outer.stride.
struct footprint {
  struct dimension {
    int64_t count = 1, stride = 0;
  };
  uintptr_t begin = 0;
  int64_t run = 0;         // bytes, > 0
  dimension inner, outer;  // inner.stride <= outer.stride where both counts exceed 1
  int64_t span = 0;        // bytes from the first to behind the last
};

// `rows`: how many of the tensor's rows are used, in a run with a smaller m. Strides are those of problem.hpp.
footprint footprint_of(const tensor& t, const void* data, int64_t rows, int64_t batch);

// A plain stretch of memory.
footprint footprint_of(const void* data, int64_t bytes);

// Exact when the two have at most two different strides between them, as slices of one buffer have; otherwise the
// shortest strides are filled in, and interleaved tensors may be taken to overlap. Never misses an overlap.
bool overlap(const footprint& a, const footprint& b);

}  // namespace gemmact::core
