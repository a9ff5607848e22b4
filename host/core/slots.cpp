#include "host/core/slots.hpp"

namespace gemmact::core {
namespace {

constexpr uint32_t bit(uint32_t value) { return uint32_t{1} << value; }

constexpr uint32_t each = bit(GEMMACT_EACH), scalar = bit(GEMMACT_SCALAR), per_column = bit(GEMMACT_PER_COLUMN),
                   per_row = bit(GEMMACT_PER_ROW);
constexpr uint32_t f32 = bit(GEMMACT_F32), floats = f32 | bit(GEMMACT_F16) | bit(GEMMACT_BF16),
                   operand = floats | bit(GEMMACT_E4M3), kept = floats | bit(GEMMACT_BIT) | bit(GEMMACT_U8);

constexpr slot_rule rules[] = {
#define GEMMACT_SLOT_RULE(slot, form, extents, types, f, a, i, w, below, numbers, summed) \
  {#slot,                                                                                 \
   slot_shape::form,                                                                      \
   extents,                                                                               \
   types,                                                                                 \
   {slot_role::f, slot_role::a, slot_role::i, slot_role::w},                              \
   slot_role::below,                                                                      \
   slot_indices::numbers,                                                                 \
   summed},
#include "host/core/slots.inc"
#undef GEMMACT_SLOT_RULE
};

enum class row_order : uint32_t {
  none,
#define GEMMACT_SLOT_RULE(slot, ...) slot,
#include "host/core/slots.inc"
#undef GEMMACT_SLOT_RULE
};
#define GEMMACT_SLOT_RULE(slot, ...) static_assert(uint32_t(row_order::slot) == uint32_t(GEMMACT_##slot));
#include "host/core/slots.inc"
#undef GEMMACT_SLOT_RULE

}  // namespace

const slot_rule* find_slot(uint32_t slot) {
  constexpr uint32_t count = sizeof rules / sizeof rules[0];
  return slot >= 1 && slot <= count ? &rules[slot - 1] : nullptr;
}

}  // namespace gemmact::core
