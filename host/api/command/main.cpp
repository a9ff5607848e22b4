// gemmact: the library from a terminal. Exit status 0, 1 for a run that failed, 2 for a wrong command line.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "host/api/command/command_line.hpp"
#include "host/api/command/failures.hpp"
#include "host/api/command/output.hpp"
#include "host/core/nearest.hpp"

namespace gemmact::api {
namespace {

constexpr command commands[] = {
    {"info", "this library, and the devices of this machine", run_info},
    {"list", "the catalogue of activation functions", run_list},
    {"explain", "what a device would do with a layer, or why it cannot", run_explain},
    {"run", "run a layer on NumPy arrays", run_run},
    {"plot", "draw functions and their derivatives", run_plot},
    {"pack", "compile kernels for GPUs ahead of time", run_pack},
    {"tune", "time a GPU's kernels on layers of yours, and remember the fastest", run_tune},
    {"equation", "an equation as a function: its derivative, its range, its kernels", run_equation},
};

std::string version_text() {
  const uint32_t v = gemmact_version();
  return fmt::format("gemmact {}.{}.{}\n", v / 10000, v / 100 % 100, v % 100);
}

std::string help() {
  std::string out =
      "gemmact: a neuron layer Y = f(X W^T + b), forward or backward, is one kernel.\n\n"
      "Usage: gemmact COMMAND ...\n\nCommands:\n";
  for (const command& c : commands) out += fmt::format("  {:<10}{}\n", c.name, c.summary);
  return out +
         "\ngemmact COMMAND --help tells a command's options; gemmact --version the version.\n\n"
         "Examples:\n"
         "  gemmact info\n"
         "  gemmact list swish\n"
         "  gemmact explain --m 8192 --n 8192 --k 8192 --type bf16 --activation swish --device cpu\n"
         "  gemmact run --x x.npy --w w.npy --bias b.npy --activation relu --y y.npy\n"
         "  gemmact plot sigmoid tanh \"leaky_relu(slope=0.1)\" --out functions.svg\n"
         "  gemmact pack problems.json --arch sm_80,sm_90 -o my.pack\n"
         "  gemmact tune --shapes bench/shapes/gpt_layers.csv --activation gelu --bias column\n"
         "  gemmact equation \"f(x; beta=1) = x * sigmoid(beta * x)\" --check\n";
}

void dispatch(const std::vector<std::string>& words) {
  if (words.empty())
    usage_fail("a command is missing: info, list, explain, run, plot, pack, tune or equation (see gemmact --help)");
  if (words[0] == "--help" || words[0] == "-h") return write_standard_output(help());
  if (words[0] == "--version") return write_standard_output(version_text());
  std::vector<std::string_view> names;
  for (const command& c : commands) {
    if (words[0] == c.name) return c.run({words.begin() + 1, words.end()});
    names.push_back(c.name);
  }
  std::string near = core::did_you_mean(words[0], names);
  if (near.empty())
    near = "; the commands are info, list, explain, run, plot, pack, tune and equation (see gemmact --help)";
  usage_fail("{} is no command{}", core::quoted(words[0]), near);
}

// Where a message's last two lines, the text of an equation and a caret under it, begin; its length where it has none.
size_t place_shown(const std::string& message) {
  const size_t caret = message.rfind('\n');
  if (caret == message.npos || caret == 0 || message.back() != '^') return message.size();
  if (message.find_first_not_of(' ', caret + 1) != message.size() - 1) return message.size();
  return std::min(message.rfind("\n  ", caret - 1), message.size());
}

int failed(int exit_status, std::string message) {
  // Otherwise it is one line, whatever it or a file's name has in it.
  const size_t shown = place_shown(message);
  for (size_t i = 0; i < message.size(); ++i) {
    const auto c = static_cast<unsigned char>(message[i]);
    if ((c < 0x20 || c == 0x7f) && !(c == '\n' && i >= shown)) message[i] = ' ';
  }
  std::fprintf(stderr, "gemmact: %s\n", message.c_str());
  return exit_status;
}

}  // namespace

int run_command(const std::vector<std::string>& words) {
  try {
    dispatch(words);
    return 0;
  } catch (const usage_error& e) {
    return failed(2, e.what());
  } catch (const std::bad_alloc&) {
    return failed(1, "out of memory");
  } catch (const std::exception& e) {
    return failed(1, e.what());
  }
}

}  // namespace gemmact::api

int main(int count, char** words) {
  std::signal(SIGPIPE, SIG_IGN);
  return gemmact::api::run_command(std::vector<std::string>(words + std::min(count, 1), words + count));
}
