#include "host/api/command/described_layer.hpp"
#include "host/api/command/device_handles.hpp"
#include "host/api/command/output.hpp"

namespace gemmact::api {
namespace {

std::string explanation(gemmact_context* context, const gemmact_problem& problem) {
  size_t bytes = 0;
  gemmact_status status = gemmact_problem_explain(context, &problem, nullptr, &bytes);
  if (status != GEMMACT_BUFFER_TOO_SMALL) check(status);
  std::string text(bytes, '\0');
  check(gemmact_problem_explain(context, &problem, text.data(), &bytes));
  text.resize(bytes - 1);  // without the final 0
  if (text.empty() || text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

void run_explain(const std::vector<std::string>& arguments) {
  command_line line(
      "explain", "--m M --n N --k K [options]",
      "Says what a device would do with a layer: the kernel, or why there is none, family by family. A layer that is "
      "refused is explained, too: the exit status is 0 for both, 2 when the command line is wrong, 1 when the device "
      "cannot be opened.",
      "Examples:\n"
      "  gemmact explain --m 64 --n 4096 --k 1024 --activation gelu --bias column\n"
      "  gemmact explain --m 8192 --n 8192 --k 8192 --type bf16 --activation swish --combine gated --keep auto\n"
      "  gemmact explain --operation input_grad --m 64 --n 256 --k 512 --below relu --bias column\n"
      "  gemmact explain --m 64 --n 256 --k 512 --type e4m3 --tensor SCALE_X:per_row --tensor SCALE_W:per_column\n");
  described_layer layer(line);
  if (!line.parse(arguments)) return;
  const gemmact_problem problem = layer.problem();
  const context_handle context = open_device(layer.device());
  write_standard_output(explanation(context.get(), problem));
}

}  // namespace gemmact::api
