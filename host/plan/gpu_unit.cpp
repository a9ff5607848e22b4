#include "host/plan/gpu_unit.hpp"

#include <fmt/format.h>

#include "host/core/status.hpp"

namespace gemmact::plan {
namespace {

constexpr int known_architectures[] = {121, 120, 110, 103, 100, 90, 89, 88, 87, 86, 80};

}  // namespace

std::vector<std::string> architectures_for(const families::candidate& candidate, int device_architecture) {
  if (candidate.exact_architecture) return {fmt::format("sm_{}a", device_architecture)};
  std::vector<std::string> all{fmt::format("sm_{}", device_architecture)};
  for (int known : known_architectures)
    if (known / 10 == device_architecture / 10 && known < device_architecture)
      all.push_back(fmt::format("sm_{}", known));
  return all;
}

jit::unit unit_of(const families::candidate& candidate, const std::string& architecture) {
  jit::unit_parts parts;
  parts.includes.push_back(candidate.header);
  for (const std::string& stem : candidate.functions)
    parts.includes.push_back(fmt::format("kernels/activation/{}.hpp", stem));
  parts.kernel = candidate.type;
  parts.name = candidate.kernel;
  parts.threads = candidate.threads;
  parts.shared_bytes = candidate.shared_bytes;
  parts.params_bytes = candidate.params_bytes;
  return {candidate.kernel, jit::make_unit_text(parts), architecture};
}

std::shared_ptr<const jit::binary> find_binary(jit::compiler& compiler, const families::candidate& candidate,
                                               int device_architecture) {
  for (const std::string& architecture : architectures_for(candidate, device_architecture))
    if (auto found = compiler.find(unit_of(candidate, architecture))) return found;
  return nullptr;
}

std::shared_ptr<const jit::binary> get_there(jit::compiler& compiler, const families::candidate& candidate,
                                             int device_architecture) {
  const auto found = find_binary(compiler, candidate, device_architecture);
  // Only what get() gives is one object for all who ask.
  return found == nullptr ? nullptr : compiler.get(unit_of(candidate, found->code->architecture));
}

std::shared_ptr<const jit::binary> get_binary(jit::compiler& compiler, const families::candidate& candidate,
                                              int device_architecture) {
  if (auto there = get_there(compiler, candidate, device_architecture)) return there;
  const std::vector<std::string> architectures = architectures_for(candidate, device_architecture);
  for (size_t i = 0; i + 1 < architectures.size(); ++i) {
    try {
      return compiler.get(unit_of(candidate, architectures[i]));
    } catch (const core::failure& f) {
      if (f.status() != GEMMACT_NO_COMPILER) throw;  // an older one may be known
    }
  }
  return compiler.get(unit_of(candidate, architectures.back()));
}

}  // namespace gemmact::plan
