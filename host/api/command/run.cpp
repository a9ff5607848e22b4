#include <algorithm>
#include <chrono>

#include "host/api/command/array_options.hpp"
#include "host/api/command/device_arrays.hpp"
#include "host/api/command/device_handles.hpp"
#include "host/api/command/layer_arrays.hpp"
#include "host/api/command/output.hpp"
#include "host/api/handles.hpp"

namespace gemmact::api {
namespace {

// One run: its arrays, and the problem that they make.
struct layer_run {
  std::vector<layer_array> arrays;
  std::vector<gemmact_tensor> tensors;
  std::vector<gemmact_binding> bindings;
  float alpha = 1.0f, beta = 1.0f;
  gemmact_problem problem{};

  void list(const layer_array& a) {
    tensors.push_back(a.tensor);
    tensors.back().align_bytes = 16;  // aligned_bytes and device memory are aligned to more
    bindings.push_back({a.tensor.slot, a.tensor.index, a.content.data.data()});
  }
  void list_number(uint32_t slot, float& place, const std::optional<double>& value) {
    if (!value) return;
    place = float(*value);
    gemmact_tensor t{};
    t.slot = slot;
    t.type = GEMMACT_F32;
    t.extent = GEMMACT_SCALAR;
    tensors.push_back(t);
    bindings.push_back({slot, 0, &place});
  }
  const gemmact_tensor* find(uint32_t slot) const {
    for (const gemmact_tensor& t : tensors)
      if (t.slot == slot) return &t;
    return nullptr;
  }
};

// The type of what is written unless --y-type says it: that of the operands, of which every operation has one of these.
gemmact_type operand_type(const layer_run& run) {
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_DZ, GEMMACT_W, GEMMACT_DY})
    if (const gemmact_tensor* t = run.find(slot)) return t->type;
  return GEMMACT_F32;
}

result_form form_of(const array_file& file, const layer_run& run, const layer_options& layer,
                    const array_options& options) {
  const gemmact_type operand = operand_type(run);
  result_form form{options.y_type.value_or(operand), GEMMACT_EACH, options.per_batch, layer.accumulate};
  switch (file.slot & ~uint32_t{GEMMACT_BELOW}) {
    case GEMMACT_DX:
    case GEMMACT_DW:
      if (!options.y_type && operand == GEMMACT_E4M3) form.type = GEMMACT_BF16;
      break;
    case GEMMACT_DBIAS:
      form.type = GEMMACT_F32;
      form.extent = options.dbias_extent;
      break;
    case GEMMACT_DPARAM:
      form.type = GEMMACT_F32;
      form.extent = options.dparam_extent.value_or(file.declared.value_or(GEMMACT_SCALAR));
      break;
    case GEMMACT_AMAX_Y:
      form.type = GEMMACT_F32;
      form.extent = GEMMACT_SCALAR;
      break;
    default:
      break;
  }
  return form;
}

void list_results(layer_run& run, const std::vector<array_file>& files, const layer_options& layer,
                  const array_options& options) {
  const layer_sizes sizes{run.problem.m, run.problem.n, run.problem.k, run.problem.batch};
  const auto make = [&](const array_file& file, const result_form& form) {
    run.arrays.push_back(make_result(file, sizes, form));
    run.list(run.arrays.back());
  };
  // What is kept comes last: its form depends on the others.
  for (const array_file& file : files)
    if (file.output && file.slot != GEMMACT_KEPT) make(file, form_of(file, run, layer, options));
  std::optional<kept_answer> kept;
  for (const array_file& file : files) {
    if (!file.output || file.slot != GEMMACT_KEPT) continue;
    if (!kept) kept = resolve_keep(run.problem, run.tensors);
    if (kept->keep == GEMMACT_KEEP_NOTHING)
      usage_fail("--kept is given, but there is nothing to keep: backward of {} needs nothing of forward",
                 layer.activation.value_or("linear"));
    make(file, {kept->type, GEMMACT_EACH, false, false});
  }
}

layer_run read_inputs(const std::vector<array_file>& files, const layer_options& layer) {
  layer_run run;
  run.problem = layer_problem(layer);
  run.arrays.reserve(files.size());
  for (const array_file& file : files)
    if (!file.output) run.arrays.push_back(load_array(file));
  const layer_sizes sizes = agreed_sizes(run.arrays);
  for (layer_array& a : run.arrays) {
    describe(a, sizes);
    run.list(a);
  }
  run.problem.m = sizes.m, run.problem.n = sizes.n, run.problem.k = sizes.k, run.problem.batch = sizes.batch;
  return run;
}

