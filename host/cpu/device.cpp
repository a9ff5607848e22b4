#include "host/cpu/device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "host/core/environment.hpp"
#include "host/core/status.hpp"
#include "host/cpu/isas.hpp"
#include "host/cpu/kernel.hpp"

namespace gemmact::cpu {
namespace {

constexpr int most_threads = 1024;

int chosen_threads() {
  const std::string_view wanted = core::environment_value("GEMMACT_CPU_THREADS");
  if (wanted.empty()) return std::clamp(int(std::thread::hardware_concurrency()), 1, most_threads);
  int threads = 0;
  const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), threads);
  if (error != std::errc{} || end != wanted.data() + wanted.size() || threads < 1 || threads > most_threads)
    core::fail(GEMMACT_NO_DEVICE, "GEMMACT_CPU_THREADS is \"{}\", but must be a number from 1 to {}", wanted,
               most_threads);
  return threads;
}

class cpu_device final : public core::device {
 public:
  cpu_device() : isa_(chosen_isa()), pool_(chosen_threads()) {}

  std::string description() const override {
    return fmt::format("CPU, {} instructions, {} threads", isa_.name, threads());
  }
  bool can_run() const override { return true; }
  int threads() const override { return pool_.size(); }

  std::vector<core::offer> offers(const core::problem& p) const override {
    const auto k = make(p);
    core::offer offer;
    offer.family = k->family();
    offer.kernel = k->kernel_name();
    offer.detail = fmt::format("blocks of up to {} x {}, depth {}; f32 sums; {} threads", tile_rows, tile_cols,
                               tile_depth, threads());
    offer.chosen = true;
    offer.launches = k->launches();
    offer.workspace_bytes = k->workspace_bytes();
    return {offer};
  }

  std::unique_ptr<core::executable> compile(const core::problem& p) const override { return make(p); }

 private:
  std::unique_ptr<kernel> make(const core::problem& p) const {
    auto k = make_operation(p);
    if (k->workspace_bytes() > size_t(core::max_span))
      core::fail(GEMMACT_BAD_SIZE,
                 "batch is {}, m {}, n {} and k {}; the workspace that their sums need is beyond {} bytes", p.batch,
                 p.m, p.n, p.k, core::max_span);
    return k;
  }

  std::unique_ptr<kernel> make_operation(const core::problem& p) const {
    const machine m{&isa_, &pool_};
    switch (p.operation) {
      case GEMMACT_FORWARD:
        return make_forward(p, m);
      case GEMMACT_ACTIVATION_GRAD:
        return make_activation_grad(p, m);
      case GEMMACT_INPUT_GRAD:
        return make_input_grad(p, m);
      case GEMMACT_WEIGHT_GRAD:
        return make_weight_grad(p, m);
      case GEMMACT_NETWORK:
        break;
    }
    core::fail(GEMMACT_INTERNAL, "the CPU device was given operation {}", int(p.operation));
  }

  const gemmact_isa::isa& isa_;
  mutable thread_pool pool_;
};

}  // namespace

std::unique_ptr<core::device> make_device() {
  try {
    return std::make_unique<cpu_device>();
  } catch (const std::system_error& e) {
    core::fail(GEMMACT_NO_DEVICE, "the CPU device could not start its threads: {}", e.what());
  }
}

}  // namespace gemmact::cpu
