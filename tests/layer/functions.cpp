#include "tests/layer/functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "tests/layer/equations.hpp"

namespace gemmact::test {
namespace {

constexpr std::string_view exact_functions[] = {"linear", "relu",  "leaky_relu", "prelu",
                                                "step",   "hinge", "clip",       "relu6"};

std::vector<function> read_catalogue() {
  size_t count = 0;
  if (gemmact_activation_count(&count) != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
  std::vector<function> all;
  for (size_t i = 0; i < count; ++i) {
    gemmact_activation_info info{};
    info.struct_bytes = sizeof info;
    if (gemmact_activation_get_info(i, &info) != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
    function f{info.name, {}, info.needs, reference::find(info.name), false};
    if (f.reference == nullptr) throw std::runtime_error(fmt::format("{} has no reference", info.name));
    for (uint32_t p = 0; p < info.param_count; ++p)
      f.params.push_back({info.params[p].name, info.params[p].default_value, info.params[p].trainable != 0,
                          info.params[p].is_operand != 0, info.params[p].is_per_column != 0});
    f.exact = std::count(std::begin(exact_functions), std::end(exact_functions), f.name) != 0;
    all.push_back(std::move(f));
  }
  return all;
}

constexpr double unit = 0x1p-24;

}  // namespace

// The last term is the smallest subnormal, below which nothing is relative.
double function::value_error(double z, double value, const double* p, bool fast) const {
  const bool limit = std::isinf(z);  // the value there may be rounded, no more
  const double accurate =
      limit ? 2 * unit * std::fabs(value) : (reference->value_ulps(z, p) + 1) * unit * std::fabs(value) + 0x1p-149;
  if (!fast || exact) return accurate;
  return accurate + (name == "tanh" ? 0x1p-11 * std::fabs(value) : 0x1p-12 * std::max(1.0, limit ? 0.0 : std::fabs(z)));
}

double function::grad_error(double z, const double* p, bool fast) const {
  const double scale = reference->grad_scale(z, p);
  const double slope = std::fabs(reference->grad(z, p));
  if (scale == 0 && (slope == 0 || slope >= 0x1p-126)) return 0;  // a constant
  const double accurate = unit * scale + 0x1p-126;
  return !fast || exact ? accurate : accurate + 0x1p-11 * std::max(1.0, std::isinf(z) ? 0.0 : std::fabs(z));
}

const std::vector<function>& functions() {
  static const std::vector<function> all = read_catalogue();
  return all;
}

const function& find_function(std::string_view name) {
  for (const function& f : functions())
    if (f.name == name) return f;
  throw std::runtime_error(fmt::format("the catalogue has no {}", name));
}

function_use parse_use(std::string_view text) {
  for (const function& f : equations()) {
    if (f.name != text) continue;
    function_use use{&f, {}};
    for (size_t p = 0; p < f.params.size(); ++p) use.params[p] = f.params[p].default_value;
    return use;
  }
  const size_t open = text.find('(');
  function_use use{&find_function(text.substr(0, open)), {}};
  for (size_t p = 0; p < use.f->params.size(); ++p) {
    const function_param& param = use.f->params[p];
    const size_t at = text.find(param.name + "=", open == text.npos ? text.size() : open);
    use.params[p] = at == text.npos
                        ? param.default_value
                        : double(std::strtof(std::string(text.substr(at + param.name.size() + 1)).c_str(), nullptr));
  }
  return use;
}

}  // namespace gemmact::test
