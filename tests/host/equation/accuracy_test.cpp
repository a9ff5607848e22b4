// A function of the catalogue, typed as the formula that the catalogue gives for it, beside its own file: the errors of both are
// the table of docs/equations.md (rewritten with GEMMACT_UPDATE_DOCS=1).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "host/cpu/function_loops.hpp"
#include "host/cpu/isas.hpp"
#include "host/plan/functions.hpp"
#include "tests/kernels/bounds.hpp"
#include "tests/kernels/inputs.hpp"

namespace gemmact::test {
namespace {

const std::string path = GEMMACT_SOURCE_FOLDER "/docs/equations.md";
constexpr const char* begins = "<!-- from tests/host/equation/accuracy_test.cpp -->\n";
constexpr const char* ends = "<!-- end of accuracy_test.cpp -->\n";

std::string formula_text(const setting& s) {
  std::string head = "f(x";
  for (int i = 0; i < s.f->info->param_count; ++i) {
    const activation::param& p = s.f->info->params[i];
    head += fmt::format("{}{}{}", i == 0 ? "; " : ", ", p.name, p.operand ? "" : fmt::format("={}", p.default_value));
  }
  return fmt::format("{}) = {}", head, s.f->info->formula);
}

loop equation_loop(const std::string& text, const setting& s, quantity what, size_t isa, accuracy mode) {
  core::activation_use use = core::parse_activation(text, plan::functions());
  std::copy(std::begin(s.p), std::end(s.p), use.params.begin());
  const auto accuracy_of_use = mode == accuracy::fast ? GEMMACT_FAST : GEMMACT_ACCURATE;
  const cpu::function_loops loops(*cpu::available_isas()[isa], use, accuracy_of_use);
  const int which = what == quantity::value ? cpu::function_loops::value : cpu::function_loops::grad;
  return [use, loops, which](const float* in, float* out, size_t count) {
    std::array<const float*, core::max_params> parameters{};
    for (size_t p = 0; p < parameters.size(); ++p) parameters[p] = &use.params[p];
    loops(which, parameters.data(), in, out, count);
  };
}

struct errors {
  double by_hand, of_equation;  // shares of the function's bound
};

errors errors_of(const std::string& text, const setting& s, quantity what, accuracy mode, int isa) {
  static const std::vector<float> inputs = spread_inputs(1000000, 1);
  candidate both[] = {{device_loop({s, what}, size_t(isa), mode, false), mode},
                      {equation_loop(text, s, what, size_t(isa), mode), mode}};
  measure({s, what}, inputs, both);
  return {both[0].seen.normal_ratio, both[1].seen.normal_ratio};
}

// Rounded up, so that the figures hold.
std::string shown(double share) { return share == 0 ? "0" : fmt::format("{:.2f}", std::ceil(share * 100) / 100); }

TEST(equation_accuracy, is_that_of_the_catalogues_own_files) {
  const int isa = isa_with_fma();
  if (isa < 0) GTEST_SKIP() << "this machine has no fused multiply-add, which the figures need";
  std::string table = "| function | value | derivative | value, fast | derivative, fast |\n|---|---|---|---|---|\n";
  for (const function& f : functions()) {
    if (f.ref == nullptr || !f.ref->own_file) continue;  // a product's own
    const setting s = settings(f)[0];
    table += fmt::format("| {} |", f.name);
    for (const accuracy mode : {accuracy::accurate, accuracy::fast})
      for (const quantity what : {quantity::value, quantity::grad}) {
        const errors e = errors_of(formula_text(s), s, what, mode, isa);
        EXPECT_LE(e.of_equation, 1) << f.name << " " << quantity_name(what);
        EXPECT_LE(e.of_equation, 1.1 * e.by_hand) << f.name << " " << quantity_name(what);
        table += fmt::format(" {}, {} |", shown(e.by_hand), shown(e.of_equation));
      }
    table += "\n";
  }
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  std::string page = all.str();
  const size_t from = page.find(begins) + std::string_view(begins).size(), to = page.find(ends);
  ASSERT_NE(page.find(begins), page.npos);
  ASSERT_NE(to, page.npos);
  ASSERT_LE(from, to);
  if (std::getenv("GEMMACT_UPDATE_DOCS") != nullptr) {
    page.replace(from, to - from, table);
    std::ofstream(path) << page;
    return;
  }
  EXPECT_EQ(page.substr(from, to - from), table) << "GEMMACT_UPDATE_DOCS=1 rewrites it";
}

// Another function's text is noticed, and so is one that is right but for a thousandth.
TEST(equation_accuracy, of_another_function_is_noticed) {
  const int isa = isa_with_fma();
  if (isa < 0) GTEST_SKIP() << "this machine has no fused multiply-add, which the figures need";
  for (const function& f : functions()) {
    if (f.name != "swish") continue;
    const setting s = settings(f)[0];
    for (const char* text : {"x * sigmoid(1.001 * x)", "gelu(x)"})
      EXPECT_GT(errors_of(text, s, quantity::value, accuracy::accurate, isa).of_equation, 100) << text;
  }
}

}  // namespace
}  // namespace gemmact::test
