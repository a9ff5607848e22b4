#include "host/jit/compiler_options.hpp"

#include <string_view>

#include "host/core/environment.hpp"

namespace gemmact::jit {

compiler_options compiler_options::from_environment() {
  compiler_options options;
  const std::string_view chosen = core::environment_value("GEMMACT_CACHE_DIR");
  const std::string_view shared = core::environment_value("XDG_CACHE_HOME");
  const std::string_view home = core::environment_value("HOME");
  if (chosen == "off") {
    options.cache_off_reason = "GEMMACT_CACHE_DIR is off";
  } else if (!chosen.empty()) {
    options.cache_dir = chosen;
  } else if (!shared.empty()) {
    options.cache_dir = std::string(shared) + "/gemmact";
  } else if (!home.empty()) {
    options.cache_dir = std::string(home) + "/.cache/gemmact";
  } else {
    options.cache_off_reason = "none of GEMMACT_CACHE_DIR, XDG_CACHE_HOME and HOME is set";
  }
  std::string_view packs = core::environment_value("GEMMACT_PACK");
  while (!packs.empty()) {
    const size_t end = packs.find(':');
    if (end != 0) options.packs.emplace_back(packs.substr(0, end));
    packs = end == std::string_view::npos ? std::string_view{} : packs.substr(end + 1);
  }
  options.nvrtc = core::environment_value("GEMMACT_NVRTC");
  options.dump_dir = core::environment_value("GEMMACT_DUMP_SOURCE");
  return options;
}

}  // namespace gemmact::jit
