// Writes docs/activations.md and its pictures from the catalogue, or checks that the committed ones are what it would
// write:  generate_activation_docs write|check DOCS_DIRECTORY
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "host/api/plot.hpp"
#include "tests/kernels/bounds.hpp"
#include "tests/kernels/inputs.hpp"

namespace gemmact::test {
namespace {

using activation::needs;
using files = std::map<std::string, std::string>;  // text by path within docs/

const char* const measured_label = "| largest error measured |";

const char* keeps_text(const function& f) {
  switch (f.info->keeps) {
    case needs::nothing:
      return "nothing";
    case needs::bit:
      return f.has_grad_from_output ? "one bit an element (or y, or z)" : "one bit an element (or z)";
    case needs::output:
      return "y (or z)";
    case needs::z:
      return "z";
  }
  return "";
}

std::string params_text(const function& f) {
  std::string text;
  for (int i = 0; i < f.info->param_count; ++i) {
    const activation::param& p = f.info->params[i];
    text += i == 0 ? "" : ", ";
    if (p.operand) text += fmt::format("`{}`, an operand tensor", p.name);
    else text += fmt::format("`{}` = {}{}", p.name, p.default_value, p.trainable ? " (trainable)" : "");
  }
  return text.empty() ? "none" : text;
}

std::string cost_text(const function& f) {
  const activation::instructions accurate = f.info->work(accuracy::accurate), fast = f.info->work(accuracy::fast);
  std::string text = fmt::format("{} special-function and about {} other instructions an element",
                                 accurate.special_functions, accurate.arithmetic);
  if (fast.special_functions != accurate.special_functions || fast.arithmetic != accurate.arithmetic)
    text += fmt::format("; in the fast mode {} and {}", fast.special_functions, fast.arithmetic);
  return text;
}

std::string power_of_two(double v) { return fmt::format("2^{:g}", std::log2(v)); }

std::string accurate_bound(const function& f) {
  if (f.info->accurate_ulps == 0) return "exact";
  const std::string more = f.info->more_ulps;
  const std::string ulps = more.empty() ? fmt::format("{:g}", f.info->accurate_ulps)
                                        : fmt::format("({:g} + `{}`)", f.info->accurate_ulps, more);
  return ulps + " * 2^-24 * abs(y)";
}

std::string fast_bound(const function& f) {
  std::string text;
  if (f.info->fast_relative > 0) text = power_of_two(f.info->fast_relative) + " * abs(y)";
  if (f.info->fast_absolute > 0)
    text += (text.empty() ? "" : " + ") + power_of_two(f.info->fast_absolute) + " * max(1, abs(x))";
  return text.empty() ? "as accurate" : text;
}

std::string number(double v) { return std::isinf(v) ? "none" : fmt::format("{:.5g}", v); }

double share_of_bound(const setting& s, quantity q, accuracy mode, int isa) {
  static const std::vector<float> inputs = spread_inputs(1000000, 1);
  candidate one[] = {{device_loop({s, q}, size_t(isa), mode, false), mode}};
  measure({s, q}, inputs, one);
  return one[0].seen.normal_ratio;
}

// Rounded up, so that the figures hold.
double up(double v) { return std::ceil(v * 100) / 100; }

std::string measured_row(const function& f) {
  const int isa = isa_with_fma();
  if (isa < 0) return std::string(measured_label) + "\n";
  const setting s = settings(f)[0];
  const double value = share_of_bound(s, quantity::value, accuracy::accurate, isa);
  const double grad = share_of_bound(s, quantity::grad, accuracy::accurate, isa);
  if (value == 0 && grad == 0) return std::string(measured_label) + " none: exact |\n";
  std::string text = fmt::format("value {:.2f} of its bound", up(value));
  if (*f.info->more_ulps == '\0' && value > 0)
    text += fmt::format(" ({:.2f} * 2^-24 * abs(y))", up(value * f.info->accurate_ulps));
  text += grad == 0 ? ", derivative exact" : fmt::format(", derivative {:.2f} of its bound", up(grad));
  if (f.info->fast_relative > 0 || f.info->fast_absolute > 0)
    text += fmt::format("; fast: {:.2f} and {:.2f}", up(share_of_bound(s, quantity::value, accuracy::fast, isa)),
                        up(share_of_bound(s, quantity::grad, accuracy::fast, isa)));
  return fmt::format("{} {} |\n", measured_label, text);
}

std::string section(const function& f) {
  const setting s = settings(f)[0];
  const std::string aliases = f.info->aliases;
  std::string text = fmt::format("## {}\n\n![{} and its derivative](activations/{}.svg)\n\n", f.name, f.name, f.name);
  text += fmt::format("| y | `{}` |\n|---|---|\n| dy/dx | `{}` |\n", f.info->formula, f.info->derivative);
  if (!aliases.empty()) text += fmt::format("| also called | {} |\n", aliases);
  text += fmt::format("| parameters | {} |\n| backward keeps | {} |\n", params_text(f), keeps_text(f));
  text += fmt::format("| cost | {} |\n", cost_text(f));
  text += fmt::format("| largest slope, curvature | {}, {} |\n", number(f.lipschitz(s.p)), number(f.curvature(s.p)));
  text += fmt::format("| bound, accurate | {} |\n| bound, fast | {} |\n", accurate_bound(f), fast_bound(f));
  text += measured_row(f);
  if (*f.info->note != '\0') text += fmt::format("\n{}\n", f.info->note);
  return text + "\n";
}

std::string picture(const function& f) {
  const setting s = settings(f)[0];
  double extent = 4;
  const activation::points jumps = f.breakpoints(s.p);
  for (int i = 0; i < jumps.count; ++i) extent = std::fmax(extent, 1.25 * std::abs(jumps.at[i]));
  const std::vector<float> x = api::plot_points(-extent, extent, 401);
  std::vector<float> y, slope;
  for (const float v : x) {
    y.push_back(float(f.ref->value(v, s.exact)));
    slope.push_back(float(f.ref->grad(v, s.exact)));
  }
  return api::plot_svg({.title = s.text(),
                        .from = -extent,
                        .to = extent,
                        .curves = {{"f", y, false, 0}, {"f'", slope, true, 0}},
                        .width = 480,
                        .height = 320});
}

const char* const introduction = R"(# The activations

Every function of the catalogue, as `gemmact list` prints it. This page and its pictures are generated
(`cmake --build build --target activation_docs`); a test compares them with a fresh generation. x is the pre-activation.

*Bounds* are on the f32 result at an exact x, before it is rounded to the output's type: of the value, and in
[numerics.md](numerics.md) of the derivative. What is *measured* is the largest error over a million fixed inputs (random
bit patterns and dense ranges), by the CPU device's code against a double-precision reference. It depends on IEEE
arithmetic with fused multiply-add alone, so it is the same on every machine that has it, and the test recomputes it; it
says nothing of a GPU. The *cost* is the count that plans are estimated with.

The pictures show f (solid) and f' (dashed) with the default parameters.

)";

files generate() {
  files all;
  std::string page = introduction;
  page += "| function | y | backward keeps | parameters |\n|---|---|---|---|\n";
  for (const function& f : functions())
    page +=
        fmt::format("| [{0}](#{0}) | `{1}` | {2} | {3} |\n", f.name, f.info->formula, keeps_text(f), params_text(f));
  page += "\n";
  for (const function& f : functions()) {
    page += section(f);
    all[fmt::format("activations/{}.svg", f.name)] = picture(f);
  }
  while (page.ends_with("\n\n")) page.pop_back();
  all["activations.md"] = page;
  return all;
}

std::string read_file(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Without the measured figures, where this machine cannot make them.
std::string comparable(const std::string& text) {
  if (isa_with_fma() >= 0) return text;
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) out += line.starts_with(measured_label) ? "" : line + "\n";
  return out;
}

int check(const std::filesystem::path& docs, const files& fresh) {
  int differing = 0;
  for (const auto& [name, text] : fresh) {
    if (comparable(read_file(docs / name)) == comparable(text)) continue;
    std::istringstream committed(read_file(docs / name)), made(text);
    std::string was, is;
    int line = 0;
    do ++line, was.clear(), is.clear();
    while (bool(std::getline(committed, was)) & bool(std::getline(made, is)) && was == is);
    fmt::print(stderr, "docs/{}: line {} is\n  {}\nand would be\n  {}\n", name, line, was, is);
    ++differing;
  }
  for (const auto& entry : std::filesystem::directory_iterator(docs / "activations")) {
    const std::string name = "activations/" + entry.path().filename().string();
    if (fresh.contains(name)) continue;
    fmt::print(stderr, "docs/{} belongs to no function\n", name);
    ++differing;
  }
  if (differing > 0)
    fmt::print(stderr, "{} file(s) differ; `cmake --build build --target activation_docs` writes them\n", differing);
  return differing == 0 ? 0 : 1;
}

int write(const std::filesystem::path& docs, const files& fresh) {
  std::filesystem::create_directories(docs / "activations");
  for (const auto& [name, text] : fresh) {
    std::ofstream out(docs / name, std::ios::binary);
    if (!(out << text)) {
      fmt::print(stderr, "docs/{} cannot be written\n", name);
      return 1;
    }
  }
  return 0;
}

int run(int count, char** arguments) {
  const std::string_view verb = count == 3 ? arguments[1] : "";
  if (verb != "write" && verb != "check") {
    fmt::print(stderr, "usage: generate_activation_docs write|check DOCS_DIRECTORY\n");
    return 2;
  }
  const std::filesystem::path docs = arguments[2];
  if (verb == "write" && isa_with_fma() < 0) {
    fmt::print(stderr, "this machine has no fused multiply-add, which the measured figures need\n");
    return 1;
  }
  const files fresh = generate();
  return verb == "write" ? write(docs, fresh) : check(docs, fresh);
}

}  // namespace
}  // namespace gemmact::test

int main(int count, char** arguments) { return gemmact::test::run(count, arguments); }