double milliseconds_of(const core::device& device, const gemmact_plan* plan, const gemmact_plan_info& info,
                       const layer_run& run) {
  device_arrays memory(device, info.workspace_bytes, run.bindings);
  for (const layer_array& a : run.arrays) memory.add(a.content.data.data(), a.content.data.size(), a.file.output);
  memory.add(&run.alpha, sizeof run.alpha, false);
  memory.add(&run.beta, sizeof run.beta, false);
  gemmact_operands operands{};
  operands.struct_bytes = sizeof operands;
  operands.bindings = memory.bindings().data();
  operands.count = memory.bindings().size();
  operands.binding_bytes = sizeof(gemmact_binding);
  operands.workspace_bytes = info.workspace_bytes;
  check(gemmact_workspace_init(plan, memory.workspace(), nullptr));
  device.wait();
  const auto start = std::chrono::steady_clock::now();
  check(gemmact_run(plan, &operands, memory.workspace(), nullptr));
  device.wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  memory.fetch();
  return seconds * 1e3;
}

std::string report(const layer_run& run, const gemmact_plan_info& info, double milliseconds) {
  std::string out = fmt::format("m {}, n {}, k {}, batch {}: {} by {}, {:.3f} ms\n", run.problem.m, run.problem.n,
                                run.problem.k, run.problem.batch, info.kernel, info.family, milliseconds);
  for (const layer_array& a : run.arrays)
    if (a.file.output)
      out += fmt::format("{}: {} {}\n", a.file.path, core::name_of(a.tensor.type), shape_text(a.content.layout.shape));
  return out;
}

constexpr const char* notes =
    "Arrays. Sizes come from the arrays: X is (m, k), W is (n, k), Y is (m, n). A third dimension in front is the\n"
    "batch; an array without it is shared. float32 and float16 are taken as they are; uint16 holds the bits of bf16\n"
    "(ml_dtypes.bfloat16 viewed as uint16, or saved as it is), uint8 those of e4m3; what is kept may be a mask of\n"
    "uint32 words or the uint8 winners of a maxout. float64 is refused. Fortran-ordered matrices are read in place.\n"
    "Results are written aside, and renamed once all are complete: a run that fails before that leaves no file.\n\n"
    "Examples:\n"
    "  gemmact run --x x.npy --w w.npy --bias b.npy --activation relu --y y.npy --kept mask.npy\n"
    "  gemmact run --operation activation_grad --activation relu --dy dy.npy --kept mask.npy --dz dz.npy --dbias "
    "db.npy\n"
    "  gemmact run --operation input_grad --dz dz.npy --w w.npy --dx dx.npy\n"
    "  gemmact run --operation weight_grad --dz dz.npy --x x.npy --dw dw.npy --dbias db.npy\n"
    "  gemmact run --combine gated --activation swish --x x.npy --w gate.npy --w value.npy --y y.npy\n"
    "  gemmact run --activation \"f(x; t) = max(0, 1 - t * x)\" --operand t=t.npy --x x.npy --w w.npy --y loss.npy\n"
    "  gemmact run --combine maxout --x x.npy --w w0.npy --w w1.npy --w w2.npy --y y.npy --kept winner.npy\n";

}  // namespace

void run_run(const std::vector<std::string>& arguments) {
  layer_options layer;
  array_options options;
  bool verbose = false;
  command_line line("run", "ARRAYS [options]", "Runs a layer, or a part of its backward, on NumPy arrays (.npy files).",
                    notes);
  add_layer_options(line, layer);
  line.flag("--verbose", "say what ran, how long it took and what was written", verbose);
  add_array_options(line, options);
  if (!line.parse(arguments)) return;
  const std::vector<array_file> given = array_files(layer, options);
  layer_run run = read_inputs(given, layer);
  list_results(run, given, layer, options);
  run.list_number(GEMMACT_ALPHA, run.alpha, options.alpha);
  run.list_number(GEMMACT_BETA, run.beta, options.beta);
  run.problem.tensors = run.tensors.data();
  run.problem.tensor_count = run.tensors.size();

  const context_handle context = open_device(layer.device_name());
  gemmact_plan* created = nullptr;
  check_files(gemmact_plan_create(context.get(), &run.problem, &created));
  const plan_handle plan(created);
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  check(gemmact_plan_get_info(plan.get(), &info));
  const double milliseconds = milliseconds_of(*context->device, plan.get(), info, run);
  output_files files;
  for (const layer_array& a : run.arrays)
    if (a.file.output) files.write(a.file.path, preamble(a), {a.content.data.data(), a.content.data.size()});
  files.commit();
  if (verbose) write_standard_output(report(run, info, milliseconds));
}

}  // namespace gemmact::api
