// The CPU device against Eigen and OpenBLAS.
#include <fmt/format.h>

#include <regex>

#include "bench/core/rig.hpp"

namespace gemmact_bench {
namespace {

// "CPU, avx512 instructions, 2 threads" has the name of the instruction set before its second word.
std::string instruction_set_in(const std::string& description) {
  std::smatch found;
  return std::regex_search(description, found, std::regex("([a-z0-9_]+) instructions")) ? found[1].str() : description;
}

class cpu_rig final : public rig {
 public:
  // More than the cache by a tenth; a 16-bit type's weights are there as f32 too, three times the bytes in all.
  explicit cpu_rig(const machine& m)
      : device_("cpu"),
        environment_(device_, std::min(m.last_level_cache_bytes / 10 * 11, m.available_memory_bytes / 24)),
        case_memory_bytes_(m.available_memory_bytes * 6 / 10) {}

  const case_limits& limits() const override { return cpu_limits(); }
  int64_t case_memory_bytes() const override { return case_memory_bytes_; }

  measure_settings settings(extent size) override {
    if (size == extent::quick) return {.least_rounds = 20, .most_rounds = 30, .case_seconds = 1.2};
    if (size == extent::full) return {.least_rounds = 20, .most_rounds = 100, .case_seconds = 4};
    return {.least_rounds = 20, .most_rounds = 60, .case_seconds = 2};
  }

  report_setting setting() const override {
    report_setting s;
    s.description = device_.description();
    s.instruction_set = instruction_set_in(s.description);
    s.threads = device_.threads();
    s.cold_bytes = environment_.stores.cold_bytes();
    for (const auto& p : environment_.products) s.baselines.push_back(p->name() + " " + p->version());
    s.openblas_missing = environment_.openblas_missing;
    s.other_columns = {heading_by_hand};
    return s;
  }

  workload make(const bench_case& c, const measure_settings&) override { return make_workload(environment_, c); }
  void profile(const bench_case&, const measure_settings&) override {
    throw std::runtime_error("--profile: Nsight Compute profiles GPUs; gemmact_bench_gpu has it");
  }

 private:
  const context device_;
  bench_environment environment_;
  const int64_t case_memory_bytes_;
};

}  // namespace

std::unique_ptr<rig> make_rig(const std::string& device, const machine& m) {
  if (device != "cpu")
    throw std::runtime_error(fmt::format(
        "--device is \"{}\", and this program measures the CPU device only; gemmact_bench_gpu measures GPUs", device));
  return std::make_unique<cpu_rig>(m);
}

}  // namespace gemmact_bench
