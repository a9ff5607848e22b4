#include "host/equation/program.hpp"

#include <algorithm>

#include "host/core/status.hpp"
#include "host/equation/schedule.hpp"

namespace gemmact::equation {
namespace {

using core::source;

class flattening {
 public:
  flattening(const graph& g, node_id root) : g_(g), schedule_(schedule_of(g, root)) {
    register_.resize(schedule_.uses.size());
    for (const node_id id : schedule_.order) add(id);
    made_.result = source_of(root);
  }

  core::program take() { return std::move(made_); }

 private:
  source source_of(node_id id) const {
    const node& n = g_[id];
    source s;
    if (n.operation == op::constant) s.number = static_cast<float>(n.value);
    else if (n.operation == op::variable) s.from = source::what::argument;
    else if (n.operation == op::parameter) s.from = source::what::parameter, s.index = static_cast<uint16_t>(n.index);
    else s.from = source::what::step, s.index = register_[static_cast<size_t>(id)];
    return s;
  }

  void add(node_id id) {
    const node& n = g_[id];
    core::program_step step;
    step.operation = n.operation;
    step.quantity = n.quantity;
    step.by = static_cast<uint8_t>(n.by);
    step.function = static_cast<uint16_t>(n.index);
    step.count = static_cast<uint8_t>(n.count);
    std::transform(n.children().begin(), n.children().end(), step.from.begin(),
                   [&](node_id c) { return source_of(c); });
    for (const node_id c : n.children())
      if (--schedule_.uses[static_cast<size_t>(c)] == 0 && g_[c].count != 0)
        free_.push_back(register_[static_cast<size_t>(c)]);
    if (free_.empty()) free_.push_back(static_cast<uint16_t>(made_.registers++));
    step.to = register_[static_cast<size_t>(id)] = free_.back();
    free_.pop_back();
    if (made_.registers > max_registers)
      core::fail(GEMMACT_EQUATION_UNSUPPORTED, "the equation, or its derivative, holds more than {} values at a time",
                 max_registers);
    made_.steps.push_back(step);
  }

  const graph& g_;
  schedule schedule_;  // uses: of those to come
  std::vector<uint16_t> register_, free_;
  core::program made_;
};

}  // namespace

core::program program_of(const graph& g, node_id root) { return flattening(g, root).take(); }

}  // namespace gemmact::equation
