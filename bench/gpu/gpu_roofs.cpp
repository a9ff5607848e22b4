#include "bench/gpu/gpu_roofs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bench/gpu/roof.hpp"

namespace gemmact_bench {
namespace {

constexpr precision loops[] = {{GEMMACT_F32, GEMMACT_COMPUTE_STRICT},
                               {GEMMACT_F32, GEMMACT_COMPUTE_TF32},
                               {GEMMACT_F16, GEMMACT_COMPUTE_STRICT},
                               {GEMMACT_BF16, GEMMACT_COMPUTE_STRICT},
                               {GEMMACT_E4M3, GEMMACT_COMPUTE_STRICT}};
constexpr double turn_seconds = 20e-3;
constexpr int turns = 5;
constexpr int64_t first_iterations = 1000, largest_pass = int64_t(1) << 30;

// Seconds of one launch, the median of some.
template <class Launch>
double seconds_of(stream& queue, const Launch& launch, int count) {
  std::vector<double> all;
  for (int i = 0; i < count; ++i) {
    queue.mark();
    const roof_launch done = launch();
    require_cuda(static_cast<cudaError_t>(done.error), "a roof's kernel");
    all.push_back(queue.seconds_since_mark());
  }
  return summarize(all).median;
}

// N(0, 1), as what is measured: other numbers take less power.
double loop_flops(gpu_environment& environment, precision p, const roof_place& place) {
  const store values(p.type, roof_value_bytes / bytes_of(p.type), 5, 1, environment.threads);
  const device_memory memory(values.at(0), size_t(roof_value_bytes));
  require_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  roof_loop loop{p.type, p.compute, memory.data(), first_iterations};
  const auto launch = [&] { return run_roof_loop(loop, place); };
  seconds_of(environment.queue, launch, 1);
  const double once = seconds_of(environment.queue, launch, 1);
  loop.iterations = std::clamp(int64_t(first_iterations * turn_seconds / once), first_iterations, int64_t(1) << 30);
  const double seconds = seconds_of(environment.queue, launch, turns);
  return launch().work / seconds;
}

double bytes_per_second(gpu_environment& environment, const roof_pass& pass, const roof_place& place) {
  const auto launch = [&] { return run_roof_pass(pass, place); };
  const double work = launch().work;
  return work / seconds_of(environment.queue, launch, 2 * turns);
}

}  // namespace

measured_roofs measure_roofs(gpu_environment& environment) {
  measured_roofs found;
  const device_memory sink(sizeof(float));
  const roof_place place{static_cast<float*>(sink.data()), environment.multiprocessors, environment.queue.get()};
  for (const precision p : loops) {
    if (p.type == GEMMACT_E4M3 && roof_architecture() < 89)
      found.loop_missing[name_of(p)] = fmt::format("no mma.sync of sm_{}", roof_architecture());
    else found.loop_flops[name_of(p)] = loop_flops(environment, p, place);
  }
  size_t free = 0, total = 0;
  require_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  const int64_t bytes = std::min(largest_pass, int64_t(free / 4)) / 16 * 16;
  const device_memory from{size_t(bytes)}, to{size_t(bytes)};
  from.poison(environment.queue.get());
  found.read_bytes_per_second = bytes_per_second(environment, {from.data(), nullptr, bytes}, place);
  found.copy_bytes_per_second = bytes_per_second(environment, {from.data(), to.data(), bytes}, place);
  environment.queue.wait();
  return found;
}

}  // namespace gemmact_bench
