#include "host/plan/described_device.hpp"

#include <fmt/format.h>

#include "host/core/status.hpp"
#include "host/plan/families.hpp"

namespace gemmact::plan {
namespace {

constexpr described_gpu gpus[] = {
    {"a100", "NVIDIA A100 80GB SXM", "sm_80", 108, 2039}, {"l40s", "NVIDIA L40S", "sm_89", 142, 864},
    {"h100", "NVIDIA H100 SXM", "sm_90", 132, 3350},      {"h200", "NVIDIA H200 SXM", "sm_90", 132, 4800},
    {"b200", "NVIDIA B200", "sm_100", 148, 8000},
};

class described_device final : public core::device {
 public:
  explicit described_device(const described_gpu& gpu) : gpu_(gpu) {}

  std::string description() const override {
    return fmt::format("{}, {}, {} multiprocessors, {} GB/s of memory (described, not on this machine)", gpu_.model,
                       gpu_.architecture, gpu_.multiprocessors, gpu_.bandwidth_gb_per_s);
  }
  bool can_run() const override { return false; }
  bool has_streams() const override { return true; }

  std::vector<core::offer> offers(const core::problem&) const override {
    std::vector<core::offer> all;
    for (const family& f : families())
      all.push_back({f.name, fmt::format("it runs on {}, and {} is a GPU", f.where, gpu_.name), "", ""});
    return all;
  }

  std::unique_ptr<core::executable> compile(const core::problem& p) const override {
    core::fail(GEMMACT_NOT_SUPPORTED, "no kernel family takes this problem on {}: {}", gpu_.model, refusals(offers(p)));
  }

 private:
  const described_gpu& gpu_;
};

}  // namespace

std::span<const described_gpu> described_gpus() { return gpus; }

std::unique_ptr<core::device> describe(const described_gpu& gpu) { return std::make_unique<described_device>(gpu); }

}  // namespace gemmact::plan
