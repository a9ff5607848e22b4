#include "host/plan/functions.hpp"

#include <fmt/format.h>

#include "host/cpu/catalogue.hpp"
#include "host/cpu/evaluate.hpp"
#include "host/equation/function.hpp"
#include "host/jit/headers.hpp"

namespace gemmact::plan {

core::catalogue functions() {
  core::catalogue all = cpu::catalogue();
  all.make = [](std::string_view equation) {
    static equation::shelf made(cpu::catalogue());
    return made.find(equation);
  };
  return all;
}

void evaluate(const core::activation_use& use, gemmact_accuracy accuracy, const float* x, size_t count, float* y,
              float* dy_dx) {
  cpu::evaluate(use, accuracy, x, count, y, dy_dx);
}

std::string source_of(const core::activation_use& use) {
  if (use.made != nullptr) return use.made->source;
  const std::string file = fmt::format("kernels/activation/{}.hpp", use.info->name);
  std::string source;
  for (const jit::header& header : jit::embedded_headers())
    if (header.name == file) source += header.text;
  return source;
}

}  // namespace gemmact::plan
