// Arithmetic of the tensor cores as the emulation defines it: exact products, a sum in double, one rounding toward zero.
#pragma once
#include <cmath>

#include "kernels/base/float_types.hpp"
#include "kernels/base/fragment.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {

// f32 nearest to a sum on the side of zero; beyond the range infinity.
inline float toward_zero(double sum) {
  const float nearest = float(sum);
  const double magnitude = std::fabs(sum);
  const u32 bits = bit_cast<u32>(nearest);
  // Without a branch: as many are rounded the one way as the other.
  const bool away = (std::fabs(double(nearest)) > magnitude) & (magnitude < 0x1p128);
  return bit_cast<float>(bits - u32(away));
}

// Element `part` of a register of packed elements.
template <class T>
inline float decode(u32 packed, u32 part) {
  if constexpr (packed_elems<T> == 1) return bit_cast<float>(packed & 0xffffe000u);
  else if constexpr (packed_elems<T> == 2) return to_float(T{u16(packed >> (16 * part))});
  else return to_float(T{u8(packed >> (8 * part))});
}

// Calls f with the type of an element.
template <class F>
void with_type(element type, F&& f) {
  switch (type) {
    case element::f16:
      return f(f16_bits{});
    case element::bf16:
      return f(bf16_bits{});
    case element::tf32:
      return f(tf32{});
    case element::e4m3:
      return f(e4m3_bits{});
  }
}

}  // namespace gemmact::emulator
