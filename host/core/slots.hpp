// What each slot may be, from slots.inc.
#pragma once
#include <cstdint>
#include <cstring>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

// An enumerator as a number. A caller's struct may hold any bits, and reading those through the enum's type would be
// undefined: every enum from outside is looked at through this first.
template <class Enum>
uint32_t raw(const Enum& value) {
  static_assert(sizeof(Enum) == sizeof(uint32_t), "an enum of the C interface has 32 bits");
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

enum class slot_shape : uint8_t { mn, mk, nk };
enum class slot_role : uint8_t { none, in, out, maxout, product };
enum class slot_indices : uint8_t { one, piece, pair, parameter };

struct slot_rule {
  const char* name;
  slot_shape shape;
  uint32_t extents;    // bit e: gemmact_extent e is allowed
  uint32_t types;      // bit t: gemmact_type t is allowed
  slot_role roles[4];  // forward, activation_grad, input_grad, weight_grad
  slot_role below;     // or-ed with GEMMACT_BELOW, in input_grad
  slot_indices indices;
  bool summed;
};

// Null for a number that is no slot (GEMMACT_BELOW is not part of the number).
const slot_rule* find_slot(uint32_t slot);

// At least the number of tensors that any problem can list; the longest list is a maxout's forward.
inline constexpr size_t max_tensors = 64;

}  // namespace gemmact::core
