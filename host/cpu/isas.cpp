#include "host/cpu/isas.hpp"

#include <string>

#include "host/core/environment.hpp"
#include "host/core/status.hpp"

#define GEMMACT_ISA_ROW(name) extern "C" const gemmact_isa::isa gemmact_isa_##name;
#include "isa_list.inc"
#undef GEMMACT_ISA_ROW

namespace gemmact::cpu {
namespace {

bool machine_has([[maybe_unused]] std::string_view name) {
#if defined(__x86_64__)
  // The features that -march=x86-64-v3 and -v4 let the compiler use and that older processors lack.
  if (name == "avx2")
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
  if (name == "avx512")
    return machine_has("avx2") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#endif
  return name == "baseline";
}

}  // namespace

std::vector<const gemmact_isa::isa*> available_isas() {
  std::vector<const gemmact_isa::isa*> best_first;
#define GEMMACT_ISA_ROW(name) \
  if (machine_has(#name)) best_first.insert(best_first.begin(), &gemmact_isa_##name);
#include "isa_list.inc"
#undef GEMMACT_ISA_ROW
  return best_first;
}

const gemmact_isa::isa& chosen_isa() {
  const auto all = available_isas();
  const std::string_view wanted = core::environment_value("GEMMACT_CPU_ISA");
  if (wanted.empty()) return *all.front();
  std::string names;
  for (const auto* isa : all) {
    if (std::string_view(isa->name) == wanted) return *isa;
    names += (names.empty() ? "" : ", ") + std::string(isa->name);
  }
  core::fail(GEMMACT_NO_DEVICE, "GEMMACT_CPU_ISA is \"{}\", but this machine and build have only: {}", wanted, names);
}

}  // namespace gemmact::cpu
