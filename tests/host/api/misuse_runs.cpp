#include <cstdint>

#include "tests/host/api/misuse.hpp"

namespace gemmact::test {
namespace {

using rows = std::vector<run_misuse>;

void* shifted(void* data, ptrdiff_t bytes) { return static_cast<unsigned char*>(data) + bytes; }

// Layers of the rows; sizes 5 x 7 x 3 in f32, so a dense Y has 140 bytes.
sample_layer residual_layer() {
  sample_layer l = forward_layer();
  return l.add(GEMMACT_RESIDUAL);
}

sample_layer c_layer(gemmact_type type = GEMMACT_F32) {
  sample_layer l = forward_layer();
  return l.add(GEMMACT_C, type);
}

sample_layer variable_layer() {
  sample_layer l = forward_layer();
  l.problem.flags = GEMMACT_VARIABLE_M;
  return l;
}

sample_layer sliced_layer() {
  sample_layer l = forward_layer();
  l.at(GEMMACT_X).ld = l.at(GEMMACT_Y).ld = 10;
  return l;
}

void add_structs(rows& t) {
  auto add = [&](const char* name, void (*spoil)(sample_run&), gemmact_status status, const char* says) {
    t.push_back({name, forward_layer(), spoil, status, says});
  };
  using r = sample_run&;
  add(
      "struct_bytes 0", [](r s) { s.operands.struct_bytes = 0; }, GEMMACT_STRUCT_SIZE, "struct_bytes is 0");
  add(
      "struct_bytes huge", [](r s) { s.operands.struct_bytes = SIZE_MAX; }, GEMMACT_STRUCT_SIZE,
      "gemmact_operands has");
  add(
      "binding_bytes 0", [](r s) { s.operands.binding_bytes = 0; }, GEMMACT_STRUCT_SIZE, "binding_bytes is 0");
  add(
      "binding_bytes huge", [](r s) { s.operands.binding_bytes = SIZE_MAX; }, GEMMACT_STRUCT_SIZE, "binding_bytes");
  add(
      "bindings null", [](r s) { s.operands.bindings = nullptr; }, GEMMACT_NULL_ARGUMENT, "bindings is null");
  add(
      "count 0", [](r s) { s.operands.count = 0; }, GEMMACT_BAD_BINDING, "X is not bound");
  add(
      "count short", [](r s) { s.operands.count -= 1; }, GEMMACT_BAD_BINDING, "Y is not bound");
  add(
      "count huge", [](r s) { s.operands.count = SIZE_MAX; }, GEMMACT_BAD_BINDING, "count is");
  add(
      "bound twice", [](r s) { s.at(GEMMACT_W).slot = GEMMACT_X; }, GEMMACT_BAD_BINDING, "X is bound twice");
  add(
      "unknown slot", [](r s) { s.at(GEMMACT_W).slot = GEMMACT_DX; }, GEMMACT_BAD_BINDING, "bindings[1] is DX");
  add(
      "no slot", [](r s) { s.at(GEMMACT_W).slot = 77; }, GEMMACT_BAD_BINDING, "bindings[1] is slot 77");
  add(
      "unknown index", [](r s) { s.at(GEMMACT_W).index = 1; }, GEMMACT_BAD_BINDING, "bindings[1] is W[1]");
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_BIAS, GEMMACT_Y}) {
    t.push_back(
        {"null", forward_layer(), [=](r s) { s.at(slot).data = nullptr; }, GEMMACT_NULL_ARGUMENT, "data is null"});
    t.push_back({"misaligned", forward_layer(), [=](r s) { s.at(slot).data = shifted(s.at(slot).data, 2); },
                 GEMMACT_MISALIGNED, "no multiple of its 4 bytes"});
  }
  sample_layer promised = forward_layer();
  promised.at(GEMMACT_W).align_bytes = 64;
  t.push_back({"promise broken", promised, [](r s) { s.at(GEMMACT_W).data = shifted(s.at(GEMMACT_W).data, 32); },
               GEMMACT_MISALIGNED, "W's data is at"});
  t.push_back({"promise kept", promised, [](r s) { s.at(GEMMACT_W).data = shifted(s.at(GEMMACT_W).data, 64); },
               GEMMACT_OK, "", true});
  add(
      "end of memory", [](r s) { s.at(GEMMACT_X).data = reinterpret_cast<void*>(~uintptr_t{15}); }, GEMMACT_BAD_BINDING,
      "run past the end of memory");
}

void add_sizes(rows& t) {
  using r = sample_run&;
  t.push_back({"m negative", variable_layer(), [](r s) { s.operands.m = -1; }, GEMMACT_BAD_SIZE, "m is -1"});
  t.push_back({"m too large", variable_layer(), [](r s) { s.operands.m = 6; }, GEMMACT_BAD_SIZE, "m is 6"});
  t.push_back({"m fixed", forward_layer(), [](r s) { s.operands.m = 4; }, GEMMACT_BAD_SIZE, "no GEMMACT_VARIABLE_M"});
  t.push_back({"m less", variable_layer(), [](r s) { s.operands.m = 4; }, GEMMACT_OK, "", true});
  t.push_back({"m the plan's", forward_layer(), [](r s) { s.operands.m = 5; }, GEMMACT_OK, "", true});
}

