// Loops over row segments of f32, for one instruction set. All are written so that the compiler vectorises them.
#include "host/cpu/loops/vector.hpp"

namespace gemmact::cpu {
namespace {

template <class T>
struct pointee;
template <class T>
struct pointee<const T*> {
  using type = T;
};

GEMMACT_FN void put(float v, float* p) { *p = v; }
GEMMACT_FN void put(float v, f16_bits* p) { *p = to_f16(v); }
GEMMACT_FN void put(float v, bf16_bits* p) { *p = to_bf16(v); }
GEMMACT_FN void put(float v, e4m3_bits* p) { *p = to_e4m3(v); }

void load_row(const void* in, int type, int64_t stride, float* out, size_t count) {
  with_type(in, type, [&](auto* data) { convert_row(data, stride, out, int64_t(count), false); });
}

void store_row(const float* __restrict in, void* out, int type, int64_t stride, size_t count) {
  with_type(out, type, [&](auto* typed) {
    using T = typename pointee<decltype(typed)>::type;
    T* data = static_cast<T*>(out);
    if constexpr (__is_same(T, float)) {
      if (stride == 1) {
        __builtin_memcpy(data, in, count * sizeof(float));
        return;
      }
    }
    if (stride == 1) {
#pragma GCC ivdep
      for (size_t i = 0; i < count; ++i) put(in[i], data + i);
    } else {
      for (size_t i = 0; i < count; ++i) put(in[i], data + int64_t(i) * stride);
    }
  });
}

void scale(float* v, float s, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] *= s;
}

void multiply(float* __restrict v, const float* __restrict w, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] *= w[i];
}

void add_scalar(float* v, float s, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] += s;
}

void add(float* __restrict v, const float* __restrict w, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] += w[i];
}

void add_scaled(float* __restrict v, float s, const float* __restrict w, size_t count) {
  for (size_t i = 0; i < count; ++i) v[i] += s * w[i];
}

void gradient(const float* dy, const float* df, float* dz, size_t count) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) dz[i] = df[i] == 0.0f ? 0.0f : dy[i] * df[i];
}

void select(const uint8_t* winner, int piece, const float* dy, float* dz, size_t count) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) dz[i] = winner[i] == piece ? dy[i] : 0.0f;
}

void maximum(const float* v, int piece, float* best, uint8_t* winner, size_t count) {
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) {
    // A NaN that leads is never displaced; a NaN that comes displaces any number.
    const bool wins = v[i] > best[i] || (v[i] != v[i] && best[i] == best[i]);
    best[i] = wins ? v[i] : best[i];
    winner[i] = wins ? uint8_t(piece) : winner[i];
  }
}

void pack_bits(const float* v, uint32_t* words, size_t count) {
  for (size_t i = 0; i < count; i += 32) {
    const size_t some = count - i < 32 ? count - i : 32;
    uint32_t word = 0;
    for (size_t b = 0; b < some; ++b) word |= uint32_t(v[i + b] != 0.0f) << b;
    words[i / 32] = word;
  }
}

void unpack_bits(const uint32_t* words, float* v, size_t count) {
  for (size_t i = 0; i < count; i += 32) {
    const size_t some = count - i < 32 ? count - i : 32;
    const uint32_t word = words[i / 32];
    for (size_t b = 0; b < some; ++b) v[i + b] = float((word >> b) & 1u);
  }
}

// As bits, magnitudes order like integers and every NaN lies above infinity.
float absolute_maximum(const float* v, size_t count) {
  u32 largest = 0;
  for (size_t i = 0; i < count; ++i) {
    const u32 magnitude = bit_cast<u32>(v[i]) & 0x7fffffffu;
    largest = magnitude > largest ? magnitude : largest;
  }
  return bit_cast<float>(largest);
}

// One partial sum a lane: a fixed order for a given instruction set.
float sum(const float* v, size_t count) {
  float partial[lanes] = {};
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int l = 0; l < lanes; ++l) partial[l] += v[i + size_t(l)];
  float total = 0.0f;
  for (; i < count; ++i) total += v[i];
  for (int l = 0; l < lanes; ++l) total += partial[l];
  return total;
}

}  // namespace
}  // namespace gemmact::cpu

extern "C" const gemmact_isa::row_maps GEMMACT_ISA_TABLE(row_maps);
const gemmact_isa::row_maps GEMMACT_ISA_TABLE(row_maps) = {
    gemmact::cpu::load_row,         gemmact::cpu::store_row, gemmact::cpu::scale,      gemmact::cpu::multiply,
    gemmact::cpu::add_scalar,       gemmact::cpu::add,       gemmact::cpu::add_scaled, gemmact::cpu::gradient,
    gemmact::cpu::select,           gemmact::cpu::maximum,   gemmact::cpu::pack_bits,  gemmact::cpu::unpack_bits,
    gemmact::cpu::absolute_maximum, gemmact::cpu::sum};
