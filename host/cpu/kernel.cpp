#include "host/cpu/kernel.hpp"

#include <fmt/format.h>

#include "host/core/names.hpp"

namespace gemmact::cpu {

std::string kernel::kernel_name() const {
  const core::problem& p = problem_;
  const char* combine = p.combine == GEMMACT_GATED ? "_gated" : p.combine == GEMMACT_MAXOUT ? "_maxout" : "";
  const bool has_function = p.combine != GEMMACT_MAXOUT && p.operation <= GEMMACT_ACTIVATION_GRAD;
  const char* function = p.below ? p.below->info->name : has_function ? p.activation.info->name : "";
  // The type is that of the operand with the most to read.
  const uint32_t main_slot = p.operation == GEMMACT_ACTIVATION_GRAD ? GEMMACT_DY
                             : p.operation == GEMMACT_WEIGHT_GRAD   ? GEMMACT_X
                                                                    : GEMMACT_W;
  const core::tensor* main = p.find(main_slot);
  return fmt::format("cpu_{}_{}_{}{}{}{}{}", machine_.isa->name, core::name_of(p.operation), core::name_of(main->type),
                     combine,
                     p.below     ? "_below_"
                     : *function ? "_"
                                 : "",
                     function, p.accuracy == GEMMACT_FAST ? "_fast" : "");
}

void kernel::run(const core::run_operands& operands, void* workspace, void*) const {
  execute(run_view{&problem_, &operands, machine_.isa}, workspace);
}

}  // namespace gemmact::cpu