void add_overlaps(rows& t) {
  using r = sample_run&;
  auto move = [](uint32_t slot, uint32_t onto, ptrdiff_t bytes) {
    return [=](r s) { s.at(slot).data = shifted(s.at(onto).data, bytes); };
  };
  for (uint32_t in : {GEMMACT_X, GEMMACT_W, GEMMACT_BIAS})
    t.push_back(
        {"Y onto an input", forward_layer(), move(GEMMACT_Y, in, 0), GEMMACT_OVERLAP, "Y is written and overlaps"});
  t.push_back({"Y's last element", forward_layer(), move(GEMMACT_X, GEMMACT_Y, 136), GEMMACT_OVERLAP, "overlaps X"});
  t.push_back({"just behind Y", forward_layer(), move(GEMMACT_X, GEMMACT_Y, 140), GEMMACT_OK, "", true});
  t.push_back({"inputs may share", forward_layer(), move(GEMMACT_W, GEMMACT_X, 0), GEMMACT_OK, "", true});
  t.push_back({"slices of one buffer", sliced_layer(), move(GEMMACT_X, GEMMACT_Y, 28), GEMMACT_OK, "", true});
  t.push_back({"slices that cross", sliced_layer(), move(GEMMACT_X, GEMMACT_Y, 24), GEMMACT_OVERLAP, "overlaps X"});
  t.push_back({"RESIDUAL is Y", residual_layer(), move(GEMMACT_RESIDUAL, GEMMACT_Y, 0), GEMMACT_OK, "", true});
  t.push_back({"C is Y", c_layer(), move(GEMMACT_C, GEMMACT_Y, 0), GEMMACT_OK, "", true});
  t.push_back(
      {"C is nearly Y", c_layer(), move(GEMMACT_C, GEMMACT_Y, 4), GEMMACT_OVERLAP, "only with the same address"});
  t.push_back({"C of another type is Y", c_layer(GEMMACT_F16), move(GEMMACT_C, GEMMACT_Y, 0), GEMMACT_OVERLAP,
               "only with the same address"});
  // Strides over one entry, and over the one row of a run, tell nothing apart.
  sample_layer one_row = c_layer();
  one_row.problem.flags = GEMMACT_VARIABLE_M;
  one_row.at(GEMMACT_C).ld = 9;
  one_row.at(GEMMACT_C).batch_stride = 77;
  t.push_back({"C of another ld is Y", one_row, move(GEMMACT_C, GEMMACT_Y, 0), GEMMACT_OVERLAP, "same address"});
  t.push_back({"C of another ld is Y, one row", one_row,
               [=](r s) {
                 move(GEMMACT_C, GEMMACT_Y, 0)(s);
                 s.operands.m = 1;
               },
               GEMMACT_OK, "", true});
  sample_layer one_entry = c_layer();
  one_entry.at(GEMMACT_C).batch_stride = 77;
  t.push_back(
      {"C of another batch stride is Y, one entry", one_entry, move(GEMMACT_C, GEMMACT_Y, 0), GEMMACT_OK, "", true});
  sample_layer columns = c_layer();
  columns.at(GEMMACT_C).order = GEMMACT_COLUMN_MAJOR;
  t.push_back({"C of another order is Y", columns, move(GEMMACT_C, GEMMACT_Y, 0), GEMMACT_OVERLAP, "same address"});
  sample_layer kept = forward_layer("tanh");
  kept.problem.keep = GEMMACT_KEEP_OUTPUT;
  kept.add(GEMMACT_KEPT);
  t.push_back(
      {"two outputs", kept, move(GEMMACT_KEPT, GEMMACT_Y, 0), GEMMACT_OVERLAP, "Y is written and overlaps KEPT"});
  t.push_back({"dZ onto dY", activation_grad_layer(), move(GEMMACT_DZ, GEMMACT_DY, 0), GEMMACT_OVERLAP, "overlaps DY"});
  sample_layer sums = weight_grad_layer();
  sums.problem.flags = GEMMACT_ACCUMULATE_DW;
  sums.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  t.push_back({"DBIAS inside DW", sums, move(GEMMACT_DBIAS, GEMMACT_DW, 8), GEMMACT_OVERLAP, "overlaps DBIAS"});
  t.push_back({"DW onto X", sums, move(GEMMACT_DW, GEMMACT_X, 0), GEMMACT_OVERLAP, "DW is written and overlaps X"});
}

}  // namespace

std::vector<run_misuse> run_misuses() {
  rows t;
  add_structs(t);
  add_sizes(t);
  add_overlaps(t);
  return t;
}

}  // namespace gemmact::test
