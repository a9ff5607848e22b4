#include "host/equation/equation.hpp"

#include "host/equation/differentiate.hpp"
#include "host/equation/sides.hpp"
#include "host/equation/stable.hpp"

namespace gemmact::equation {

equation work_out(std::string_view text, const forms& known) {
  equation e;
  e.text = parse(text, known.functions());
  graph& g = e.text.nodes;
  const std::vector<parameter_info>& parameters = e.text.parameters;
  const auto derivative = [&](int by) {
    return stabilise(g, from_a_side(g, e.value, differentiate(g, e.value, by, known), known), known, parameters,
                     nullptr);
  };
  e.value = stabilise(g, e.text.root, known, parameters, &e.notes);
  e.grad = derivative(by_x);
  for (size_t p = 0; p < parameters.size(); ++p)
    e.param_grads.push_back(parameters[p].operand ? no_node : derivative(static_cast<int>(p)));
  return e;
}

kept what_to_keep(equation& e, std::span<const int> asked_parameters, const forms& known) {
  std::vector<node_id> grads = {e.grad};
  for (const int p : asked_parameters) grads.push_back(e.param_grads[static_cast<size_t>(p)]);
  return what_to_keep(e.text.nodes, e.value, grads, known.functions());
}

}  // namespace gemmact::equation
