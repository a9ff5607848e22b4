#include "host/api/command/device_handles.hpp"
#include "host/api/command/layer_tensors.hpp"
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

void check_sizes(const tensor_options& sizes) {
  for (const auto& [name, value] :
       {std::pair{"--m", sizes.m}, {"--n", sizes.n}, {"--k", sizes.k}, {"--batch", sizes.batch}})
    if (value < 1)
      usage_fail("{} is {}; it must be at least 1", name, value == 0 ? "0 or not given" : std::to_string(value));
}

}  // namespace

void run_explain(const std::vector<std::string>& arguments) {
  layer_options layer;
  tensor_options sizes;
  bool variable_m = false;
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
  add_layer_options(line, layer);
  line.flag("--variable-m", "m is the largest that will be run", variable_m);
  add_tensor_options(line, sizes);
  if (!line.parse(arguments)) return;
  check_sizes(sizes);
  gemmact_problem problem = layer_problem(layer);
  const std::vector<gemmact_tensor> tensors = layer_tensors(layer, sizes);
  problem.m = sizes.m, problem.n = sizes.n, problem.k = sizes.k, problem.batch = sizes.batch;
  problem.tensors = tensors.data();
  problem.tensor_count = tensors.size();
  if (variable_m) problem.flags |= GEMMACT_VARIABLE_M;
  const context_handle context = open_device(layer.device_name());
  write_standard_output(explanation(context.get(), problem));
}

}  // namespace gemmact::api
