#include "bench/core/equations.hpp"

#include <fmt/format.h>

#include <cstdint>

#include "bench/core/fused_layer.hpp"
#include "bench/core/sample.hpp"

namespace gemmact_bench {

std::string formula_text(const std::string& function) {
  size_t index = 0;
  float values[GEMMACT_MAX_PARAMS] = {};
  require(gemmact_activation_parse(function.c_str(), &index, values, GEMMACT_MAX_PARAMS), "gemmact_activation_parse");
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_activation_get_info(index, &info), "gemmact_activation_get_info");
  std::string parameters;
  for (uint32_t i = 0; i < info.param_count; ++i)
    parameters += fmt::format("{} {}={}", i == 0 ? ";" : ",", info.params[i].name, values[i]);
  return fmt::format("f(x{}) = {}", parameters, info.formula);
}

bool takes_target(const std::string& function) { return default_parameters(function).operand >= 0; }

std::string what_is_wrong_with(const std::string& equation) {
  size_t index = 0;
  float values[GEMMACT_MAX_PARAMS] = {};
  if (gemmact_activation_parse(equation.c_str(), &index, values, GEMMACT_MAX_PARAMS) != GEMMACT_OK)
    return gemmact_last_error();
  return index == SIZE_MAX ? "" : "it is a function's name and no equation";
}

}  // namespace gemmact_bench
