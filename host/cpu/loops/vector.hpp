// The vector of the instruction set that this translation unit is compiled for, and how its values are loaded.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "host/cpu/isa_abi.hpp"
#include "kernels/base/float_types.hpp"

namespace gemmact::cpu {

#if defined(__AVX512F__)
inline constexpr int lanes = 16;
inline constexpr bool many_registers = true;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
inline constexpr bool many_registers = false;
#else
inline constexpr int lanes = 4;
#if defined(__aarch64__)
inline constexpr bool many_registers = true;
#else
inline constexpr bool many_registers = false;
#endif
#endif

typedef float vec __attribute__((vector_size(lanes * 4)));
typedef int32_t ivec __attribute__((vector_size(lanes * 4)));

GEMMACT_FN vec load(const float* p) {
  vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

GEMMACT_FN void store(float* p, vec v) { __builtin_memcpy(p, &v, sizeof v); }

typedef u32 uvec __attribute__((vector_size(lanes * 4)));
typedef u16 u16_vec __attribute__((vector_size(lanes * 2)));
typedef u8 u8_vec __attribute__((vector_size(lanes)));

// A vector of each type as f32; the conversions are those of kernels/base/float_types.hpp (a test compares them).
GEMMACT_FN vec load(const bf16_bits* p) {
  u16_vec v;
  __builtin_memcpy(&v, p, sizeof v);
  return (vec)(__builtin_convertvector(v, uvec) << 16);
}

GEMMACT_FN vec load(const f16_bits* p) {
  u16_vec v;
  __builtin_memcpy(&v, p, sizeof v);
  const uvec bits = __builtin_convertvector(v, uvec), magnitude = bits & 0x7fffu;
  const uvec finite = (uvec)((vec)(magnitude << 13) * 0x1p112f);
  return (vec)((magnitude >= 0x7c00u ? (magnitude << 13) | 0x7f800000u : finite) | (bits & 0x8000u) << 16);
}

GEMMACT_FN vec load(const e4m3_bits* p) {
  u8_vec v;
  __builtin_memcpy(&v, p, sizeof v);
  const uvec bits = __builtin_convertvector(v, uvec), magnitude = bits & 0x7fu;
  const uvec finite = (uvec)((vec)(magnitude << 20) * 0x1p120f);
  return (vec)((magnitude == 0x7fu ? uvec{} + 0x7fc00000u : finite) | (bits & 0x80u) << 24);
}

// One element of each type as f32.
GEMMACT_FN float element(const float* p) { return *p; }
GEMMACT_FN float element(const f16_bits* p) { return to_float(*p); }
GEMMACT_FN float element(const bf16_bits* p) { return to_float(*p); }
GEMMACT_FN float element(const e4m3_bits* p) { return to_float(*p); }

// Calls f(pointer of the element's type).
template <class F>
GEMMACT_FN void with_type(const void* data, int type, F f) {
  switch (type) {
    case gemmact_isa::f32:
      return f(static_cast<const float*>(data));
    case gemmact_isa::f16:
      return f(static_cast<const f16_bits*>(data));
    case gemmact_isa::bf16:
      return f(static_cast<const bf16_bits*>(data));
    case gemmact_isa::e4m3:
      return f(static_cast<const e4m3_bits*>(data));
  }
}

template <int distance, int... lane>
GEMMACT_FN vec rotated(vec v, std::integer_sequence<int, lane...>) {
  return __builtin_shuffle(v, ivec{((lane + distance) % lanes)...});
}

// The sum of a vector's lanes, by halves.
template <int half = lanes / 2>
GEMMACT_FN float sum_of(vec v) {
  if constexpr (half == 0) return v[0];
  else return sum_of<half / 2>(v + rotated<half>(v, std::make_integer_sequence<int, lanes>{}));
}

// out[i] = in[i * stride] as f32, i < count.
template <class T>
GEMMACT_FN void convert_row(const T* in, int64_t stride, float* __restrict out, int64_t count, bool tf32) {
  if (stride == 1) {
    if constexpr (__is_same(T, float)) {
      if (tf32)
        for (int64_t i = 0; i < count; ++i) out[i] = round_to_tf32(in[i]);
      else __builtin_memcpy(out, in, size_t(count) * sizeof(float));
    } else {
      for (int64_t i = 0; i < count; ++i) out[i] = element(in + i);
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      const float v = element(in + i * stride);
      out[i] = __is_same(T, float) && tf32 ? round_to_tf32(v) : v;
    }
  }
}

// out[c * ld + r] = in[r * pitch + c] for r, c < lanes.
GEMMACT_FN void transpose_block(const float* in, int64_t pitch, float* out, int64_t ld) {
  vec rows[lanes];
  for (int r = 0; r < lanes; ++r) rows[r] = load(in + r * pitch);
    // After the stage of distance d, element (r, c) and (r ^ d, c ^ d) have changed places where bit d of r and c differ.
#pragma GCC unroll 4
  for (int d = 1; d < lanes; d *= 2) {
    ivec low{}, high{};
    for (int c = 0; c < lanes; ++c) {
      low[c] = (c & d) ? lanes + (c ^ d) : c;
      high[c] = (c & d) ? lanes + c : (c ^ d);
    }
#pragma GCC unroll 16
    for (int r = 0; r < lanes; ++r)
      if ((r & d) == 0) {
        const vec a = rows[r], b = rows[r + d];
        rows[r] = __builtin_shuffle(a, b, low);
        rows[r + d] = __builtin_shuffle(a, b, high);
      }
  }
  for (int r = 0; r < lanes; ++r) store(out + r * ld, rows[r]);
}

}  // namespace gemmact::cpu
