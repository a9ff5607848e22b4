#include "host/api/command/described_layer.hpp"

#include <algorithm>

#include "host/api/command/failures.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/pack.hpp"

namespace gemmact::api {

described_layer::described_layer(command_line& line, bool on_gpu) {
  layer_.on_gpu = on_gpu;
  add_layer_options(line, layer_);
  line.flag("--variable-m", "m is the largest that will be run", variable_m_);
  add_tensor_options(line, sizes_);
}

gemmact_problem described_layer::problem() {
  for (const auto& [name, value] :
       {std::pair{"--m", sizes_.m}, {"--n", sizes_.n}, {"--k", sizes_.k}, {"--batch", sizes_.batch}})
    if (value < 1)
      usage_fail("{} is {}; it must be at least 1", name, value == 0 ? "0 or not given" : std::to_string(value));
  gemmact_problem problem = layer_problem(layer_);
  tensors_ = layer_tensors(layer_, sizes_);
  problem.m = sizes_.m, problem.n = sizes_.n, problem.k = sizes_.k, problem.batch = sizes_.batch;
  problem.tensors = tensors_.data();
  problem.tensor_count = tensors_.size();
  if (variable_m_) problem.flags |= GEMMACT_VARIABLE_M;
  return problem;
}

void described_layer::set(const listed_shape& shape) {
  if (!told_compute_) told_compute_ = layer_.compute;
  sizes_.m = shape.m, sizes_.n = shape.n, sizes_.k = shape.k;
  if (shape.type) sizes_.type = *shape.type;  // of a list, all tell it or none
  layer_.compute = shape.tf32 ? GEMMACT_COMPUTE_TF32 : *told_compute_;
}

std::string described_layer::sizes() const {
  const bool tf32 = sizes_.type == GEMMACT_F32 && layer_.compute == GEMMACT_COMPUTE_TF32;
  return fmt::format("m {}, n {}, k {}, {}", sizes_.m, sizes_.n, sizes_.k, tf32 ? "tf32" : core::name_of(sizes_.type));
}

core::problem described_problem(const std::string& command, const std::vector<std::string>& words) {
  command_line line(command, "", "", "");
  described_layer layer(line);
  line.parse(words);
  const gemmact_problem problem = layer.problem();
  return core::check_problem(&problem, plan::functions());
}

std::vector<int> architectures(const std::string& option, const std::string& text) {
  std::vector<int> numbers;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    try {
      numbers.push_back(plan::architecture_number(text.substr(begin, end - begin)));
    } catch (const core::failure& f) {
      usage_fail("{} is {}: {}", option, core::quoted(text), f.message());
    }
    begin = end + 1;
  }
  return numbers;
}

}  // namespace gemmact::api
