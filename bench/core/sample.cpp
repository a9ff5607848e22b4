#include "bench/core/sample.hpp"

#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {

default_parameters::default_parameters(const std::string& name) {
  size_t index = 0;
  require(gemmact_activation_parse(name.c_str(), &index, values, GEMMACT_MAX_PARAMS), "gemmact_activation_parse");
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_activation_get_info(index, &info), "gemmact_activation_get_info");
  for (uint32_t i = 0; i < info.param_count; ++i)
    if (info.params[i].is_operand != 0) operand = int(i);
}

baseline_function::baseline_function(const std::string& name) {
  if (name.empty()) return;
  passes = find_passes(name.c_str());
  if (passes == nullptr) throw std::runtime_error("the baseline has no function " + name);
  const default_parameters defaults(name);
  std::copy(std::begin(defaults.values), std::end(defaults.values), parameters);
  target_param = defaults.operand;
  takes_target = target_param >= 0;
}

}  // namespace gemmact_bench
