#include "bench/core/sample.hpp"

#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {

baseline_function::baseline_function(const std::string& name) {
  if (name.empty()) return;
  passes = find_passes(name.c_str());
  if (passes == nullptr) throw library_error("the baseline has no function " + name);
  size_t index = 0;
  require(gemmact_activation_parse(name.c_str(), &index, parameters), "gemmact_activation_parse");
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  require(gemmact_activation_get_info(index, &info), "gemmact_activation_get_info");
  for (uint32_t i = 0; i < info.param_count; ++i)
    if (info.params[i].is_operand != 0) takes_target = true, target_param = int(i);
}

}  // namespace gemmact_bench
