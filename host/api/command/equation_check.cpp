#include "host/api/command/equation_check.hpp"

#include <cmath>
#include <random>

#include "host/api/command/device_handles.hpp"
#include "host/api/command/equation_probe.hpp"
#include "host/api/command/npy.hpp"
#include "host/api/plot.hpp"

namespace gemmact::api {
namespace {

constexpr int even_points = 2001, drawn_points = 1000;
constexpr float largest = 65504.0f;  // of f16

std::vector<float> points_of(double from, double to) {
  std::vector<float> x = plot_points(from, to, even_points);
  std::mt19937_64 bits(1);
  for (int i = 0; i < drawn_points; ++i) {
    const double part = double(bits() >> 11) * 0x1p-53;
    const double size = std::exp2(-100 + part * (100 + std::log2(double(largest))));  // the logarithm is uniform
    x.push_back(float((bits() & 1) != 0 ? size : -size));
  }
  for (const float special : special_points())
    if (std::abs(special) <= largest) x.push_back(special);
  return x;
}

// The derivative by one parameter, as a layer's backward has it: a batch of layers of one value each.
class parameter_gradient {
 public:
  parameter_gradient(const equation_facts& facts, const std::vector<float>& x) : facts_(facts), x_(x) {}

  std::vector<float> by(uint32_t parameter) {
    std::vector<float> one(x_.size(), 1.0f), dz(x_.size()), found(x_.size());
    std::vector<float> z = x_, values = facts_.values;
    add(GEMMACT_DY, 0, one.data(), 1);
    add(GEMMACT_KEPT, 0, z.data(), 1);
    add(GEMMACT_DZ, 0, dz.data(), 1);
    for (uint32_t p = 0; p < values.size(); ++p) {
      const gemmact_param_info& param = facts_.info().params[p];
      add(param.is_operand != 0 ? GEMMACT_OPERAND : GEMMACT_PARAM, p, &values[p], 0, extent_of(param));
    }
    add(GEMMACT_DPARAM, parameter, found.data(), 1, extent_of(facts_.info().params[parameter]));
    run();
    return found;
  }

 private:
  static gemmact_extent extent_of(const gemmact_param_info& p) {
    return p.is_per_column != 0 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR;
  }

  void add(uint32_t slot, uint32_t index, float* data, int64_t stride, gemmact_extent extent = GEMMACT_EACH) {
    gemmact_tensor t{};
    t.slot = slot;
    t.index = index;
    t.type = GEMMACT_F32;
    t.extent = extent;
    t.batch_stride = stride;
    tensors_.push_back(t);
    bindings_.push_back({slot, index, data});
  }

  void run() {
    gemmact_problem problem{};
    problem.struct_bytes = sizeof problem;
    problem.operation = GEMMACT_ACTIVATION_GRAD;
    problem.combine = GEMMACT_PLAIN;
    problem.keep = GEMMACT_KEEP_Z;
    problem.m = problem.n = problem.k = 1;
    problem.batch = int64_t(x_.size());
    problem.activation = facts_.text.c_str();
    problem.tensors = tensors_.data();
    problem.tensor_count = tensors_.size();
    problem.tensor_bytes = sizeof(gemmact_tensor);
    const context_handle context = open_device("cpu");
    gemmact_plan* created = nullptr;
    check(gemmact_plan_create(context.get(), &problem, &created));
    const plan_handle plan(created);
    gemmact_plan_info info{};
    info.struct_bytes = sizeof info;
    check(gemmact_plan_get_info(plan.get(), &info));
    const aligned_bytes workspace(info.workspace_bytes, 256);
    gemmact_operands operands{};
    operands.struct_bytes = sizeof operands;
    operands.bindings = bindings_.data();
    operands.count = bindings_.size();
    operands.binding_bytes = sizeof(gemmact_binding);
    operands.workspace_bytes = info.workspace_bytes;
    check(gemmact_workspace_init(plan.get(), workspace.data(), nullptr));
    check(gemmact_run(plan.get(), &operands, workspace.data(), nullptr));
  }

  const equation_facts& facts_;
  const std::vector<float>& x_;
  std::vector<gemmact_tensor> tensors_;
  std::vector<gemmact_binding> bindings_;
};

// `form`: what is computed, whose rounding is allowed for.
template <class Exact>
equation::tally tally_of(const equation_facts& facts, const std::vector<float>& x, const std::vector<float>& computed,
                         equation::node_id form, const Exact& exact) {
  const equation::oracle of_form(facts.worked_out.text.nodes, form, facts.known);
  equation::tally found;
  equation::probe at;
  for (size_t p = 0; p < facts.values.size(); ++p) at.parameters[p] = double(facts.values[p]);
  for (size_t i = 0; i < x.size(); ++i) {
    at.x = double(x[i]);
    found.add(x[i], computed[i], exact(at), of_form.rounding(at));
  }
  return found;
}

}  // namespace

std::vector<checked_quantity> check_equation(const equation_facts& facts, double from, double to) {
  using equation::probe;
  const equation::equation& e = facts.worked_out;
  const equation::oracle typed(e.text.nodes, e.text.root, facts.known);
  const std::vector<float> x = points_of(from, to);
  std::vector<float> y, dy;
  facts.evaluate(x, y, dy);
  std::vector<checked_quantity> all;
  all.push_back({"f", tally_of(facts, x, y, e.value, [&](const probe& at) { return typed.value(at); })});
  all.push_back({"f' by x", tally_of(facts, x, dy, e.grad,
                                     [&](const probe& at) { return typed.derivative(at, equation::by_x); })});
  for (int p = 0; p < facts.info().param_count; ++p) {
    if (facts.info().params[p].trainable == 0) continue;
    const std::vector<float> gradient = parameter_gradient(facts, x).by(uint32_t(p));
    all.push_back({std::string("f' by ") + facts.info().params[p].name,
                   tally_of(facts, x, gradient, e.param_grads[size_t(p)],
                            [&](const probe& at) { return typed.derivative(at, p); })});
  }
  return all;
}

}  // namespace gemmact::api
