// The environment variables of the library, from one table.
#pragma once
#include <span>
#include <string_view>

namespace gemmact::core {

struct environment_variable {
  const char* name;
  const char* values;
  const char* meaning;
};

std::span<const environment_variable> environment_variables();

// The variable's text; empty when it is not set or set to nothing. `name` must be a row of the table (else: INTERNAL).
std::string_view environment_value(std::string_view name);

}  // namespace gemmact::core
