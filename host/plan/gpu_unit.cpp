#include "host/plan/gpu_unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace gemmact::plan {
namespace {

constexpr int desktop_architectures[] = {120, 103, 100, 90, 89, 86, 80};
constexpr int tegra_architectures[] = {87, 88, 101, 110};

}  // namespace

std::vector<std::string> architectures_for(const families::candidate& candidate, int device_architecture) {
  if (candidate.exact_architecture) return {fmt::format("sm_{}a", device_architecture)};
  std::vector<std::string> all{fmt::format("sm_{}", device_architecture)};
  if (std::count(std::begin(tegra_architectures), std::end(tegra_architectures), device_architecture) > 0) return all;
  for (int known : desktop_architectures)
    if (known / 10 == device_architecture / 10 && known < device_architecture)
      all.push_back(fmt::format("sm_{}", known));
  return all;
}

jit::unit unit_of(const families::candidate& candidate, const std::string& architecture) {
  jit::unit_parts parts;
  parts.includes.push_back(candidate.header);
  if (candidate.function != nullptr) {
    for (const std::string& stem : candidate.function->files)
      parts.includes.push_back(fmt::format("kernels/activation/{}.hpp", stem));
    parts.activation = candidate.function->source;
  }
  parts.kernel = candidate.type;
  parts.name = candidate.kernel;
  parts.threads = candidate.threads;
  parts.shared_bytes = candidate.shared_bytes;
  parts.params_bytes = candidate.params_bytes;
  return {candidate.kernel, jit::make_unit_text(parts), architecture};
}

std::optional<jit::unit> obtainable_unit(jit::compiler& compiler, const families::candidate& candidate,
                                         int device_architecture, std::string* note) {
  for (const std::string& architecture : architectures_for(candidate, device_architecture)) {
    jit::unit unit = unit_of(candidate, architecture);
    if (compiler.find(unit, note) != nullptr || compiler.compiles_for(architecture)) return unit;
  }
  return {};
}

std::shared_ptr<const jit::binary> find_binary(jit::compiler& compiler, const families::candidate& candidate,
                                               int device_architecture, std::string* note) {
  const std::optional<jit::unit> unit = obtainable_unit(compiler, candidate, device_architecture, note);
  return unit ? compiler.find(*unit) : nullptr;
}

std::shared_ptr<const jit::binary> get_binary(jit::compiler& compiler, const families::candidate& candidate,
                                              int device_architecture) {
  if (const auto unit = obtainable_unit(compiler, candidate, device_architecture)) return compiler.get(*unit);
  return compiler.get(unit_of(candidate, architectures_for(candidate, device_architecture).front()));
}

}  // namespace gemmact::plan
