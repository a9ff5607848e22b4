#include "bench/core/roofline.hpp"

#include <algorithm>

namespace gemmact_bench {
namespace {

// FLOP a clock and multiprocessor, from the white papers of the data centre's models.
struct sheet {
  const char* compute_capability;
  double f32, tf32, sixteen, e4m3;  // 0: it has none
};
constexpr sheet sheets[] = {{"8.0", 128, 1024, 2048, 0},
                            {"8.6", 256, 512, 1024, 0},
                            {"8.9", 256, 512, 1024, 2048},
                            {"9.0", 256, 2048, 4096, 8192},
                            {"10.0", 256, 4096, 8192, 16384}};

}  // namespace

double measured_roofs::loop_of(precision p) const {
  const auto at = loop_flops.find(name_of(p));
  return at == loop_flops.end() ? 0 : at->second;
}

double peak_flop_per_clock(const std::string& compute_capability, precision p) {
  for (const sheet& s : sheets) {
    if (compute_capability != s.compute_capability) continue;
    if (p.type == GEMMACT_E4M3) return s.e4m3;
    if (p.type != GEMMACT_F32) return s.sixteen;
    return p.compute == GEMMACT_COMPUTE_TF32 ? s.tf32 : s.f32;
  }
  return 0;
}

least_time least_time_of(const bench_case& c, bool cold, const gpu_limits_of_time& limits) {
  const double weights = double(c.weights() * bytes_of(c.type));
  const double past_l2 = std::max(0.0, double(c.bytes()) - double(limits.l2_bytes));
  const double bytes = cold ? std::max(weights, past_l2) : past_l2;
  // The one time alone would be a roof that is too high.
  if (limits.flop_per_second <= 0 || (bytes > 0 && limits.bytes_per_second <= 0)) return {};
  const double arithmetic = c.flops() / limits.flop_per_second;
  const double memory = bytes > 0 ? bytes / limits.bytes_per_second : 0;
  return {std::max(arithmetic, memory), memory > arithmetic};
}

}  // namespace gemmact_bench
