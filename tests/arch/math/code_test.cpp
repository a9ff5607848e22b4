// What ptxas makes of every function of the catalogue and of every elementary function, read from the cubin:
// special-function instructions as promised, and no branch, call, local memory or double precision.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "host/core/status.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/kernels/functions.hpp"
#include "tests/support/cubin.hpp"

namespace gemmact::test {
namespace {

constexpr uint16_t branch = 0x947;      // each kernel ends with one, to itself
constexpr uint16_t conversion = 0x310;  // between f32 and double: where there is none, neither is arithmetic of doubles
const char* const modes[] = {"accurate", "fast"};
const char* const quantities[] = {"value", "grad", "other", "param_grad"};

bool exists(const function& f, std::string_view quantity) {
  if (quantity == "other") return f.has_other;
  if (quantity == "param_grad") return f.has_param_grad;
  return true;
}

std::string kernel_name(const function& f, std::string_view quantity, std::string_view mode) {
  return fmt::format("{}_{}_{}", f.name, quantity, mode);
}

std::string kernel_text(const function& f, std::string_view quantity, std::string_view mode) {
  const std::string call = quantity == "value"        ? "f(x)"
                           : quantity == "param_grad" ? "f.param_grad(0, x)"
                                                      : fmt::format("f.{}(x)", quantity);
  return fmt::format(
      "extern \"C\" __global__ void {}(const float* in, float* out, float p0, float p1, float p2, float p3) {{\n"
      "  const float p[] = {{p0, p1, p2, p3}}, x = in[threadIdx.x];\n"
      "  const auto f = gemmact::activation::make<gemmact::activation::{}<gemmact::accuracy::{}>>(p);\n"
      "  out[threadIdx.x] = {};\n}}\n",
      kernel_name(f, quantity, mode), f.name, mode, call);
}

std::string unit_text() {
  std::string text, kernels =
                        "extern \"C\" __global__ void copy(const float* in, float* out, float, float, float, float) {\n"
                        "  out[threadIdx.x] = in[threadIdx.x];\n}\n";
  for (const function& f : functions()) {
    text += fmt::format("#include \"kernels/activation/{}.hpp\"\n", f.name);
    for (const char* quantity : quantities)
      for (const char* mode : modes)
        if (exists(f, quantity)) kernels += kernel_text(f, quantity, mode);
  }
  return text + kernels;
}

struct elementary {
  const char* name;
  int arguments, special, fast_special;  // special-function instructions
};
const elementary elementary_functions[] = {
    {"sign", 1, 0, 0},  {"exp", 1, 1, 1},     {"expm1", 1, 0, 1}, {"log", 1, 0, 1},   {"log1p", 1, 0, 1},
    {"tanh", 1, 2, 1},  {"erf", 1, 2, 2},     {"sqrt", 1, 1, 1},  {"rsqrt", 1, 1, 1}, {"sin", 1, 0, 1},
    {"cos", 1, 0, 1},   {"tan", 1, 1, 1},     {"atan", 1, 1, 1},  {"sinh", 1, 1, 2},  {"cosh", 1, 1, 2},
    {"asinh", 1, 2, 2}, {"sigmoid", 1, 2, 1}, {"pow", 2, 1, 2},
};

std::string elementary_text() {
  std::string text =
      "#include \"kernels/arch/math/math.hpp\"\n"
      "extern \"C\" __global__ void copy(const float* in, float* out) {\n"
      "  out[threadIdx.x] = in[2 * threadIdx.x] + in[2 * threadIdx.x + 1];\n}\n";
  for (const elementary& f : elementary_functions)
    for (const char* mode : modes)
      text += fmt::format(
          "extern \"C\" __global__ void {}_{}(const float* in, float* out) {{\n"
          "  out[threadIdx.x] = gemmact::math<gemmact::accuracy::{}>::{}(in[2 * threadIdx.x]{});\n}}\n",
          f.name, mode, mode, f.name, f.arguments == 2 ? ", in[2 * threadIdx.x + 1]" : "");
  return text;
}

class code : public testing::TestWithParam<const char*> {
 protected:
  // Nothing where there is no compiler.
  static std::string compiled(const std::string& kernel, const std::string& text) {
    try {
      const auto headers = jit::embedded_headers();
      return jit::nvrtc::load("")
          .compile({kernel, text, GetParam()}, {"catalogue.cu", text, {headers.begin(), headers.end()}})
          .cubin;
    } catch (const core::failure& failure) {
      if (failure.status() != GEMMACT_NO_COMPILER) throw;
      fmt::print("{}\n", failure.what());
      return "";
    }
  }
};

TEST_P(code, of_every_function_is_as_promised) {
  const std::string image = compiled("copy", unit_text());
  if (image.empty()) GTEST_SKIP() << "NVRTC is not on this machine";
  const cubin made(image);
  const int frame = made.count("copy").total();
  for (const function& f : functions())
    for (const char* quantity : quantities)
      for (const char* mode : modes) {
        if (!exists(f, quantity)) continue;
        const std::string name = kernel_name(f, quantity, mode);
        const opcode_counts seen = made.count(name);
        const int special = seen[opcode::mufu], other = seen.total() - frame - special;
        fmt::print("{} {}: {} special-function and {} other instructions\n", GetParam(), name, special, other);
        EXPECT_EQ(seen.calls(), 0) << name;
        EXPECT_EQ(seen.local_memory(), 0) << name;
        EXPECT_EQ(seen.counts.at(branch), 1) << name;
        if (f.ref == nullptr || !f.ref->own_file) continue;  // a product's own promises its value alone
        EXPECT_EQ(special, special_instructions(f, quantity, mode == modes[1])) << name;
        // The traits say about how many; this small kernel spends one or two more on its parameters.
        if (quantity == quantities[0]) {
          const int said = f.info->work(mode == modes[1] ? accuracy::fast : accuracy::accurate).arithmetic;
          EXPECT_NEAR(other, said, 2 + said / 4) << name;
        }
      }
}

TEST_P(code, of_every_elementary_function_is_as_promised) {
  const std::string image = compiled("copy", elementary_text());
  if (image.empty()) GTEST_SKIP() << "NVRTC is not on this machine";
  const cubin made(image);
  for (const elementary& f : elementary_functions)
    for (const char* mode : modes) {
      const std::string name = fmt::format("{}_{}", f.name, mode);
      const opcode_counts seen = made.count(name);
      const int special = seen[opcode::mufu];
      fmt::print("{} {}: {} special-function and about {} other instructions\n", GetParam(), name, special,
                 seen.total() - made.count("copy").total() - special);
      EXPECT_EQ(special, mode == modes[1] ? f.fast_special : f.special) << name;
      EXPECT_EQ(seen.calls(), 0) << name;
      EXPECT_EQ(seen.local_memory(), 0) << name;
      EXPECT_EQ(seen.counts.at(branch), 1) << name;
      EXPECT_EQ(seen.counts.count(conversion), 0u) << name;
    }
}

// What the tests above look for is there to be seen.
TEST_P(code, of_a_quotient_a_loop_and_a_double_is_noticed) {
  const std::string image = compiled("loop",
                                     "extern \"C\" __global__ void quotient(float* x) { x[0] = x[1] / x[2]; }\n"
                                     "extern \"C\" __global__ void loop(float* x, int n) {\n"
                                     "  for (int i = 0; i < n; ++i) x[i] = x[n * i] + 1.0f;\n}\n"
                                     "extern \"C\" __global__ void wide(float* x) {\n"
                                     "  x[0] = float(double(x[1]) * double(x[2]) + double(x[3]));\n}\n");
  if (image.empty()) GTEST_SKIP() << "NVRTC is not on this machine";
  const cubin made(image);
  EXPECT_GT(made.count("quotient").calls(), 0);
  EXPECT_GT(made.count("loop").counts.at(branch), 1);
  EXPECT_GT(made.count("wide").counts.count(conversion), 0u);
}

INSTANTIATE_TEST_SUITE_P(architectures, code, testing::Values("sm_80", "sm_89", "sm_90a"),
                         [](const testing::TestParamInfo<const char*>& one) { return std::string(one.param); });

}  // namespace
}  // namespace gemmact::test
