#include "bench/baselines/pass.hpp"

#include <cstring>
#include <vector>

#include "bench/baselines/pass_loops.hpp"

// Generated from the folder of activations: one object a function.
#define GEMMACT_ACTIVATION(name) extern "C" const gemmact_bench::activation_passes gemmact_bench_passes_##name;
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION

namespace gemmact_bench {
namespace {

constexpr int64_t least_sum_work = 1 << 15;  // elements below which a second thread costs more than it brings

// The number of pieces is the compiler's to know: the loop over them is unrolled, so that the one over columns is vectorised.
template <int pieces>
void maxout_of(const pass_job& job, const pass_range& range) {
  with_type(job.type, [&](auto element) {
    using T = decltype(element);
    each_piece<T>(job, range, [&](int64_t i, int64_t j, int64_t count, T* out) {
      const float *z = job.z + i * job.ldz + j, *bias = job.bias + j;
      const int64_t cols = job.cols;
      write_row<T>(out, count, [=](int64_t c) {
        float largest = z[c] + bias[c];
        for (int p = 1; p < pieces; ++p) {
          const float other = z[p * cols + c] + bias[p * cols + c];
          largest = other > largest ? other : largest;
        }
        return largest;
      });
    });
  });
}

}  // namespace

const activation_passes* find_passes(const char* name) {
#define GEMMACT_ACTIVATION(name) &gemmact_bench_passes_##name,
  static const activation_passes* const all[] = {
#include "activation_list.inc"
  };
#undef GEMMACT_ACTIVATION
  for (const auto* passes : all)
    if (std::strcmp(passes->name, name) == 0) return passes;
  return nullptr;
}

void maxout_pass(const pass_job& job, const pass_range& range) {
  if (job.pieces == 8) maxout_of<8>(job, range);
  else if (job.pieces == 4) maxout_of<4>(job, range);
  else maxout_of<2>(job, range);
}

void run_pass(pool& threads, pass_fn pass, const pass_job& job) {
  if (job.rows >= 4 * threads.threads())
    threads.share(job.rows, 1, 1, 0, [&](int64_t begin, int64_t end) { pass(job, {begin, end, 0, job.cols}); });
  else threads.share(job.cols, 64, 1, 0, [&](int64_t begin, int64_t end) { pass(job, {0, job.rows, begin, end}); });
}

void column_sums(pool& threads, int type, const void* matrix, int64_t rows, int64_t cols, float* sums) {
  with_type(type, [&](auto element) {
    using T = decltype(element);
    threads.share(cols, 64, rows * cols, least_sum_work, [&](int64_t begin, int64_t end) {
      alignas(64) float room[piece];
      for (int64_t j = begin; j < end; j += piece) {
        const int64_t count = std::min(piece, end - j);
        std::fill_n(sums + j, count, 0.0f);
        for (int64_t i = 0; i < rows; ++i) {
          const float* row = row_floats<T>(static_cast<const T*>(matrix) + i * cols + j, count, room);
          float* to = sums + j;
#pragma GCC ivdep
          for (int64_t c = 0; c < count; ++c) to[c] += row[c];
        }
      }
    });
  });
}

}  // namespace gemmact_bench
