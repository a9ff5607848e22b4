#include "host/cpu/catalogue.hpp"

#include "activation_includes.hpp"

namespace gemmact::cpu {
namespace {

template <class Act>
core::activation_info row_of(const char* name) {
  using activation::needs;
  const activation::traits& t = Act::info;
  core::activation_info row{};
  row.name = name;
  row.aliases = t.aliases;
  row.formula = t.formula;
  row.derivative = t.derivative;
  row.note = t.note;
  row.needs = t.keeps == needs::nothing  ? GEMMACT_KEEP_NOTHING
              : t.keeps == needs::bit    ? GEMMACT_KEEP_BIT
              : t.keeps == needs::output ? GEMMACT_KEEP_OUTPUT
                                         : GEMMACT_KEEP_Z;
  row.zero_at_zero = t.zero_at_zero;
  row.has_other = activation::has_other<Act>;
  row.has_grad_from_output = activation::has_grad_from_output<Act>;
  row.has_bit = activation::has_bit<Act>;
  for (const accuracy mode : {accuracy::accurate, accuracy::fast}) {
    const activation::instructions work = t.work(mode);
    row.work[int(mode)] = {work.special_functions, work.arithmetic};
  }
  row.param_count = t.param_count;
  for (int i = 0; i < t.param_count; ++i)
    row.params[i] = {t.params[i].name, t.params[i].default_value, t.params[i].trainable, t.params[i].operand, 0};
  if constexpr (activation::has_output_rule<Act>)
    row.output_determines_grad = [](const float* p) { return activation::make<Act>(p).output_determines_grad(); };
  if constexpr (activation::has_parameter_rule<Act>)
    row.invalid = [](const float* p) { return activation::make<Act>(p).invalid(); };
  return row;
}

}  // namespace

core::catalogue catalogue() {
  static const core::activation_info rows[] = {
#define GEMMACT_ACTIVATION(name) row_of<activation::name<accuracy::accurate>>(#name),
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
  };
  return rows;
}

}  // namespace gemmact::cpu
