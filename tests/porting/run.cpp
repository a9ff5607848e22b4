#include "tests/porting/run.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace gemmact::porting {

gemmact_context* cpu() {
  static const std::unique_ptr<gemmact_context, release_context> one = [] {
    gemmact_context* made = nullptr;
    check(gemmact_context_create("cpu", &made));
    return std::unique_ptr<gemmact_context, release_context>(made);
  }();
  return one.get();
}

void check(gemmact_status status) {
  if (status != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
}

plan_handle plan_by_name(const std::string& function, const matmul& c, const epilogue& e, gemmact_context* context) {
  static const std::map<std::string, decltype(&forward_plan)> functions = {
      {"forward_plan", forward_plan},
      {"input_grad_plan", input_grad_plan},
      {"weight_grad_plan", weight_grad_plan},
      {"weight_grad_columns_plan", weight_grad_columns_plan},
      {"same_roles_plan", same_roles_plan}};
  gemmact_plan* plan = nullptr;
  check(functions.at(function)(context, &c, &e, &plan));
  return plan_handle(plan);
}

plan_handle plan_by_roles(const roles_row& row, const matmul& c, const epilogue& e) {
  const auto order = [](bool rows) { return rows ? GEMMACT_ROW_MAJOR : GEMMACT_COLUMN_MAJOR; };
  const auto size = [&](size_t at) { return row.sizes.at(at) == 'M' ? c.M : row.sizes.at(at) == 'N' ? c.N : c.K; };
  const bool a_rows = (row.a_rows == 'T') == (c.transa != 0), b_rows = (row.b_rows == 'T') == (c.transb != 0);
  std::vector<gemmact_tensor> tensors = {
      {slot_of(row.a), 0, c.type, order(a_rows), GEMMACT_EACH, 0, c.lda, c.stride_a},
      {slot_of(row.b), 0, c.type, order(b_rows), GEMMACT_EACH, 0, c.ldb, c.stride_b},
      {slot_of(row.d), 0, c.type_d, order(row.d_rows), GEMMACT_EACH, 0, c.ldd, c.stride_d}};
  tensors.insert(tensors.end(), e.tensors, e.tensors + e.count);
  gemmact_problem problem{};
  problem.struct_bytes = sizeof problem;
  problem.operation = row.a == "W" ? row.b == "X" ? GEMMACT_FORWARD : GEMMACT_INPUT_GRAD : GEMMACT_WEIGHT_GRAD;
  (problem.operation == GEMMACT_FORWARD ? problem.activation : problem.below) = e.function;
  problem.m = size(0);
  problem.n = size(3);
  problem.k = size(6);  // of "N, M, K"
  problem.batch = c.batch;
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  problem.tensor_bytes = sizeof(gemmact_tensor);
  gemmact_plan* plan = nullptr;
  check(gemmact_plan_create(cpu(), &problem, &plan));
  return plan_handle(plan);
}

void run(const gemmact_plan* plan, const std::vector<gemmact_binding>& memory) {
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  check(gemmact_plan_get_info(plan, &info));
  const aligned_memory workspace(info.workspace_bytes);
  check(gemmact_workspace_init(plan, workspace.data(), nullptr));
  const gemmact_operands operands{sizeof operands,     0, memory.data(), memory.size(), sizeof(gemmact_binding),
                                  info.workspace_bytes};
  check(gemmact_run(plan, &operands, workspace.data(), nullptr));
}

uint32_t slot_of(const std::string& name) {
  static const std::map<std::string, uint32_t> slots = {
      {"X", GEMMACT_X},   {"W", GEMMACT_W},       {"Y", GEMMACT_Y},       {"DZ", GEMMACT_DZ},
      {"DW", GEMMACT_DW}, {"BIAS", GEMMACT_BIAS}, {"KEPT", GEMMACT_KEPT}, {"DBIAS", GEMMACT_DBIAS}};
  if (name.rfind("BELOW+", 0) == 0) return GEMMACT_BELOW | slots.at(name.substr(6));
  return slots.at(name);
}

aligned_memory::aligned_memory(size_t bytes)
    : memory_(std::aligned_alloc(256, (std::max<size_t>(bytes, 1) + 255) / 256 * 256)) {}

void aligned_memory::release::operator()(void* memory) const { std::free(memory); }

}  // namespace gemmact::porting
