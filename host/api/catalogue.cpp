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

// What the interface shows of a function; its pointers are those of `f`.
gemmact_activation_info info_of(const core::activation_info& f) {
  gemmact_activation_info info{};
  info.name = f.name;
  info.aliases = f.aliases;
  info.formula = f.formula;
  info.derivative = f.derivative;
  info.note = f.note;
  info.needs = f.needs;
  info.has_grad_from_output = f.has_grad_from_output;
  info.zero_at_zero = f.zero_at_zero;
  info.param_count = static_cast<uint32_t>(f.param_count);
  info.params = f.param_count == 0 ? nullptr : f.params;
  info.param_bytes = sizeof(gemmact_param_info);
  return info;
}

// Copies what an info points to into a caller's memory, parameters first; without memory it only counts.
class packed_info {
 public:
  packed_info(gemmact_activation_info info, std::byte* memory) : info_(info), memory_(memory) {
    const size_t params = info.param_count * sizeof(gemmact_param_info);
    auto* to = static_cast<gemmact_param_info*>(copy(info.params, params));
    info_.params = params == 0 ? nullptr : to;
    for (size_t i = 0; i < info.param_count; ++i) {
      const char* name = info.params[i].name;
      take(name);
      if (to != nullptr) to[i].name = name;
    }
    for (const char** text : {&info_.name, &info_.aliases, &info_.formula, &info_.derivative, &info_.note}) take(*text);
  }
  const gemmact_activation_info& info() const { return info_; }
  size_t bytes() const { return bytes_; }

 private:
  void* copy(const void* from, size_t bytes) {
    void* to = memory_ == nullptr ? nullptr : memory_ + bytes_;
    if (to != nullptr && bytes != 0) std::memcpy(to, from, bytes);
    bytes_ += bytes;
    return to;
  }
  void take(const char*& text) { text = static_cast<const char*>(copy(text, std::strlen(text) + 1)); }

  gemmact_activation_info info_;
  std::byte* memory_;
  size_t bytes_ = 0;
};

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
    core::fill_struct("gemmact_activation_info", info, info_of(all[index]), {sizeof *info});
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
    *index = use.made != nullptr ? SIZE_MAX : static_cast<size_t>(use.index);
    for (size_t i = 0; i < needed; ++i) values[i] = use.params[i];
  });
}

gemmact_status gemmact_activation_describe(const char* text, gemmact_activation_info* info, void* memory,
                                           size_t* bytes) {
  return api::guard([&] {
    api::require(info, "info");
    core::check_known_size("gemmact_activation_info", "struct_bytes", core::struct_bytes_of(info), {sizeof *info});
    api::require(bytes, "bytes");
    if (*bytes != 0) api::require(memory, "memory");
    if (reinterpret_cast<uintptr_t>(memory) % alignof(gemmact_param_info) != 0)
      core::fail(GEMMACT_MISALIGNED, "memory is {}; it must be aligned to {} bytes", memory,
                 alignof(gemmact_param_info));
    const core::activation_use use = parse(text);
    const gemmact_activation_info whole = info_of(*use.info);
    const size_t room = *bytes;
    *bytes = packed_info(whole, nullptr).bytes();
    if (room == 0) return;  // only the size was asked for
    if (room < *bytes) core::fail(GEMMACT_BUFFER_TOO_SMALL, "bytes is {}; {} needs {}", room, use.info->name, *bytes);
    core::fill_struct("gemmact_activation_info", info, packed_info(whole, static_cast<std::byte*>(memory)).info(),
                      {sizeof *info});
  });
}

gemmact_status gemmact_activation_source(const char* text, char* source, size_t* bytes) {
  return api::guard([&] {
    api::require(bytes, "bytes");
    if (*bytes != 0) api::require(source, "source");
    core::write_text(plan::source_of(parse(text)), source, bytes);
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
