// The separate kernel of a layer without fusion, on the host: it has no kernel to run.
#include <algorithm>
#include <vector>

#include "bench/core/data.hpp"
#include "bench/gpu/activation_pass.hpp"
#include "gemmact/gemmact.h"
#include "kernels/base/float_types.hpp"

namespace gemmact_bench {
namespace {

float activated(const gpu_pass_job& job, int64_t row, float z) {
  size_t index = 0;
  float values[GEMMACT_MAX_PARAMS] = {}, y = 0;
  if (gemmact_activation_parse(job.function, &index, values, GEMMACT_MAX_PARAMS) != GEMMACT_OK) return 0;
  if (job.target_param >= 0) values[job.target_param] = job.targets[row];
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  if (gemmact_activation_get_info(index, &info) != GEMMACT_OK) return 0;
  gemmact_activation_evaluate(job.function, values, info.param_count, GEMMACT_ACCURATE, &z, 1, &y, nullptr);
  return y;
}

}  // namespace

gpu_pass_result run_gpu_pass(const gpu_pass_job& job) {
  const int pieces = job.combine == GEMMACT_PLAIN ? 1 : job.combine == GEMMACT_GATED ? 2 : job.pieces;
  const int64_t wide = job.cols * pieces;
  std::vector<float> z(size_t(job.rows * wide));
  for (int64_t i = 0; i < job.rows * wide; ++i)
    z[size_t(i)] = float(element(gemmact_type(job.type), job.z, i)) + job.bias[i % wide];
  for (int64_t i = 0; i < job.rows; ++i)
    for (int64_t j = 0; j < job.cols; ++j) {
      const auto part = [&](int p) { return z[size_t(i * wide + p * job.cols + j)]; };
      float y = job.combine == GEMMACT_MAXOUT ? part(0) : activated(job, i, part(0));
      if (job.combine == GEMMACT_GATED) y *= part(1);
      for (int p = 1; job.combine == GEMMACT_MAXOUT && p < pieces; ++p) y = std::max(y, part(p));
      if (job.type == GEMMACT_F32) static_cast<float*>(job.out)[i * job.cols + j] = y;
      else
        static_cast<uint16_t*>(job.out)[i * job.cols + j] =
            job.type == GEMMACT_F16 ? gemmact::to_f16(y).bits : gemmact::to_bf16(y).bits;
    }
  return {.known = true, .error = 0};
}

}  // namespace gemmact_bench
