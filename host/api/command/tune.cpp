#include <algorithm>
#include <exception>
#include <new>
#include <optional>

#include "host/api/command/described_layer.hpp"
#include "host/api/command/device_handles.hpp"
#include "host/api/command/npy.hpp"
#include "host/api/command/output.hpp"
#include "host/api/handles.hpp"
#include "host/core/sample_values.hpp"
#include "host/core/status.hpp"
#include "host/plan/functions.hpp"

namespace gemmact::api {
namespace {

constexpr double usual_budget_ms = 100;

// A layer's tensors in the device's memory.
class sample_arrays {
 public:
  sample_arrays(const core::device& device, const core::problem& p) {
    for (const core::tensor& t : p.tensors) {
      const size_t size = size_t(core::tensor_bytes(t, p.batch));
      const bool filled = !t.output || t.accumulate;
      const aligned_bytes bytes(filled ? size : 0);
      memory_.push_back(device.make_memory(size));
      bindings_.push_back({t.slot, t.index, memory_.back()->data()});
      if (!filled) continue;
      core::fill_sample(p, t, {bytes.data(), bytes.size()});
      memory_.back()->upload(bytes.data());
    }
  }
  gemmact_operands operands() const {
    gemmact_operands operands{};
    operands.struct_bytes = sizeof operands;
    operands.bindings = bindings_.data();
    operands.count = bindings_.size();
    operands.binding_bytes = sizeof(gemmact_binding);
    return operands;
  }

