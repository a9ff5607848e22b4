#include "host/api/command/command_line.hpp"
#include "host/api/command/failures.hpp"
#include "host/api/command/function_curves.hpp"
#include "host/api/command/output.hpp"

namespace gemmact::api {
namespace {

constexpr size_t most_functions = 32;

// An operand, such as a hinge's target, is drawn at 1.
drawn_function drawn(const std::string& text) {
  size_t index = 0;
  float values[GEMMACT_MAX_PARAMS] = {};
  check(gemmact_activation_parse(text.c_str(), &index, values, GEMMACT_MAX_PARAMS));
  const described_function info(text);
  std::string operands;
  for (uint32_t i = 0; i < info.param_count; ++i) {
    if (info.params[i].is_operand == 0) continue;
    values[i] = 1.0f;
    operands += fmt::format("{}{} = 1", operands.empty() ? " at " : ", ", info.params[i].name);
  }
  return {text, {values, values + info.param_count}, operands};
}

}  // namespace

void run_plot(const std::vector<std::string>& arguments) {
  std::vector<std::string> functions;
  std::optional<std::string> out;
  std::optional<double> from, to;
  int64_t width = 720, height = 440;
  gemmact_accuracy accuracy = GEMMACT_ACCURATE;
  bool no_derivative = false;
  command_line line("plot", "FUNCTION... --out FILE.svg [options]",
                    "Draws functions of the catalogue, or equations, and, dashed, their derivatives, as the CPU device "
                    "computes them.",
                    "Examples:\n"
                    "  gemmact plot swish --out swish.svg\n"
                    "  gemmact plot sigmoid tanh \"leaky_relu(slope=0.1)\" --from -4 --to 4 --out three.svg\n"
                    "  gemmact plot gelu gelu_tanh --no-derivative --out - | rsvg-convert -o gelu.png\n");
  line.words("FUNCTION", "names, with parameters where wanted: relu, \"swish(beta=1.5)\"; equations in x", functions);
  line.text("--out", "FILE", "the SVG file to write; - is standard output", out);
  line.real("--from", "left end (default -6)", from);
  line.real("--to", "right end (default 6)", to);
  line.flag("--no-derivative", "the functions only", no_derivative);
  line.choice("--accuracy", "as which accuracy computes them (default accurate)", accuracy,
              {GEMMACT_ACCURATE, GEMMACT_FAST});
  line.whole("--width", "pixels (default 720)", width);
  line.whole("--height", "pixels (default 440)", height);
  if (!line.parse(arguments)) return;

  if (functions.empty()) usage_fail("plot needs a FUNCTION, such as relu (gemmact list has them all)");
  if (functions.size() > most_functions)
    usage_fail("plot is given {} functions; it draws at most {}", functions.size(), most_functions);
  if (!out) usage_fail("plot needs --out FILE.svg");
  for (const auto& [name, value] : {std::pair{"--width", width}, std::pair{"--height", height}})
    if (value < 160 || value > 10000) usage_fail("{} is {}; it must be from 160 to 10000", name, value);
  plot_request picture;
  picture.from = from.value_or(picture.from);
  picture.to = to.value_or(picture.to);
  require_plot_range(picture.from, picture.to);
  picture.width = int(width);
  picture.height = int(height);
  for (const std::string& text : functions) add_curves(picture, drawn(text), accuracy, !no_derivative);
  const std::string svg = plot_svg(picture);
  if (*out == "-") return write_standard_output(svg);
  output_files files;
  files.write(*out, svg);
  files.commit();
}

}  // namespace gemmact::api
