#include "bench/gpu/gpu_cases.hpp"

#include <fmt/format.h>

#include "bench/gpu/gpu_backward.hpp"
#include "bench/gpu/gpu_forward.hpp"

namespace gemmact_bench {

std::shared_ptr<gpu_layer> make_gpu_layer(gpu_environment& environment, const bench_case& c) {
  try {
    return c.operation == GEMMACT_FORWARD ? make_gpu_forward(environment, c) : make_gpu_backward(environment, c);
  } catch (const library_error& e) {
    if (e.status != GEMMACT_NOT_SUPPORTED) throw;
    throw case_left_out(fmt::format("the library has no kernel for it on this device ({}, {}, {})",
                                    name_of(c.operation), name_of(c.numbers()), name_of(c.combine)));
  }
}

workload make_gpu_case(gpu_environment& environment, const bench_case& c, const measure_settings& settings) {
  workload w = make_gpu_workload(make_gpu_layer(environment, c), c, settings, environment.heats);
  w.cold = rotates(c);
  return w;
}

}  // namespace gemmact_bench
