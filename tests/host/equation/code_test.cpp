// What NVRTC and ptxas make of equations: the formulas of the catalogue and random ones, with nothing spilled, no call and no
// branch; and as many instructions as the catalogue's own files take.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "host/core/status.hpp"
#include "host/equation/function.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/support/cubin.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using core::made_function;
using test::known_forms;
using test::opcode;

constexpr uint16_t branch = 0x947;  // each kernel ends with one, to itself
constexpr const char* modes[] = {"accurate", "fast"};

// A kernel that stores an expression of the activation `f` and of x; `type` is one of gemmact::activation without its mode.
struct kernel {
  std::string name, type, mode, expression;
  int params = 0;

  // Each thread has parameters of its own, which it reads first: of what all threads have in common, and of a load that
  // one side of a choice alone needs, a branch may be made.
  std::string text() const {
    std::string values;
    for (int i = 0; i < max_params; ++i) values += i < params ? fmt::format("loaded(at + {}), ", 32 * (1 + i)) : "0, ";
    return fmt::format(
        "extern \"C\" __global__ void {}(const float* in, float* out) {{\n"
        "  const float* at = in + threadIdx.x;\n"
        "  const float p[] = {{{}}}, x = at[0];\n"
        "  const auto f = gemmact::activation::make<gemmact::activation::{}<gemmact::accuracy::{}>>(p);\n"
        "  out[threadIdx.x] = {};\n}}\n",
        name, values, type, mode, expression);
  }
};
constexpr const char* loaded_text =
    "__device__ __forceinline__ float loaded(const float* at) {\n"
    "  float value;\n"
    "  asm volatile(\"ld.global.f32 %0, [%1];\" : \"=f\"(value) : \"l\"(at));\n"
    "  return value;\n}\n";

struct quantity {
  const char* name;
  const char* expression;
};
constexpr quantity quantities[] = {{"value", "f(x)"},
                                   {"grad", "f.grad(x)"},
                                   {"bit", "f.bit(x) ? 1.0f : 0.0f"},
                                   {"grad_from_bit", "f.grad_from_bit(x != 0.0f)"},
                                   {"grad_from_output", "f.grad_from_output(x)"},
                                   {"param_grad_0", "f.param_grad(0, x)"},
                                   {"param_grad_1", "f.param_grad(1, x)"}};

bool exists(const core::activation_info& info, const quantity& q) {
  const std::string_view name = q.name;
  if (name.find("bit") != name.npos) return info.has_bit;
  if (name == "grad_from_output") return info.has_grad_from_output;
  const int i = name == "param_grad_0" ? 0 : name == "param_grad_1" ? 1 : -1;
  return i < 0 || (i < info.param_count && info.params[i].trainable != 0);
}

std::vector<kernel> kernels_of(const core::activation_info& info, const std::string& type) {
  std::vector<kernel> all;
  for (const char* mode : modes)
    for (const quantity& q : quantities)
      if (exists(info, q))
        all.push_back({fmt::format("{}_{}_{}", type, q.name, mode), type, mode, q.expression, info.param_count});
  return all;
}

// Structs and their kernels, to be one unit.
class batch {
 public:
  void add(const made_function& made) {
    if (!types_.insert(made.type).second) return;
    files_.insert(made.files.begin(), made.files.end());
    structs_ += made.source;
    const std::vector<kernel> more = kernels_of(made.info, made.type);
    kernels_.insert(kernels_.end(), more.begin(), more.end());
  }
  void add(const kernel& one, const std::string& file) {
    files_.insert(file);
    kernels_.push_back(one);
  }

  const std::vector<kernel>& kernels() const { return kernels_; }
  size_t size() const { return types_.size(); }

  // The cubin; nothing where there is no compiler. A spill or a warning is an error.
  std::string compiled(const char* architecture) const {
    std::string text = "#include \"kernels/activation/activation.hpp\"\n";
    for (const std::string& file : files_) text += fmt::format("#include \"kernels/activation/{}.hpp\"\n", file);
    text += "namespace gemmact::activation {\n" + structs_ + "}\n" + loaded_text;
    for (const kernel& k : kernels_) text += k.text();
    const auto headers = jit::embedded_headers();
    return jit::nvrtc::load("")
        .compile({kernels_.front().name, text, architecture}, {"equations.cu", text, {headers.begin(), headers.end()}})
        .cubin;
  }

 private:
  std::set<std::string> types_, files_;
  std::string structs_;
  std::vector<kernel> kernels_;
};

bool has_compiler() {
  try {
    jit::nvrtc::load("");
    return true;
  } catch (const core::failure& failure) {
    fmt::print("{}\n", failure.what());
    return false;
  }
}

// Its name where a kernel does what it should not.
void expect_clean(const test::cubin& made, const kernel& k) {
  const test::opcode_counts seen = made.count(k.name);
  EXPECT_EQ(seen.calls(), 0) << k.name;
  EXPECT_EQ(seen.local_memory(), 0) << k.name;
  EXPECT_EQ(seen.counts.at(branch), 1) << k.name;
}

// The function's formula as an equation, with its parameters.
std::string formula_text(const core::activation_info& info) {
  std::string head = "f(x";
  for (int i = 0; i < info.param_count; ++i)
    head += fmt::format("{}{}{}", i == 0 ? "; " : ", ", info.params[i].name, info.params[i].is_operand ? "" : "=0.75");
  return fmt::format("{}) = {}", head, info.formula);
}

constexpr const char* architectures[] = {"sm_80", "sm_90a"};

