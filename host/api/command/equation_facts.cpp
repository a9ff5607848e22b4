#include "host/api/command/equation_facts.hpp"

#include <charconv>
#include <cmath>

#include "host/api/command/failures.hpp"
#include "host/core/names.hpp"
#include "host/core/nearest.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "host/plan/functions.hpp"

namespace gemmact::api {
namespace {

core::activation_use use_of(const std::string& given) {
  core::activation_use use;
  try {
    use = core::parse_activation(given, plan::functions());
  } catch (const core::failure& f) {
    throw usage_error(f.message());
  }
  if (use.made == nullptr)
    usage_fail("{} is a function of the catalogue, which gemmact list {} tells of; as an equation it is \"{}(x)\"",
               core::quoted(given), use.info->name, use.info->name);
  return use;
}

}  // namespace

equation_facts::equation_facts(const std::string& given)
    : text(use_of(given).made->text), known(plan::functions()), worked_out(equation::work_out(text, known)) {
  made = use_of(text).made;
  bool trained = false;
  for (int p = 0; p < info().param_count; ++p) {
    const gemmact_param_info& param = info().params[p];
    values.push_back(param.is_operand != 0 ? 1.0f : param.default_value);
    trained |= param.trainable != 0;
  }
  kept = equation::what_to_keep(worked_out, {}, known);
  // Whatever gradients of parameters need, plans keep z for them.
  keeps_to_train = trained ? GEMMACT_KEEP_Z : info().needs;
}

void equation_facts::set(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == assignment.npos) usage_fail("--set is {}; it takes name=value", core::quoted(assignment));
  const std::string name = assignment.substr(0, equals), digits = assignment.substr(equals + 1);
  std::vector<std::string_view> names;
  for (int p = 0; p < info().param_count; ++p) names.push_back(info().params[p].name);
  size_t place = 0;
  while (place < names.size() && names[place] != name) ++place;
  if (place == names.size())
    usage_fail("--set names {}, which is no parameter of the equation{}", core::quoted(name),
               core::did_you_mean(name, names));
  float value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value))
    usage_fail("--set gives {} the value {}, which is no finite 32-bit number", name, core::quoted(digits));
  values[place] = value;
}

std::string equation_facts::values_text() const {
  std::string out;
  for (size_t p = 0; p < values.size(); ++p)
    out += fmt::format("{}{} = {}", p == 0 ? "" : ", ", info().params[p].name, values[p]);
  return out;
}

std::vector<float> equation_facts::constants() const {
  std::vector<float> all;
  const equation::graph& g = worked_out.text.nodes;
  for (const equation::node_id id : equation::reachable(g, worked_out.text.root))
    if (g[id].operation == equation::op::constant && std::isfinite(g[id].value))
      for (const double v : {g[id].value, -g[id].value}) all.push_back(float(v));
  return all;
}

void equation_facts::evaluate(const std::vector<float>& x, std::vector<float>& y, std::vector<float>& dy) const {
  y.resize(x.size());
  dy.resize(x.size());
  check(gemmact_activation_evaluate(text.c_str(), values.empty() ? nullptr : values.data(), values.size(),
                                    GEMMACT_ACCURATE, x.data(), x.size(), y.data(), dy.data()));
}

}  // namespace gemmact::api