 private:
  std::vector<std::unique_ptr<core::device_memory>> memory_;
  std::vector<gemmact_binding> bindings_;
};

double flop_of(const core::problem& p) {
  if (p.operation == GEMMACT_ACTIVATION_GRAD) return 0;
  return 2.0 * double(p.m) * double(p.n) * double(p.k) * double(p.batch) * p.pieces;
}

std::string name_of(const core::timing& t) { return t.family + ' ' + t.tile; }

std::string row(const core::timing& t, double flop, size_t name_width) {
  std::string text = fmt::format("  {} {:<{}} ", t.chosen ? '*' : ' ', name_of(t), name_width);
  if (!t.failure.empty())
    return text + fmt::format("{}: {}\n", t.baseline ? "left out" : "could not be timed", t.failure);
  if (t.runs == 0) return text + "not begun within the budget\n";
  text += fmt::format("{:>9.2f} us ({:.2f} to {:.2f}, {} runs)", t.median, t.low, t.high, t.runs);
  if (flop > 0) text += fmt::format("  {:.4g} TFLOP/s", flop / t.median * 1e-6);
  if (t.expected > 0) text += fmt::format(", the model said {:.2f} us", t.expected);
  if (t.behind) text += ", left behind";
  return text + '\n';
}

std::string table(const std::vector<core::timing>& timings, double flop) {
  size_t width = 0;
  for (const core::timing& t : timings) width = std::max(width, name_of(t).size());
  std::string text;
  for (const core::timing& t : timings) text += row(t, flop, width);
  return text;
}

enum class outcome { kept, not_kept, not_tuned };

// The output says why a layer is not tuned, and why its times are not kept.
outcome tune_one(gemmact_context& context, described_layer& layer, const core::tuning_wish& wish) {
  const auto not_tuned = [](const std::string& reason) {
    write_standard_output(fmt::format("    not tuned: {}\n", reason));
    return outcome::not_tuned;
  };
  gemmact_problem problem{};
  try {
    problem = layer.problem();
  } catch (const std::runtime_error& e) {
    return not_tuned(e.what());
  }
  try {
    const core::problem p = core::check_problem(&problem, plan::functions());
    const sample_arrays arrays(*context.device, p);
    const gemmact_operands operands = arrays.operands();
    const core::tuning_result result = tune(*context.device, &problem, &operands, wish);
    write_standard_output(table(result.timings, flop_of(p)));
    if (result.not_kept.empty()) return outcome::kept;
    write_standard_output(fmt::format("    the times are {}\n", result.not_kept));
    return outcome::not_kept;
  } catch (const std::bad_alloc&) {
    return not_tuned("out of memory on the host");
  } catch (const core::failure& f) {
    if (f.status() == GEMMACT_DEVICE_FAULT || f.status() == GEMMACT_NO_DEVICE) throw run_error(f.message());
    return not_tuned(f.message());
  }
}

// Mistakes of the command line come before those of the machine: refused where no shape of the list can be told so.
void check_any(described_layer& layer, const std::vector<listed_shape>& shapes) {
  std::exception_ptr first;
  for (const listed_shape& shape : shapes) {
    layer.set(shape);
    try {
      return void(layer.problem());
    } catch (const std::runtime_error&) {
      if (!first) first = std::current_exception();
    }
  }
  std::rethrow_exception(first);
}

std::string heading(const described_layer& layer, const std::string& name, size_t number, size_t count) {
  std::string text = count == 1 ? "" : fmt::format("[{}/{}] ", number, count);
  if (!name.empty()) text += name + ": ";
  return text + layer.sizes() + '\n';
}

constexpr const char* summary =
    "Times the cheapest configurations that could compute a layer on a GPU, on normally distributed numbers, and keeps "
    "the times in the cache's directory (GEMMACT_CACHE_DIR), where contexts that first plan the same layer from then "
    "on find them: "
    "they take the fastest, marked *, or of several that cannot be told apart the one that the cost model prefers. A "
    "layer "
    "is the same when all of its options and sizes are, the promised alignment (--align) among them. gemmact_tune does "
    "the same on a program's own arrays. Where libcublasLt.so is here, cuBLASLt's product (by the algorithm that it "
    "puts "
    "first), alone, with its own epilogue, and with a separate kernel for bias and function, is timed beside them.";

constexpr const char* tune_notes =
    "FILE has a heading and a row for each shape; columns other than m, n, k, name and dtype do not count.\n"
    "The exit status is 1 when a layer could not be tuned, and when its times are not kept.\n\n"
    "Examples:\n"
    "  gemmact tune --m 4096 --n 4096 --k 4096 --type bf16 --activation gelu --bias column\n"
    "  gemmact tune --shapes bench/shapes/llm_layers.csv --activation swish --budget-ms 300\n";

}  // namespace

void run_tune(const std::vector<std::string>& arguments) {
  std::optional<std::string> list;
  core::tuning_wish wish{usual_budget_ms, true};
  std::optional<double> budget_ms;
  command_line line("tune", "(--m M --n N --k K | --shapes FILE) [options]", summary, tune_notes);
  described_layer layer(line, true);
  line.group("Tuning");
  line.text("--shapes", "FILE",
            "CSV with columns m, n and k, and, if they are there, name and dtype (in place of --type)", list);
  line.real("--budget-ms",
            fmt::format("of the GPU's time for each layer, compiling apart (default {})", usual_budget_ms), budget_ms);
  line.flag("--all", "every configuration that can compute the layer, not the cheapest few alone", wish.all);
  if (!line.parse(arguments)) return;
  if (list && layer.has_sizes()) usage_fail("--shapes is given, and so is --m, --n or --k");
  if (budget_ms.value_or(0) < 0) usage_fail("--budget-ms is {}; it must be at least 0", *budget_ms);
  wish.budget_ms = budget_ms.value_or(usual_budget_ms);
  const std::vector<listed_shape> shapes = list ? read_shapes(*list) : std::vector<listed_shape>(1);
  if (list) check_any(layer, shapes);
  else layer.problem();
  const context_handle context = open_device(layer.device());
  if (!context->device->has_streams())
    usage_fail("--device is {}; its kernels are not chosen by time, and only a GPU's are tuned", layer.device());
  if (!context->device->can_run()) run_fail("{} is only described; nothing can be timed on it", layer.device());
  size_t not_tuned = 0, not_kept = 0;
  for (size_t i = 0; i < shapes.size(); ++i) {
    if (list) layer.set(shapes[i]);
    write_standard_output(heading(layer, shapes[i].name, i + 1, shapes.size()));
    const outcome is = tune_one(*context, layer, wish);
    not_tuned += is == outcome::not_tuned, not_kept += is == outcome::not_kept;
  }
  if (not_tuned != 0) run_fail("{} of {} layers could not be tuned", not_tuned, shapes.size());
  if (not_kept != 0) run_fail("the times of {} of {} layers are not kept", not_kept, shapes.size());
}

}  // namespace gemmact::api
