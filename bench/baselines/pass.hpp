// The separate pass over a product's result, as a good engineer would write it: bias, function and conversion in one
// vectorised loop, on all threads. Of each activation, compiled for the machine that builds it.
#pragma once
#include <cstdint>

#include "bench/baselines/pool.hpp"

namespace gemmact_bench {

// Matrices are rows x cols, dense and row-major. Only plain types: the loops live in another namespace's build.
struct pass_job {
  int64_t rows = 0, cols = 0;
  int pieces = 2;            // of a maxout: 2, 4 or 8
  const float* z = nullptr;  // the product; a gated pair's or maxout's has its parts beside each other in a row
  int64_t ldz = 0;
  const float* bias = nullptr;     // one value a column of z, or null
  const void* kept = nullptr;      // gradient: the layer's z, of `type`
  const void* dy = nullptr;        // gradient: of `type`; null: z is the gradient, in f32
  const float* params = nullptr;   // of the activation
  const float* targets = nullptr;  // one a row, replaces parameter `target_param`
  int target_param = -1;
  void* out = nullptr;  // of `type`; may be z when that is f32 and as wide
  int type = 1;         // a gemmact_type: f32, f16 or bf16
};

// Rows [row, row_end), columns [col, col_end).
struct pass_range {
  int64_t row, row_end, col, col_end;
};
using pass_fn = void (*)(const pass_job&, const pass_range&);

struct activation_passes {
  const char* name;
  pass_fn forward;   // out = f(z + bias)
  pass_fn gated;     // out = f(z[:cols] + bias[:cols]) * (z[cols:] + bias[cols:])
  pass_fn gradient;  // out = dy * f'(kept), 0 where f' is 0
};

// By name of the catalogue; null if there is none.
const activation_passes* find_passes(const char* name);

// A maxout: out = max(z[:cols] + bias[:cols], z[cols:] + bias[cols:]), and so on for more pieces.
void maxout_pass(const pass_job& job, const pass_range& range);

// Calls the pass on all threads of the pool, by rows or, where there are few, by columns.
void run_pass(pool& threads, pass_fn pass, const pass_job& job);

// sums[j] = the sum of column j of a rows x cols matrix of `type`.
void column_sums(pool& threads, int type, const void* matrix, int64_t rows, int64_t cols, float* sums);

}  // namespace gemmact_bench
