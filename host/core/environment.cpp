#include "host/core/environment.hpp"

#include <cstdlib>

#include "host/core/status.hpp"

namespace gemmact::core {
namespace {

constexpr environment_variable variables[] = {
#define GEMMACT_ENVIRONMENT(name, values, meaning) {#name, values, meaning},
#include "host/core/environment.inc"
#undef GEMMACT_ENVIRONMENT
};

}  // namespace

std::span<const environment_variable> environment_variables() { return variables; }

std::string_view environment_value(std::string_view name) {
  for (const environment_variable& variable : variables) {
    if (name != variable.name) continue;
    const char* value = std::getenv(variable.name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
  }
  fail(GEMMACT_INTERNAL, "environment variable {} is not in host/core/environment.inc", name);
}

}  // namespace gemmact::core
