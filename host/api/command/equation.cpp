#include <chrono>

#include "host/api/command/described_layer.hpp"
#include "host/api/command/equation_report.hpp"
#include "host/api/command/failures.hpp"
#include "host/api/command/function_curves.hpp"
#include "host/api/command/output.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"
#include "host/plan/pack.hpp"

namespace gemmact::api {
namespace {

struct equation_options {
  std::vector<std::string> texts, settings;
  std::optional<double> from, to;
  std::optional<std::string> plot, compile;
  bool source = false, check = false, json = false;
};

void add_options(command_line& line, equation_options& options) {
  line.words("TEXT", "the equation: \"x * sigmoid(1.7 * x)\", \"f(x; beta=1, t) = ...\" (docs/equations.md)",
             options.texts);
  line.real("--from", "left end of the interval (default -10)", options.from);
  line.real("--to", "right end (default 10)", options.to);
  line.option(
      "--set", "NAME=VALUE", "a parameter's value in place of its default; an operand's (default 1)",
      [&options](const std::string& text) { options.settings.push_back(text); }, true);
  line.text("--plot", "FILE", "an SVG file of the function and, dashed, its derivative", options.plot);
  line.flag("--source", "nothing but the C++ struct that GPUs' kernels are compiled with", options.source);
  line.text("--compile", "LIST", "compiles a forward and a backward kernel for sm_80,sm_90a,...; no GPU is needed",
            options.compile);
  line.flag("--check", "compares with an oracle at some thousands of points; exit status 1 when it differs",
            options.check);
  line.flag("--json", "all of it as a JSON object", options.json);
}

std::string source_of(const equation_facts& facts) {
  std::string source = facts.made->source;
  if (source.empty() || source.back() != '\n') source += '\n';
  return source;
}

// A layer whose function it is, and one whose gradient passes through it to the layer below.
std::vector<core::problem> layers_of(const equation_facts& facts) {
  const std::vector<std::string> common{"--m=4096", "--n=4096", "--k=4096", "--type=bf16", "--bias=column"};
  std::vector<core::problem> problems;
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--activation=" + facts.text, "--keep=auto"},
        std::vector<std::string>{"--operation=input_grad", "--below=" + facts.text}}) {
    std::vector<std::string> words = common;
    words.insert(words.end(), more.begin(), more.end());
    problems.push_back(described_problem("equation", words));
  }
  return problems;
}

std::vector<compiled_kernel> compiled(const equation_facts& facts, const std::string& listed) {
  const std::vector<int> numbers = architectures("--compile", listed);
  std::vector<compiled_kernel> all;
  try {
    const std::vector<core::problem> problems = layers_of(facts);
    for (const int architecture : numbers)
      for (const core::problem& p : problems) {
        const auto start = std::chrono::steady_clock::now();
        const auto kernels = plan::compile_kernels(std::span(&p, 1), std::span(&architecture, 1), plan::gpu_families(),
                                                   jit::compiler_options::from_environment());
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        for (const plan::packed_kernel& k : kernels)
          all.push_back({k.name, k.architecture, k.registers, k.bytes, taken.count()});
      }
  } catch (const core::failure& f) {
    std::string_view said = f.message();
    constexpr std::string_view which = "problems[0]: ";  // there is but one
    if (said.starts_with(which)) said.remove_prefix(which.size());
    throw run_error(std::string(said));
  }
  return all;
}

void draw(const equation_facts& facts, double from, double to, const std::string& path) {
  plot_request picture;
  picture.from = from;
  picture.to = to;
  picture.width = 720;
  picture.height = 440;
  const std::string values = facts.values_text();
  add_curves(picture, {facts.text, facts.values, values.empty() ? "" : " at " + values}, GEMMACT_ACCURATE, true);
  output_files files;
  files.write(path, plot_svg(picture));
  files.commit();
}

}  // namespace

void run_equation(const std::vector<std::string>& arguments) {
  equation_options options;
  command_line line(
      "equation", "TEXT [options]",
      "Shows what is made of an equation: how it was read, what will be computed and why, its derivatives, what "
      "backward "
      "keeps; and what it does over an interval, as the CPU device computes it. It can then be the activation of any "
      "layer.",
      "Examples:\n"
      "  gemmact equation \"x / (1 + exp(-x))\"\n"
      "  gemmact equation \"f(x; beta=1) = x * sigmoid(beta * x)\" --set beta=1.7 --from -4 --to 4 --plot f.svg\n"
      "  gemmact equation \"f(x; t) = max(0, 1 - t * x)\" --set t=-1 --json\n"
      "  gemmact equation \"x * tanh(log1p(exp(x)))\" --check --compile sm_80,sm_90a\n"
      "  gemmact equation \"max(0, x)^3\" --source\n");
  add_options(line, options);
  if (!line.parse(arguments)) return;
  if (options.texts.size() != 1)
    usage_fail("equation needs one TEXT in quotes, and {} are given", options.texts.size());
  const double from = options.from.value_or(-10), to = options.to.value_or(10);
  require_plot_range(from, to);
  equation_facts facts(options.texts[0]);
  for (const std::string& setting : options.settings) facts.set(setting);
  if (options.source) {
    if (options.json || options.check || options.compile || options.plot)
      usage_fail("--source is given with --json, --check, --compile or --plot; it writes the source and nothing else");
    return write_standard_output(source_of(facts));
  }
  if (options.plot == "-") usage_fail("--plot is -, where the report goes; gemmact plot draws to standard output");

  equation_report report{facts, {}, {}, {}};
  report.probe = probe_function(
      [&](const std::vector<float>& x, std::vector<float>& y, std::vector<float>& dy) { facts.evaluate(x, y, dy); },
      from, to, facts.constants());
  if (options.check) report.checked = check_equation(facts, from, to);
  if (options.compile) report.kernels = compiled(facts, *options.compile);
  if (options.plot) draw(facts, from, to, *options.plot);
  write_standard_output(options.json ? report_json(report) : report_text(report));
  if (!passed(report)) run_fail("{} differs from what its text says", core::quoted(facts.text));
}

}  // namespace gemmact::api
