#include "tests/kernels/functions.hpp"

#include <fmt/format.h>

#include <map>

#include "activation_includes.hpp"

namespace gemmact::test {
namespace {

template <class Act>
function describe(int index, std::string_view name) {
  using activation::make;
  return {
      .index = index,
      .name = name,
      .info = &Act::info,
      .ref = reference::find(name),
      .has_other = activation::has_other<Act>,
      .has_grad_from_output = activation::has_grad_from_output<Act>,
      .has_bit = activation::has_bit<Act>,
      .has_param_grad = activation::has_param_grad<Act>,
      .lipschitz = [](const float* p) { return make<Act>(p).lipschitz(); },
      .curvature = [](const float* p) { return make<Act>(p).curvature(); },
      .more_ulps =
          [](double x, const float* p) {
            if constexpr (activation::has_more_ulps<Act>) return make<Act>(p).more_ulps(x);
            else return 0 * x * (p != nullptr);
          },
      .output_determines_grad =
          [](const float* p) {
            if constexpr (activation::has_output_rule<Act>) return make<Act>(p).output_determines_grad();
            else return activation::has_grad_from_output<Act> && p != nullptr;
          },
      .invalid = [](const float* p) -> const char* {
        if constexpr (activation::has_parameter_rule<Act>) return make<Act>(p).invalid();
        else return p != nullptr ? nullptr : "no parameters";
      },
      .breakpoints =
          [](const float* p) {
            if constexpr (activation::has_breakpoints<Act>) return make<Act>(p).breakpoints();
            else return activation::points{.count = p != nullptr ? 0 : -1};
          },
  };
}

// Parameter values tried beside the defaults.
const std::map<std::string_view, std::vector<std::vector<float>>> more_values = {
    {"linear", {{0.0f}, {-2.5f}, {0.3f}}},
    {"leaky_relu", {{2.0f}, {-0.5f}, {0.0f}}},
    {"prelu", {{1.5f}, {-0.5f}, {0.0f}}},
    {"swish", {{1.5f}, {-1.0f}, {0.1f}, {0.0f}}},
    {"hinge", {{-1.0f}}},
    {"elu", {{0.5f}, {-2.0f}, {0.0f}}},
    {"clip", {{-2.0f, 3.0f}, {0.5f, 0.5f}}},
};

}  // namespace

const std::vector<function>& functions() {
  static const std::vector<function> all = [] {
    std::vector<function> rows;
#define GEMMACT_ACTIVATION(name) \
  rows.push_back(describe<activation::name<accuracy::accurate>>(int(rows.size()), #name));
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
    return rows;
  }();
  return all;
}

int special_instructions(const function& f, std::string_view quantity, bool fast) {
  const bool derivative = quantity == "grad" || quantity == "param_grad";
  if (f.name == "softplus" && derivative) return fast ? 1 : 2;  // a sigmoid
  return f.info->work(fast && !derivative ? accuracy::fast : accuracy::accurate).special_functions;
}

std::string setting::text() const {
  std::string values;
  for (int i = 0; i < f->info->param_count; ++i)
    values += fmt::format("{}{}={}", i == 0 ? "" : ", ", f->info->params[i].name, p[i]);
  return values.empty() ? std::string(f->name) : fmt::format("{}({})", f->name, values);
}

std::vector<setting> settings(const function& f) {
  const int count = f.info->param_count;
  std::vector<float> defaults;
  for (int i = 0; i < count; ++i)
    defaults.push_back(f.info->params[i].operand ? 1.0f : f.info->params[i].default_value);
  std::vector<std::vector<float>> values = {defaults};
  if (const auto more = more_values.find(f.name); more != more_values.end())
    values.insert(values.end(), more->second.begin(), more->second.end());
  std::vector<setting> all;
  for (const std::vector<float>& v : values) {
    setting s{.f = &f};
    for (int i = 0; i < count; ++i) s.exact[i] = s.p[i] = v[size_t(i)];
    all.push_back(s);
  }
  return all;
}

}  // namespace gemmact::test