// One batch for each, in two threads; what does not compile is told.
std::vector<std::string> compile_all(const std::vector<batch>& batches, const char* architecture) {
  std::vector<std::string> cubins(batches.size()), errors(batches.size());
  const auto work = [&](size_t first) {
    for (size_t i = first; i < batches.size(); i += 2) try {
        cubins[i] = batches[i].compiled(architecture);
      } catch (const core::failure& failure) {
        errors[i] = failure.what();
      }
  };
  std::thread second(work, 1);
  work(0);
  second.join();
  for (const std::string& error : errors) EXPECT_EQ(error, "");
  return cubins;
}

void check_all(const std::vector<batch>& batches) {
  for (const char* architecture : architectures) {
    const std::vector<std::string> cubins = compile_all(batches, architecture);
    for (size_t i = 0; i < batches.size(); ++i) {
      if (cubins[i].empty()) continue;
      const test::cubin made(cubins[i]);
      for (const kernel& k : batches[i].kernels()) expect_clean(made, k);
    }
  }
}

TEST(equation_code, of_every_formula_and_of_random_equations_is_clean) {
  if (!has_compiler()) GTEST_SKIP() << "NVRTC is not on this machine";
  std::vector<batch> batches(4);
  for (const core::activation_info& info : known_forms().functions())
    batches[0].add(*make_function(formula_text(info), known_forms()));
  const uint64_t count = test::case_count(200, 5);
  for (uint64_t i = 0; i < count; ++i) {
    if (!test::case_selected(i)) continue;
    test::random_source random(7000 + i);
    const std::string text = test::random_equation(random, static_cast<int>(random.between(4, 16)));
    batches[i % batches.size()].add(*make_function(text, known_forms()));
  }
  size_t size = 0;
  for (const batch& b : batches) size += b.size();
  fmt::print("{} equations\n", size);
  if (test::case_share() == 1) {
    EXPECT_GE(size, count * 9 / 10);
  }
  check_all(batches);
}

// A function's formula, and the file written by hand.
TEST(equation_code, of_a_formula_is_as_long_as_the_functions_own) {
  if (!has_compiler()) GTEST_SKIP() << "NVRTC is not on this machine";
  batch all;
  std::map<std::string, std::string> type_of;
  for (const core::activation_info& info : known_forms().functions()) {
    const auto made = make_function(formula_text(info), known_forms());
    type_of[info.name] = made->type;
    all.add(*made);
    for (const kernel& k : kernels_of(info, info.name)) all.add(k, info.name);
  }
  for (const char* architecture : architectures) {
    const test::cubin made(all.compiled(architecture));
    for (const auto& [name, type] : type_of) {
      if (name == "step") continue;  // its file says NaN of NaN, its formula 0
      for (const char* quantity : {"value", "grad"})
        for (const char* mode : modes) {
          const int own = made.count(fmt::format("{}_{}_{}", name, quantity, mode)).total();
          const int equation = made.count(fmt::format("{}_{}_{}", type, quantity, mode)).total();
          fmt::print("{} {} {} {}: {} by hand, {} of the equation\n", architecture, name, quantity, mode, own,
                     equation);
          EXPECT_NEAR(equation, own, std::max(2, own / 10)) << name << " " << quantity << " " << mode;
        }
    }
  }
}

// What the prediction of time believes of each operation is what is there, in both modes.
TEST(equation_code, of_each_operation_is_as_long_as_said) {
  if (!has_compiler()) GTEST_SKIP() << "NVRTC is not on this machine";
  std::vector<std::string> texts = {"f(x; t) = x + t",          "f(x; t) = x * t",      "f(x; t) = x / t",
                                    "f(x; t) = x ^ t",          "f(x; t) = min(x, t)",  "clamp(x, -0.5, 2)",
                                    "f(x; t) = x < t ? x : -t", "x * sin(x) + x^2 * 3", "erf(x) / (1 + x^2)",
                                    "sinh(x) - 2 * log1p(x^2)"};
  for (const operation_row& row : operation_rows())
    if (row.is_function && row.children == 1) texts.push_back(fmt::format("{}(x)", row.spelling));
  batch all;
  const auto add = [&](const std::string& text) {
    const auto made = make_function(text, known_forms());
    all.add(*made);
    return made;
  };
  std::vector<std::shared_ptr<const made_function>> functions;
  const auto nothing = add("x");
  for (const std::string& text : texts) functions.push_back(add(text));
  for (const char* architecture : architectures) {
    const test::cubin made(all.compiled(architecture));
    for (size_t i = 0; i < texts.size(); ++i)
      for (const int mode : {0, 1}) {
        const core::activation_info& info = functions[i]->info;
        const auto name = [&](const made_function& f) { return fmt::format("{}_value_{}", f.type, modes[mode]); };
        const test::opcode_counts seen = made.count(name(*functions[i]));
        const int frame = made.count(name(*nothing)).total() + (info.param_count > 0 ? 1 : 0);
        const int special = seen[opcode::mufu], others = seen.total() - special - frame;
        const auto& said = info.work[mode];
        EXPECT_EQ(special, said.special_functions) << texts[i] << " " << modes[mode] << " " << architecture;
        EXPECT_NEAR(others, said.arithmetic, 2 + said.arithmetic / 4)
            << texts[i] << " " << modes[mode] << " " << architecture;
      }
  }
}

// What is looked for above is there to be seen.
TEST(equation_code, that_branches_is_noticed) {
  if (!has_compiler()) GTEST_SKIP() << "NVRTC is not on this machine";
  batch one;
  one.add({"branching", "swish", "accurate", "x > 0.0f ? f(x) : f.param_grad(0, sqrtf(x) / x)", 1}, "swish");
  const test::cubin made(one.compiled("sm_90a"));
  EXPECT_GT(made.count("branching").counts.at(branch), 1);
}

}  // namespace
}  // namespace gemmact::equation
