// The loops of bench/baselines/pass.hpp; 16-bit rows go through a piece of a row in f32 that stays in the first cache.
#pragma once
#include <algorithm>

#include "bench/baselines/convert.hpp"
#include "bench/baselines/pass.hpp"

namespace gemmact_bench {

inline constexpr int64_t piece = 1024;  // columns

// out[0, count) of a row's type from value(j).
template <class T, class Value>
void write_row(void* out, int64_t count, const Value& value) {
  if constexpr (std::is_same_v<T, float>) {
    float* to = static_cast<float*>(out);
#pragma GCC ivdep
    for (int64_t j = 0; j < count; ++j) to[j] = value(j);
  } else {
    alignas(64) float row[piece];
    for (int64_t j = 0; j < count; ++j) row[j] = value(j);
    from_floats<T>(row, count, out);
  }
}

// Calls row(out, column, count) for pieces of each row of the range.
template <class T, class Row>
void each_piece(const pass_job& job, const pass_range& range, const Row& row) {
  for (int64_t i = range.row; i < range.row_end; ++i)
    for (int64_t j = range.col; j < range.col_end; j += piece)
      row(i, j, std::min(piece, range.col_end - j), static_cast<T*>(job.out) + i * job.cols + j);
}

// Calls f with a value of the element type.
template <class F>
void with_type(int type, const F& f) {
  if (type == 1) f(float());
  else if (type == 2) f(Eigen::half());
  else f(Eigen::bfloat16());
}

// A row as f32: itself, or converted into `room`.
template <class T>
const float* row_floats(const void* row, int64_t count, float* room) {
  if constexpr (std::is_same_v<T, float>) return static_cast<const float*>(row);
  to_floats<T>(row, count, room);
  return room;
}

}  // namespace gemmact_bench
