#include "bench/core/types.hpp"

#include <span>

namespace gemmact_bench {
namespace {

template <class T>
struct named {
  const char* name;
  T value;
};
constexpr named<gemmact_type> types[] = {{"f32", GEMMACT_F32}, {"f16", GEMMACT_F16}, {"bf16", GEMMACT_BF16}};
constexpr named<gemmact_operation> operations[] = {{"forward", GEMMACT_FORWARD},
                                                   {"activation_grad", GEMMACT_ACTIVATION_GRAD},
                                                   {"input_grad", GEMMACT_INPUT_GRAD},
                                                   {"weight_grad", GEMMACT_WEIGHT_GRAD}};
constexpr named<gemmact_combine> combines[] = {
    {"plain", GEMMACT_PLAIN}, {"gated", GEMMACT_GATED}, {"maxout", GEMMACT_MAXOUT}};

template <class T>
std::optional<T> find(std::span<const named<T>> all, std::string_view name) {
  for (const auto& row : all)
    if (name == row.name) return row.value;
  return std::nullopt;
}
template <class T>
const char* find(std::span<const named<T>> all, T value) {
  for (const auto& row : all)
    if (value == row.value) return row.name;
  return "?";
}

}  // namespace

std::optional<gemmact_type> type_from(std::string_view name) { return find<gemmact_type>(types, name); }
const char* name_of(gemmact_type type) { return find<gemmact_type>(types, type); }
int64_t bytes_of(gemmact_type type) { return type == GEMMACT_F32 ? 4 : 2; }

std::optional<gemmact_operation> operation_from(std::string_view name) {
  return find<gemmact_operation>(operations, name);
}
const char* name_of(gemmact_operation operation) { return find<gemmact_operation>(operations, operation); }

std::optional<gemmact_combine> combine_from(std::string_view name) { return find<gemmact_combine>(combines, name); }
const char* name_of(gemmact_combine combine) { return find<gemmact_combine>(combines, combine); }

}  // namespace gemmact_bench
