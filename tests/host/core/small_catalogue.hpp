// A catalogue that tests of the core own, so that they do not follow the real one.
#pragma once
#include "host/core/activation_info.hpp"

namespace gemmact::test {

inline core::activation_info function_row(const char* name, const char* aliases, gemmact_keep needs, bool bit,
                                          bool from_output) {
  core::activation_info row{};
  row.name = name;
  row.aliases = aliases;
  row.formula = row.derivative = row.note = "";
  row.needs = needs;
  row.has_bit = bit;
  row.has_grad_from_output = from_output;
  return row;
}

inline core::activation_info with_param(core::activation_info row, gemmact_param_info param) {
  row.params[row.param_count++] = param;
  return row;
}

inline core::catalogue small_catalogue() {
  static const auto rows = [] {
    std::array<core::activation_info, 9> all = {
        with_param(with_param(function_row("clip", "", GEMMACT_KEEP_BIT, true, false), {"lo", -1, 0, 0, 0}),
                   {"hi", 1, 0, 0, 0}),
        with_param(function_row("hinge", "", GEMMACT_KEEP_BIT, true, false), {"target", 0, 0, 1, 0}),
        with_param(function_row("leaky_relu", "", GEMMACT_KEEP_BIT, true, true), {"slope", 0.01f, 0, 0, 0}),
        with_param(function_row("linear", "identity", GEMMACT_KEEP_NOTHING, false, true), {"c", 1, 1, 0, 0}),
        with_param(function_row("prelu", "", GEMMACT_KEEP_BIT, true, true), {"slope", 0.25f, 1, 0, 0}),
        function_row("relu", "", GEMMACT_KEEP_BIT, true, true),
        function_row("sigmoid", "logistic", GEMMACT_KEEP_OUTPUT, false, true),
        with_param(function_row("swish", "silu sil", GEMMACT_KEEP_Z, false, false), {"beta", 1, 1, 0, 0}),
        function_row("tanh", "", GEMMACT_KEEP_OUTPUT, false, true),
    };
    all[0].invalid = [](const float* p) { return p[0] > p[1] ? "lo must not exceed hi" : nullptr; };
    all[2].output_determines_grad = all[4].output_determines_grad = [](const float* p) { return p[0] >= 0; };
    all[6].has_other = true;
    return all;
  }();
  return rows;
}

}  // namespace gemmact::test
