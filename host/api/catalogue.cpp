#include <cmath>
#include <cstring>

#include "host/api/guard.hpp"
#include "host/core/names.hpp"
#include "host/core/overlap.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"
#include "host/plan/functions.hpp"

using namespace gemmact;

namespace {

std::string_view bounded(const char* text) { return {text, strnlen(text, core::max_activation_text + 1)}; }

core::activation_use parse(const char* text) {
  api::require(text, "text");
  return core::parse_activation(bounded(text), plan::functions());
}

// The text's parameters, or the caller's in their place.
core::activation_use with_values(const char* text, const float* values, size_t value_count) {
  core::activation_use use = parse(text);
  if (value_count != 0) api::require(values, "values");
  if (values != nullptr && value_count != static_cast<size_t>(use.info->param_count))
    core::fail(GEMMACT_BAD_PARAMETER, "value_count is {}; {} has {} parameters", value_count, use.info->name,
               use.info->param_count);
  for (int i = 0; i < use.info->param_count; ++i) {
    const gemmact_param_info& param = use.info->params[i];
    if (values == nullptr) {
      if (param.is_operand != 0)
        core::fail(GEMMACT_BAD_PARAMETER, "values is null, but {} of {} has no default", param.name, use.info->name);
      continue;
    }
    if (!std::isfinite(values[i]))
      core::fail(GEMMACT_BAD_PARAMETER, "values[{}] ({} of {}) is {}; it must be finite", i, param.name, use.info->name,
                 values[i]);
    use.params[i] = values[i];
  }
  core::check_parameters(use);
  return use;
}

void check_arrays(const float* x, size_t count, const float* y, const float* dy_dx) {
  if (count > PTRDIFF_MAX / sizeof(float))
    core::fail(GEMMACT_BAD_SIZE, "count is {}; so many floats do not fit in memory", count);
  api::require(x, "x");
  const auto bytes = static_cast<int64_t>(count * sizeof(float));
  auto apart = [&](const float* a, const float* b, const char* names) {
    if (a == nullptr || b == nullptr) return;
    if (core::overlap(core::footprint_of(a, bytes), core::footprint_of(b, bytes)))
      core::fail(GEMMACT_OVERLAP, "{} overlap", names);
  };
  apart(y, x, "y and x");
  apart(dy_dx, x, "dy_dx and x");
  apart(y, dy_dx, "y and dy_dx");
}

}  // namespace

gemmact_status gemmact_activation_count(size_t* count) {
  return api::guard([&] {
    api::require(count, "count");
    *count = plan::functions().size();
  });
}

gemmact_status gemmact_activation_get_info(size_t index, gemmact_activation_info* info) {
  return api::guard([&] {
    api::require(info, "info");
    core::catalogue all = plan::functions();
    if (index >= all.size())
      core::fail(GEMMACT_BAD_SIZE, "index is {}; the catalogue has {} functions", index, all.size());
    const core::activation_info& f = all[index];
    gemmact_activation_info filled{};
    filled.name = f.name;
    filled.aliases = f.aliases;
    filled.formula = f.formula;
    filled.derivative = f.derivative;
    filled.note = f.note;
    filled.needs = f.needs;
    filled.has_grad_from_output = f.has_grad_from_output;
    filled.zero_at_zero = f.zero_at_zero;
    filled.param_count = static_cast<uint32_t>(f.param_count);
    filled.params = f.param_count == 0 ? nullptr : f.params;
    filled.param_bytes = sizeof(gemmact_param_info);
    core::fill_struct("gemmact_activation_info", info, filled, {sizeof filled});
  });
}

gemmact_status gemmact_activation_parse(const char* text, size_t* index, float* values, size_t value_count) {
  return api::guard([&] {
    api::require(text, "text");
    api::require(index, "index");
    if (value_count != 0) api::require(values, "values");
    core::activation_use use = parse(text);
    const auto needed = static_cast<size_t>(use.info->param_count);
    if (value_count < needed)
      core::fail(GEMMACT_BUFFER_TOO_SMALL, "value_count is {}; {} has {} parameters", value_count, use.info->name,
                 needed);
    *index = static_cast<size_t>(use.index);
    for (size_t i = 0; i < needed; ++i) values[i] = use.params[i];
  });
}

gemmact_status gemmact_activation_evaluate(const char* text, const float* values, size_t value_count,
                                           gemmact_accuracy accuracy, const float* x, size_t count, float* y,
                                           float* dy_dx) {
  return api::guard([&] {
    core::activation_use use = with_values(text, values, value_count);
    if (core::raw(accuracy) > GEMMACT_FAST)
      core::fail(GEMMACT_BAD_ENUM, "accuracy is {}, which is outside its enumeration (0 to 1)", core::raw(accuracy));
    if (count == 0) return;
    check_arrays(x, count, y, dy_dx);
    plan::evaluate(use, accuracy, x, count, y, dy_dx);
  });
}
