#include "host/core/names.hpp"

#include <fmt/format.h>

#include "host/core/slots.hpp"

namespace gemmact::core {
namespace {

constexpr error_row rows[] = {
#define GEMMACT_ERROR(name, cause, cure) {"GEMMACT_" #name, cause, cure},
#include "host/core/errors.inc"
#undef GEMMACT_ERROR
};

enum class row_order {
#define GEMMACT_ERROR(name, cause, cure) name,
#include "host/core/errors.inc"
#undef GEMMACT_ERROR
};
#define GEMMACT_ERROR(name, cause, cure) static_assert(int(row_order::name) == int(GEMMACT_##name));
#include "host/core/errors.inc"
#undef GEMMACT_ERROR

template <size_t Count>
const char* pick(const char* const (&names)[Count], uint32_t value) {
  return value < Count ? names[value] : "?";
}

}  // namespace

std::span<const error_row> error_rows() { return rows; }

const char* status_name(gemmact_status status) {
  uint32_t value = raw(status);
  return value < std::size(rows) ? rows[value].name : "GEMMACT_UNKNOWN_STATUS";
}

const char* name_of(gemmact_type type) {
  return pick({"none", "f32", "f16", "bf16", "e4m3", "e5m2", "u8", "bit"}, raw(type));
}
const char* name_of(gemmact_operation operation) {
  return pick({"none", "forward", "activation_grad", "input_grad", "weight_grad", "network"}, raw(operation));
}
const char* name_of(gemmact_combine combine) { return pick({"plain", "gated", "maxout"}, raw(combine)); }
const char* name_of(gemmact_compute compute) { return pick({"strict", "tf32", "fp8_fast"}, raw(compute)); }
const char* name_of(gemmact_accuracy accuracy) { return pick({"accurate", "fast"}, raw(accuracy)); }
const char* name_of(gemmact_order order) { return pick({"row_major", "column_major"}, raw(order)); }
const char* name_of(gemmact_extent extent) {
  return pick({"each", "scalar", "per_column", "per_row", "per_block"}, raw(extent));
}
const char* name_of(gemmact_keep keep) { return pick({"auto", "nothing", "bit", "output", "z", "index"}, raw(keep)); }

std::string slot_text(uint32_t slot, uint32_t index) {
  const slot_rule* rule = find_slot(slot & ~uint32_t{GEMMACT_BELOW});
  if (rule == nullptr) return fmt::format("slot {}", slot);
  std::string text = (slot & GEMMACT_BELOW) != 0 ? "BELOW|" : "";
  text += rule->name;
  if (index != 0) text += fmt::format("[{}]", index);
  return text;
}

std::string quoted(std::string_view text) {
  constexpr size_t most = 60;
  std::string out = "\"";
  for (char c : text.substr(0, most)) {
    if (c >= ' ' && c <= '~') out += c;
    else out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return out + (text.size() > most ? "...\"" : "\"");
}

}  // namespace gemmact::core
