#include "host/equation/work.hpp"

#include "host/equation/schedule.hpp"

namespace gemmact::equation {
namespace {

struct work_row {
  work of[2];  // by gemmact_accuracy
};

constexpr work_row row_of_work(op operation) {
  switch (operation) {
#define GEMMACT_WORK(name, special, others, fast_special, fast_others) \
  case op::name:                                                       \
    return {{{special, others}, {fast_special, fast_others}}};
#include "host/equation/work.inc"
#undef GEMMACT_WORK
    default:
      return {{{-1, 0}, {-1, 0}}};
  }
}

// A product that one sum alone takes comes with it.
int joined_products(const graph& g, const node& n, const schedule& s) {
  if (n.operation != op::add && n.operation != op::subtract) return 0;
  for (const node_id c : n.children())
    if (g[c].operation == op::multiply && s.uses[static_cast<size_t>(c)] == 1) return 1;
  return 0;
}

work of_node(const graph& g, const node& n, gemmact_accuracy mode, core::catalogue functions) {
  if (n.operation == op::call) {
    const auto& called = functions[static_cast<size_t>(n.index)].work[mode];
    return {called.special_functions, called.arithmetic};
  }
  if (n.operation == op::divide && g[n.child[1]].operation == op::constant) return {0, 1};
  return row_of_work(n.operation).of[mode];
}

}  // namespace

static_assert(
    [] {
      for (int o = static_cast<int>(op::call) + 1; o <= static_cast<int>(op::erf); ++o)
        if (row_of_work(static_cast<op>(o)).of[0].special_functions < 0) return false;
      return true;
    }(),
    "each operation has a row in work.inc");

work work_of(const graph& g, node_id root, gemmact_accuracy mode, core::catalogue functions) {
  const schedule s = schedule_of(g, root);
  work all;
  for (const node_id id : s.order) {
    const work one = of_node(g, g[id], mode, functions);
    all.special_functions += one.special_functions;
    all.arithmetic += one.arithmetic - joined_products(g, g[id], s);
  }
  return all;
}

}  // namespace gemmact::equation
