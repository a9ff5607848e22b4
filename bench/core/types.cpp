#include "bench/core/types.hpp"

#include <span>

namespace gemmact_bench {
namespace {

template <class T>
struct named {
  const char* name;
  T value;
};
constexpr named<precision> precisions[] = {{"f32", {GEMMACT_F32}},
                                           {"tf32", {GEMMACT_F32, GEMMACT_COMPUTE_TF32}},
                                           {"f16", {GEMMACT_F16}},
                                           {"bf16", {GEMMACT_BF16}},
                                           {"e4m3", {GEMMACT_E4M3}}};
constexpr named<gemmact_accuracy> accuracies[] = {{"accurate", GEMMACT_ACCURATE}, {"fast", GEMMACT_FAST}};
constexpr named<gemmact_operation> operations[] = {{"forward", GEMMACT_FORWARD},
                                                   {"activation_grad", GEMMACT_ACTIVATION_GRAD},
                                                   {"input_grad", GEMMACT_INPUT_GRAD},
                                                   {"weight_grad", GEMMACT_WEIGHT_GRAD}};
constexpr named<combination> combinations[] = {{"plain", {GEMMACT_PLAIN, 1}},
                                               {"gated", {GEMMACT_GATED, 2}},
                                               {"maxout", {GEMMACT_MAXOUT, 2}},
                                               {"maxout4", {GEMMACT_MAXOUT, 4}},
                                               {"maxout8", {GEMMACT_MAXOUT, 8}}};

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

std::optional<precision> precision_from(std::string_view name) { return find<precision>(precisions, name); }
const char* name_of(precision p) { return find<precision>(precisions, p); }
const char* name_of(gemmact_type type) { return name_of(precision{type}); }
int64_t bytes_of(gemmact_type type) { return type == GEMMACT_F32 ? 4 : type == GEMMACT_E4M3 ? 1 : 2; }
gemmact_type output_of(gemmact_type input) { return input == GEMMACT_E4M3 ? GEMMACT_BF16 : input; }

std::optional<gemmact_accuracy> accuracy_from(std::string_view name) {
  return find<gemmact_accuracy>(accuracies, name);
}
const char* name_of(gemmact_accuracy accuracy) { return find<gemmact_accuracy>(accuracies, accuracy); }

std::optional<gemmact_operation> operation_from(std::string_view name) {
  return find<gemmact_operation>(operations, name);
}
const char* name_of(gemmact_operation operation) { return find<gemmact_operation>(operations, operation); }

std::optional<combination> combination_from(std::string_view name) { return find<combination>(combinations, name); }
const char* name_of(gemmact_combine combine) {
  return combine == GEMMACT_PLAIN ? "plain" : combine == GEMMACT_GATED ? "gated" : "maxout";
}

}  // namespace gemmact_bench
