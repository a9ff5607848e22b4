#include "host/examples/digits/options.hpp"

#include <charconv>
#include <system_error>

namespace examples {

const char* const help_text =
    "Networks learn to read digits, which are drawn here or come from files in MNIST's format: two and three layers,\n"
    "each function of the catalogue in turn, why gradients vanish and units die, and what cures it.\n"
    "\n"
    "Usage: example_digits [options]\n"
    "  --device NAME    cpu (default), or cuda:0, where a function that the GPU's kernels refuse says so in its row\n"
    "  --data DIR       a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and\n"
    "                   t10k-labels-idx1-ubyte, not compressed\n"
    "  --function TEXT  only this function: relu, \"swish(beta=1.5)\", maxout, gated:swish (a gated pair), or an "
    "equation:\n"
    "                   \"f(x; s[n]=0.1) = x > 0 ? x : s * x\"\n"
    "  --steps N        of the first networks, or of the one function (default 3000; 900 with --quick)\n"
    "  --seed N         of the drawing, of the weights and of the order (default 1)\n"
    "  --svg FILE       draws the gradient's norm by depth into this file, too\n"
    "  --quick          fewer digits and fewer steps\n"
    "  --help           prints this\n"
    "\n"
    "Of the digits that are drawn here it says what must be found, and of the first networks so with their default "
    "steps.\n"
    "Exit status: 0; 1 where something is not as it says (its line begins with WRONG), or could not be run; 2 for a "
    "wrong\n"
    "command line.\n";

namespace {

uint32_t whole_number(const std::string& option, const std::string& value, uint32_t least) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least)
    throw usage_error(option + " is \"" + value + "\"; it must be a whole number from " + std::to_string(least) +
                      " to 4294967295");
  return number;
}

}  // namespace

options parse_options(int count, const char* const* words) {
  options chosen;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--help" || word == "-h") {
      chosen.help = true;
      return chosen;
    }
    if (word == "--quick") {
      chosen.quick = true;
      continue;
    }
    const bool known = word == "--device" || word == "--data" || word == "--function" || word == "--seed" ||
                       word == "--steps" || word == "--svg";
    if (!known) throw usage_error("\"" + word + "\" is no option (see --help)");
    if (++i == count) throw usage_error(word + " needs a value (see --help)");
    const std::string value = words[i];
    if (word == "--device") chosen.device = value;
    if (word == "--data") chosen.data = value;
    if (word == "--function") chosen.function = value;
    if (word == "--svg") chosen.svg = value;
    if (word == "--seed") chosen.seed = whole_number(word, value, 0);
    if (word == "--steps") chosen.steps = whole_number(word, value, 1);
  }
  return chosen;
}

}  // namespace examples
