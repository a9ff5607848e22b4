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

// In a program that runs with another user's rights, its caller's variables (libraries to load, files to write) are no
// values: glibc tells.
const char* value_of(const char* name) {
#if defined(__GLIBC__)
  return ::secure_getenv(name);
#else
  return std::getenv(name);
#endif
}

}  // namespace

std::span<const environment_variable> environment_variables() { return variables; }

std::string_view environment_value(std::string_view name) {
  for (const environment_variable& variable : variables) {
    if (name != variable.name) continue;
    const char* value = value_of(variable.name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
  }
  fail(GEMMACT_INTERNAL, "environment variable {} is not in host/core/environment.inc", name);
}

}  // namespace gemmact::core
