// A run's bindings. This is on the path of every run: nothing is allocated unless something is wrong.
#include <array>
#include <bit>

#include "host/core/names.hpp"
#include "host/core/overlap.hpp"
#include "host/core/problem.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"

namespace gemmact::core {
namespace {

std::string text_of(const tensor& t) { return slot_text(t.slot, t.index); }

int64_t run_m(const problem& p, int64_t asked) {
  if (asked == 0 || asked == p.m) return p.m;
  if (asked < 0 || asked > p.m)
    fail(GEMMACT_BAD_SIZE, "m is {}; a run's is 1 to the plan's {}, or 0 for the plan's", asked, p.m);
  if (!p.has(GEMMACT_VARIABLE_M))
    fail(GEMMACT_BAD_SIZE, "m is {}, but the plan's is {} and its problem has no GEMMACT_VARIABLE_M", asked, p.m);
  return asked;
}

const tensor* find_from(const problem& p, const gemmact_binding& b, size_t guess) {
  if (guess < p.tensors.size() && p.tensors[guess].slot == b.slot && p.tensors[guess].index == b.index)
    return &p.tensors[guess];
  return p.find(b.slot, b.index);
}

void bind(const problem& p, const gemmact_operands& o, void** data) {
  for (size_t t = 0; t < p.tensors.size(); ++t) data[t] = nullptr;
  if (o.count > 0 && o.bindings == nullptr) fail(GEMMACT_NULL_ARGUMENT, "bindings is null, but count is {}", o.count);
  if (o.count > max_tensors)
    fail(GEMMACT_BAD_BINDING, "count is {}; the plan has {} tensors", o.count, p.tensors.size());
  const auto* at = reinterpret_cast<const unsigned char*>(o.bindings);
  for (size_t i = 0; i < o.count; ++i, at += o.binding_bytes) {
    if (o.binding_bytes != sizeof(gemmact_binding))
      check_struct_size("gemmact_binding", "binding_bytes", at, o.binding_bytes, {sizeof(gemmact_binding)});
    auto b = copy_struct<gemmact_binding>(at, sizeof(gemmact_binding));
    const tensor* t = find_from(p, b, i);
    if (t == nullptr)
      fail(GEMMACT_BAD_BINDING, "bindings[{}] is {}, which the plan's problem does not list", i,
           slot_text(b.slot, b.index));
    if (b.data == nullptr) fail(GEMMACT_NULL_ARGUMENT, "{}'s data is null", text_of(*t));
    if (data[t->binding] != nullptr) fail(GEMMACT_BAD_BINDING, "{} is bound twice", text_of(*t));
    if ((reinterpret_cast<uintptr_t>(b.data) & (t->align_bytes - 1)) != 0)
      fail(GEMMACT_MISALIGNED, "{}'s data is at {}, which is no multiple of its {} bytes", text_of(*t), b.data,
           t->align_bytes);
    data[t->binding] = b.data;
  }
  for (const tensor& t : p.tensors)
    if (data[t.binding] == nullptr) fail(GEMMACT_BAD_BINDING, "{} is not bound", text_of(t));
}

// How many rows of a tensor a run with m rows uses.
int64_t used_rows(const problem& p, const tensor& t, int64_t m) {
  if (m == p.m || find_slot(t.slot & ~uint32_t{GEMMACT_BELOW})->shape == slot_shape::nk) return t.rows;
  return t.extent == GEMMACT_EACH || t.extent == GEMMACT_PER_ROW ? m : t.rows;
}

// C and RESIDUAL may be Y itself, laid out in the same way. A stride over one row, column or entry says nothing.
bool may_be_one(const problem& p, const run_operands& run, const tensor& in, const tensor& out) {
  return out.slot == GEMMACT_Y && (in.slot == GEMMACT_C || in.slot == GEMMACT_RESIDUAL) &&
         run.data[in.binding] == run.data[out.binding] && in.type == out.type && in.order == out.order &&
         (run.m == 1 || in.row_stride == out.row_stride) && (p.n == 1 || in.col_stride == out.col_stride) &&
         (p.batch == 1 || in.batch_stride == out.batch_stride);
}

using footprints = std::array<footprint, max_tensors>;

void measure(const problem& p, const run_operands& run, footprints& prints) {
  for (const tensor& t : p.tensors) {
    footprint print = footprint_of(t, run.data[t.binding], used_rows(p, t, run.m), p.batch);
    if (print.begin > UINTPTR_MAX - static_cast<uintptr_t>(print.span))
      fail(GEMMACT_BAD_BINDING, "{}'s data is at {}, and its {} bytes run past the end of memory", text_of(t),
           run.data[t.binding], print.span);
    prints[t.binding] = print;
  }
}

[[noreturn]] void refuse_overlap(const tensor& out, const tensor& other) {
  bool near_miss = out.slot == GEMMACT_Y && (other.slot == GEMMACT_C || other.slot == GEMMACT_RESIDUAL);
  fail(GEMMACT_OVERLAP, "{} is written and overlaps {}{}", text_of(out), text_of(other),
       near_miss ? "; it may be Y only with the same address, type, order, ld and batch_stride" : "");
}

void check_overlaps(const problem& p, const run_operands& run) {
  footprints prints;
  measure(p, run, prints);
  for (const tensor& out : p.tensors) {
    if (!out.output) continue;
    const footprint& written = prints[out.binding];
    for (const tensor& other : p.tensors) {
      if (other.output && other.binding <= out.binding) continue;  // itself, or seen from the other side
      const footprint& print = prints[other.binding];
      bool apart = print.begin >= written.begin + static_cast<uintptr_t>(written.span) ||
                   written.begin >= print.begin + static_cast<uintptr_t>(print.span);
      if (apart || may_be_one(p, run, other, out)) continue;
      if (overlap(written, print)) refuse_overlap(out, other);
    }
  }
}

}  // namespace

run_operands check_operands(const problem& p, const gemmact_operands* given, void** data) {
  if (given == nullptr) fail(GEMMACT_NULL_ARGUMENT, "operands is null");
  size_t bytes = struct_bytes_of(given);
  check_struct_size("gemmact_operands", "struct_bytes", given, bytes,
                    {offsetof(gemmact_operands, workspace_bytes), sizeof(gemmact_operands)});
  auto o = copy_struct<gemmact_operands>(given, bytes);
  run_operands run{run_m(p, o.m), data};
  bind(p, o, data);
  check_overlaps(p, run);
  return run;
}

void check_workspace(const problem& p, const run_operands& run, const void* workspace, size_t needed, size_t given) {
  if (needed == 0) return;
  if (workspace == nullptr) fail(GEMMACT_NULL_ARGUMENT, "workspace is null; the plan needs {} bytes", needed);
  if (reinterpret_cast<uintptr_t>(workspace) % workspace_alignment != 0)
    fail(GEMMACT_MISALIGNED, "workspace is at {}, which is no multiple of {} bytes", workspace, workspace_alignment);
  if (given != 0 && given < needed)
    fail(GEMMACT_BUFFER_TOO_SMALL, "workspace_bytes is {}; the plan needs {}", given, needed);
  footprint scratch = footprint_of(workspace, static_cast<int64_t>(needed));
  for (const tensor& t : p.tensors) {
    footprint print = footprint_of(t, run.data[t.binding], used_rows(p, t, run.m), p.batch);
    if (overlap(scratch, print)) fail(GEMMACT_OVERLAP, "workspace overlaps {}", text_of(t));
  }
}

}  // namespace gemmact::core
