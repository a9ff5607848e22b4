#include <cstring>

#include "activation_includes.hpp"
#include "bench/gpu/activation_pass.cuh"

namespace gemmact_bench {

gpu_pass_result run_gpu_pass(const gpu_pass_job& job) {
  if (job.combine == 2) return launch_maxout(job);
#define GEMMACT_ACTIVATION(name)             \
  if (std::strcmp(job.function, #name) == 0) \
    return launch_function<gemmact::activation::name<gemmact::accuracy::accurate>>(job);
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
  return {};
}

}  // namespace gemmact_bench
