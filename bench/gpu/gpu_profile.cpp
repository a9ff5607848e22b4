#include "bench/gpu/gpu_profile.hpp"

#include <cuda_profiler_api.h>
#include <fmt/format.h>

namespace gemmact_bench {
namespace {

constexpr int profiled_launches = 3;

arm arm_of(gpu_layer& layer, const char* name, gpu_task task) {
  return {.name = name,
          .call = [&layer, task] { layer.run(task, 0); },
          .check = [&layer, task](unsigned seed) { return layer.check(task, seed); },
          .spoil = [&layer, task] { layer.spoil(task); }};
}

}  // namespace

void run_gpu_profile(gpu_environment& environment, const bench_case& c, const measure_settings& settings) {
  const std::shared_ptr<gpu_layer> layer = make_gpu_layer(environment, c);
  contest both{arm_of(*layer, "fused", gpu_task::fused), {arm_of(*layer, "plain", gpu_task::plain)}, {}};
  both.cycle = layer->cycle();
  const outcome timed = measure(both, settings, [](int, int) {});
  if (!timed.wrong_arm.empty())
    throw std::runtime_error(fmt::format("{}: the result of {} is wrong", c.name(), timed.wrong_arm));
  fmt::print("case {}\nkernel {}\nfamily {}\nfused_seconds {:.9g}\nplain_seconds {:.9g}\n", c.name(),
             layer->kernel(gpu_task::fused), layer->family(gpu_task::fused), timed.fused.median, timed.unfused.median);
  std::fflush(stdout);
  require_cuda(cudaProfilerStart(), "cudaProfilerStart");
  for (int i = 0; i < profiled_launches; ++i) both.fused.call();
  environment.queue.wait();
  require_cuda(cudaProfilerStop(), "cudaProfilerStop");
}

}  // namespace gemmact_bench
