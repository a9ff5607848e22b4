#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include "host/api/handles.hpp"
#include "host/core/status.hpp"
#include "tests/host/api/misuse.hpp"

namespace gemmact::test {
namespace {

using rows = std::vector<call_misuse>;

constexpr float x_values[4] = {-1, 0, 1, 2};

// An executable that fails in the way of its argument; devices that fail so are not on every machine.
class failing final : public core::executable {
 public:
  enum class way { driver, memory, surprise, stranger };
  explicit failing(way how) : how_(how) {}
  size_t workspace_bytes() const override { return 0; }
  int launches() const override { return 1; }
  std::string family() const override { return "failing"; }
  std::string kernel_name() const override { return "failing"; }
  void workspace_init(void*, void*) const override {}
  void run(const core::run_operands&, void*, void*) const override {
    if (how_ == way::driver) core::fail(GEMMACT_DEVICE_FAILED, "cuLaunchKernelEx says CUDA_ERROR_ILLEGAL_ADDRESS");
    if (how_ == way::memory) throw std::bad_alloc();
    if (how_ == way::surprise) throw std::runtime_error("out of cheese");
    throw 42;
  }

 private:
  way how_;
};

gemmact_status run_failing(failing::way how, bool here = true) {
  gemmact_plan plan;
  plan.problem.m = 1;
  plan.executable = std::make_unique<failing>(how);
  plan.can_run = here;
  gemmact_operands none{};
  none.struct_bytes = sizeof none;
  return gemmact_run(&plan, &none, nullptr, nullptr);
}

// A plan of the sample, with a run of it.
struct planned {
  sample_layer layer = forward_layer();
  gemmact_plan* plan = nullptr;
  gemmact_plan_info info{};
  sample_run run{layer};
  explicit planned(gemmact_context* context) {
    gemmact_plan_create(context, layer.link(), &plan);
    info.struct_bytes = sizeof info;
    gemmact_plan_get_info(plan, &info);
  }
  ~planned() { gemmact_plan_destroy(plan); }
  gemmact_status operator()(void* workspace, void* stream = nullptr) {
    return gemmact_run(plan, run.link(), workspace, stream);
  }
};

void add_context(rows& t, gemmact_context* c) {
  auto open = [&](const char* device, gemmact_status status, const char* says) {
    t.push_back({std::string("open ") + (device == nullptr ? "null" : device),
                 [=] {
                   auto* made = reinterpret_cast<gemmact_context*>(1);
                   gemmact_status s = gemmact_context_create(device, &made);
                   if (made != nullptr) return GEMMACT_OK;  // a failure leaves null
                   return s;
                 },
                 status, says});
  };
  open(nullptr, GEMMACT_NULL_ARGUMENT, "device is null");
  open("", GEMMACT_BAD_DEVICE, "device is \"\"");
  open("gpu", GEMMACT_BAD_DEVICE, "device is \"gpu\"");
  open("CPU", GEMMACT_BAD_DEVICE, "must be \"cpu\"");
  open("cpu:0", GEMMACT_BAD_DEVICE, "device is");
  open("cuda", GEMMACT_BAD_DEVICE, "device is");
  open("cuda:", GEMMACT_BAD_DEVICE, "its number");
  open("cuda:-1", GEMMACT_BAD_DEVICE, "its number");
  open("cuda:0x1", GEMMACT_BAD_DEVICE, "its number");
  open("cuda:99999999999", GEMMACT_BAD_DEVICE, "its number");
  open("describe:", GEMMACT_BAD_DEVICE, "a100, l40s, h100, h200, b200");
  open("describe:h10", GEMMACT_BAD_DEVICE, "did you mean h100");
  t.push_back({"open into null", [] { return gemmact_context_create("cpu", nullptr); }, GEMMACT_NULL_ARGUMENT,
               "context is null"});
  t.push_back({"info of null",
               [] {
                 gemmact_device_info info{sizeof info, "", "", 0, 0};
                 return gemmact_context_get_info(nullptr, &info);
               },
               GEMMACT_NULL_ARGUMENT, "context is null"});
  t.push_back(
      {"info into null", [=] { return gemmact_context_get_info(c, nullptr); }, GEMMACT_NULL_ARGUMENT, "info is null"});
  for (size_t bytes : {size_t{0}, sizeof(gemmact_device_info) - 1, SIZE_MAX})
    t.push_back({"info of wrong size",
                 [=] {
                   gemmact_device_info info{bytes, "", "", 0, 0};
                   return gemmact_context_get_info(c, &info);
                 },
                 GEMMACT_STRUCT_SIZE, "gemmact_device_info has"});
}

void add_catalogue(rows& t) {
  auto add = [&](const char* name, gemmact_status (*call)(), gemmact_status status, const char* says) {
    t.push_back({name, call, status, says});
  };
  const gemmact_status null = GEMMACT_NULL_ARGUMENT;
  add(
      "count null", [] { return gemmact_activation_count(nullptr); }, null, "count is null");
  add(
      "function null", [] { return gemmact_activation_get_info(0, nullptr); }, null, "info is null");
  add(
      "function -1",
      [] {
        gemmact_activation_info info{};
        info.struct_bytes = sizeof info;
        return gemmact_activation_get_info(SIZE_MAX, &info);
      },
      GEMMACT_BAD_SIZE, "the catalogue has");
  add(
      "function of wrong size",
      [] {
        gemmact_activation_info info{};
        return gemmact_activation_get_info(0, &info);
      },
      GEMMACT_STRUCT_SIZE, "gemmact_activation_info has");
  static size_t index;
  static float values[GEMMACT_MAX_PARAMS], y[4];
  add(
      "parse null", [] { return gemmact_activation_parse(nullptr, &index, values, 4); }, null, "text is null");
  add(
      "parse into null", [] { return gemmact_activation_parse("relu", nullptr, values, 4); }, null, "index is null");
  add(
      "parse without values", [] { return gemmact_activation_parse("relu", &index, nullptr, 4); }, null,
      "values is null");
  add(
      "parse unknown", [] { return gemmact_activation_parse("gleu", &index, values, 4); }, GEMMACT_UNKNOWN_ACTIVATION,
      "gelu");
  add(
      "parse into too few",
      [] {
        values[0] = 77;
        index = 99;
        gemmact_status got = gemmact_activation_parse("clip", &index, values, 1);
        return values[0] == 77 && index == 99 ? got : GEMMACT_INTERNAL;
      },
      GEMMACT_BUFFER_TOO_SMALL, "value_count is 1; clip has 2 parameters");
  static gemmact_activation_info described;
  alignas(gemmact_param_info) static char memory[1024];
  const auto describe = [&t](const char* name, const char* text, bool into, size_t struct_bytes, char* to, size_t bytes,
                             gemmact_status status, const char* says) {
    t.push_back({name,
                 [=] {
                   described.struct_bytes = struct_bytes;
                   size_t room = bytes;
                   const gemmact_status got = gemmact_activation_describe(text, into ? &described : nullptr, to, &room);
                   return described.name == nullptr && memory[0] == 0 ? got : GEMMACT_INTERNAL;  // left alone
                 },
                 status, says});
  };
  const size_t whole = sizeof described;
  describe("describe null", nullptr, true, whole, memory, 1024, null, "text is null");
  describe("describe into null", "x^2", false, whole, memory, 1024, null, "info is null");
  describe("describe without memory", "x^2", true, whole, nullptr, 1024, null, "memory is null");
  describe("describe into odd memory", "x^2", true, whole, memory + 1, 900, GEMMACT_MISALIGNED, "aligned to");
  describe("describe into too little", "f(x; a=1) = a * x^2", true, whole, memory, 40, GEMMACT_BUFFER_TOO_SMALL,
           "bytes is 40; f needs");
  for (const auto& [size, room] : {std::pair<size_t, size_t>{0, 0}, {0, 1024}, {whole - 1, 0}, {SIZE_MAX, 1024}})
    describe("describe of wrong size", "x^2", true, size, memory, room, GEMMACT_STRUCT_SIZE,
             size == 0 ? "struct_bytes is 0, but gemmact_activation_info has" : "gemmact_activation_info has");
  describe("describe an unknown name", "y^2", true, whole, memory, 1024, GEMMACT_BAD_ACTIVATION_TEXT, "\"y\"");
  add(
      "describe without bytes", [] { return gemmact_activation_describe("x^2", &described, memory, nullptr); }, null,
      "bytes is null");
  add(
      "source without bytes", [] { return gemmact_activation_source("x^2", memory, nullptr); }, null, "bytes is null");
  add(
      "source into null",
      [] {
        size_t bytes = 5;
        return gemmact_activation_source("x^2", nullptr, &bytes);
      },
      null, "source is null");
  add(
      "source into too little",
      [] {
        size_t bytes = 5;
        const gemmact_status got = gemmact_activation_source("x^2", memory, &bytes);
        return std::strlen(memory) == 4 && bytes > 100 ? got : GEMMACT_INTERNAL;
      },
      GEMMACT_BUFFER_TOO_SMALL, "bytes is 5");
  for (size_t count : {size_t{0}, size_t{1}, size_t{3}})
    t.push_back({"evaluate with another number of values",
                 [=] {
                   return gemmact_activation_evaluate("clip", x_values, count, GEMMACT_ACCURATE, x_values, 4, y,
                                                      nullptr);
                 },
                 GEMMACT_BAD_PARAMETER, "clip has 2 parameters"});
  add(
      "evaluate with null values",
      [] { return gemmact_activation_evaluate("clip", nullptr, 2, GEMMACT_ACCURATE, x_values, 4, y, nullptr); }, null,
      "values is null");
  add(
      "evaluate null",
      [] { return gemmact_activation_evaluate(nullptr, nullptr, 0, GEMMACT_ACCURATE, x_values, 4, y, nullptr); }, null,
      "text is null");
  add(
      "evaluate no x",
      [] { return gemmact_activation_evaluate("relu", nullptr, 0, GEMMACT_ACCURATE, nullptr, 4, y, nullptr); }, null,
      "x is null");
  add(
      "evaluate too many",
      [] {
        return gemmact_activation_evaluate("relu", nullptr, 0, GEMMACT_ACCURATE, x_values, SIZE_MAX / 2, y, nullptr);
      },
      GEMMACT_BAD_SIZE, "count is");
  add(
      "evaluate accuracy",
      [] {
        gemmact_accuracy wrong;
        const uint32_t two = 2;
        std::memcpy(&wrong, &two, sizeof wrong);
        return gemmact_activation_evaluate("relu", nullptr, 0, wrong, x_values, 4, y, nullptr);
      },
      GEMMACT_BAD_ENUM, "accuracy is 2");
  add(
      "evaluate onto x",
      [] { return gemmact_activation_evaluate("relu", nullptr, 0, GEMMACT_ACCURATE, y, 3, y + 1, nullptr); },
      GEMMACT_OVERLAP, "y and x overlap");
  add(
      "evaluate both into one",
      [] { return gemmact_activation_evaluate("relu", nullptr, 0, GEMMACT_ACCURATE, x_values, 4, y, y); },
      GEMMACT_OVERLAP, "y and dy_dx overlap");
  add(
      "evaluate hinge",
      [] { return gemmact_activation_evaluate("hinge", nullptr, 0, GEMMACT_ACCURATE, x_values, 4, y, nullptr); },
      GEMMACT_BAD_PARAMETER, "no default");
  add(
      "evaluate with NaN",
      [] {
        const float nan[1] = {NAN};
        return gemmact_activation_evaluate("swish", nan, 1, GEMMACT_ACCURATE, x_values, 4, y, nullptr);
      },
      GEMMACT_BAD_PARAMETER, "values[0] (beta of swish) is nan");
  add(
      "evaluate out of range",
      [] {
        const float crossed[2] = {2, 1};
        return gemmact_activation_evaluate("clip", crossed, 2, GEMMACT_ACCURATE, x_values, 4, y, nullptr);
      },
      GEMMACT_BAD_PARAMETER, "clip(lo=2, hi=1)");
}

void add_plans(rows& t, gemmact_context* c) {
  auto add = [&](const char* name, std::function<gemmact_status()> call, gemmact_status status, const char* says) {
    t.push_back({name, std::move(call), status, says});
  };
  const gemmact_status null = GEMMACT_NULL_ARGUMENT;
  static sample_layer layer = forward_layer();
  static gemmact_plan* plan;
  static gemmact_keep keep;
  static gemmact_type type;
  static size_t bytes;
  layer.link();
  add(
      "keep of null", [] { return gemmact_resolve_keep(nullptr, &keep, &type); }, null, "problem is null");
  add(
      "keep into null", [] { return gemmact_resolve_keep(&layer.problem, nullptr, &type); }, null, "keep is null");
  add(
      "keep type into null", [] { return gemmact_resolve_keep(&layer.problem, &keep, nullptr); }, null, "type is null");
  add(
      "plan without context", [] { return gemmact_plan_create(nullptr, &layer.problem, &plan); }, null,
      "context is null");
  add(
      "plan of null", [=] { return gemmact_plan_create(c, nullptr, &plan); }, null, "problem is null");
  add(
      "plan into null", [=] { return gemmact_plan_create(c, &layer.problem, nullptr); }, null, "plan is null");
  add(
      "info of null plan", [] { return gemmact_plan_get_info(nullptr, nullptr); }, null, "plan is null");
  add(
      "explain without context", [] { return gemmact_problem_explain(nullptr, &layer.problem, nullptr, &bytes); }, null,
      "context is null");
  add(
      "explain null", [=] { return gemmact_problem_explain(c, nullptr, nullptr, &bytes); }, null, "problem is null");
  add(
      "explain without bytes", [=] { return gemmact_problem_explain(c, &layer.problem, nullptr, nullptr); }, null,
      "bytes is null");
  add(
      "explain into null",
      [=] {
        bytes = 10;
        return gemmact_problem_explain(c, &layer.problem, nullptr, &bytes);
      },
      null, "text is null");
  add(
      "explain into little",
      [=] {
        char little[10];
        bytes = sizeof little;
        gemmact_status s = gemmact_problem_explain(c, &layer.problem, little, &bytes);
        return little[9] == 0 && bytes > 10 ? s : GEMMACT_INTERNAL;
      },
      GEMMACT_BUFFER_TOO_SMALL, "bytes is 10");
  add(
      "prewarm without context", [] { return gemmact_context_prewarm(nullptr, nullptr, 0, 1); }, null,
      "context is null");
  add(
      "prewarm null", [=] { return gemmact_context_prewarm(c, nullptr, 1, 1); }, null, "problems is null");
  add(
      "prewarm a null",
      [=] {
        const gemmact_problem* list[] = {&layer.problem, nullptr, &layer.problem};
        return gemmact_context_prewarm(c, list, 3, 2);
      },
      null, "problems[1]: the problem is null");
  add(
      "tune without context", [] { return gemmact_tune(nullptr, &layer.problem, nullptr, 1); }, null,
      "context is null");
  add(
      "tune null", [=] { return gemmact_tune(c, nullptr, nullptr, 1); }, null, "problem is null");
  add(
      "tune no operands", [=] { return gemmact_tune(c, &layer.problem, nullptr, 1); }, null, "operands is null");
  add(
      "tune for ever",
      [=] {
        sample_run run(layer);
        return gemmact_tune(c, &layer.problem, &run.operands, std::numeric_limits<double>::infinity());
      },
      GEMMACT_BAD_SIZE, "budget_ms is inf");
  add(
      "tune unbound",
      [=] {
        sample_run run(layer);
        run.operands.count = 1;
        return gemmact_tune(c, &layer.problem, &run.operands, 1);
      },
      GEMMACT_BAD_BINDING, "W is not bound");
}

void add_runs(rows& t, gemmact_context* c) {
  auto add = [&](const char* name, std::function<gemmact_status()> call, gemmact_status status, const char* says) {
    t.push_back({name, std::move(call), status, says});
  };
  auto p = std::make_shared<planned>(c);
  auto* base = static_cast<unsigned char*>(p->run.workspace);
  add(
      "run null", [] { return gemmact_run(nullptr, nullptr, nullptr, nullptr); }, GEMMACT_NULL_ARGUMENT,
      "plan is null");
  add(
      "run without operands", [p] { return gemmact_run(p->plan, nullptr, p->run.workspace, nullptr); },
      GEMMACT_NULL_ARGUMENT, "operands is null");
  add(
      "run without workspace", [p] { return (*p)(nullptr); }, GEMMACT_NULL_ARGUMENT, "workspace is null");
  add(
      "run with a misaligned workspace", [p, base] { return (*p)(base + 128); }, GEMMACT_MISALIGNED, "256");
  add(
      "run with little workspace",
      [p, base] {
        p->run.operands.workspace_bytes = p->info.workspace_bytes - 1;
        gemmact_status s = (*p)(base);
        p->run.operands.workspace_bytes = 0;
        return s;
      },
      GEMMACT_BUFFER_TOO_SMALL, "workspace_bytes is");
  for (uint32_t slot : {GEMMACT_X, GEMMACT_Y})
    add(
        "run with a workspace over a tensor", [p, slot] { return (*p)(p->run.at(slot).data); }, GEMMACT_OVERLAP,
        "workspace overlaps");
  add(
      "run with a stream", [p, base] { return (*p)(base, base); }, GEMMACT_BAD_BINDING, "stream is");
  add(
      "init null", [] { return gemmact_workspace_init(nullptr, nullptr, nullptr); }, GEMMACT_NULL_ARGUMENT,
      "plan is null");
  add(
      "init no workspace", [p] { return gemmact_workspace_init(p->plan, nullptr, nullptr); }, GEMMACT_NULL_ARGUMENT,
      "workspace is null");
  add(
      "init misaligned", [p, base] { return gemmact_workspace_init(p->plan, base + 8, nullptr); }, GEMMACT_MISALIGNED,
      "256");
  add(
      "init with a stream", [p, base] { return gemmact_workspace_init(p->plan, base, base); }, GEMMACT_BAD_BINDING,
      "stream is");
  add(
      "run where the device is not", [] { return run_failing(failing::way::driver, false); }, GEMMACT_NO_DEVICE,
      "only described");
  add(
      "driver fails", [] { return run_failing(failing::way::driver); }, GEMMACT_DEVICE_FAILED,
      "CUDA_ERROR_ILLEGAL_ADDRESS");
  add(
      "memory is out", [] { return run_failing(failing::way::memory); }, GEMMACT_OUT_OF_MEMORY, "not enough memory");
  add(
      "a surprise", [] { return run_failing(failing::way::surprise); }, GEMMACT_INTERNAL, "out of cheese");
  add(
      "a stranger", [] { return run_failing(failing::way::stranger); }, GEMMACT_INTERNAL, "unknown type");
}

void add_linear(rows& t, gemmact_context* c) {
  static float in[64], out[64];
  auto add = [&](const char* name, std::function<gemmact_status()> call, gemmact_status status, const char* says) {
    t.push_back({name, std::move(call), status, says});
  };
  auto linear = [](gemmact_context* context, const char* f, const void* x, const void* w, const void* b, void* y,
                   int64_t m, uint32_t type = GEMMACT_F32) {
    gemmact_type bits;
    std::memcpy(&bits, &type, sizeof bits);
    return gemmact_linear(context, f, x, w, b, y, m, 4, 4, bits, nullptr);
  };
  add(
      "linear without context", [=] { return linear(nullptr, "relu", in, in, in, out, 4); }, GEMMACT_NULL_ARGUMENT,
      "context");
  add(
      "linear without x", [=] { return linear(c, "relu", nullptr, in, in, out, 4); }, GEMMACT_NULL_ARGUMENT,
      "x is null");
  add(
      "linear without w", [=] { return linear(c, "relu", in, nullptr, in, out, 4); }, GEMMACT_NULL_ARGUMENT,
      "w is null");
  add(
      "linear without y", [=] { return linear(c, "relu", in, in, in, nullptr, 4); }, GEMMACT_NULL_ARGUMENT,
      "y is null");
  add(
      "linear m", [=] { return linear(c, "relu", in, in, in, out, -4); }, GEMMACT_BAD_SIZE, "m is -4");
  add(
      "linear name", [=] { return linear(c, "rellu", in, in, in, out, 4); }, GEMMACT_UNKNOWN_ACTIVATION, "relu");
  add(
      "linear type", [=] { return linear(c, "relu", in, in, in, out, 4, 9); }, GEMMACT_BAD_ENUM, "type is 9");
  add(
      "linear bias of e4m3", [=] { return linear(c, "relu", in, in, in, out, 4, GEMMACT_E4M3); }, GEMMACT_BAD_TENSOR,
      "BIAS's type is e4m3");
  add(
      "linear onto itself", [=] { return linear(c, "relu", out, in, in, out, 4); }, GEMMACT_OVERLAP, "Y is written");
}

}  // namespace

std::vector<call_misuse> call_misuses(gemmact_context* context) {
  rows t;
  add_context(t, context);
  add_catalogue(t);
  add_plans(t, context);
  add_runs(t, context);
  add_linear(t, context);
  return t;
}

}  // namespace gemmact::test
