#include "host/cpu/kernel.hpp"

#include <fmt/format.h>

#include "host/core/names.hpp"

namespace gemmact::cpu {

std::string kernel::kernel_name() const {
  const core::problem& p = problem_;
  const char* operation = p.operation == GEMMACT_FORWARD           ? "forward"
                          : p.operation == GEMMACT_ACTIVATION_GRAD ? "activation_grad"
                          : p.operation == GEMMACT_INPUT_GRAD      ? "input_grad"
                                                                   : "weight_grad";
  const char* combine = p.combine == GEMMACT_GATED ? "_gated" : p.combine == GEMMACT_MAXOUT ? "_maxout" : "";
  const bool has_function = p.combine != GEMMACT_MAXOUT && p.operation <= GEMMACT_ACTIVATION_GRAD;
  const char* function = p.below ? p.below->info->name : has_function ? p.activation.info->name : "";
  return fmt::format("cpu_{}_{}{}{}{}{}", machine_.isa->name, operation, combine,
                     p.below     ? "_below_"
                     : *function ? "_"
                                 : "",
                     function, p.accuracy == GEMMACT_FAST ? "_fast" : "");
}

void kernel::run(const core::run_operands& operands, void* workspace, void*) const {
  execute(run_view{&problem_, &operands, machine_.isa}, workspace);
}

}  // namespace gemmact::cpu
