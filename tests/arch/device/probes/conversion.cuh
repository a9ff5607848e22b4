// Probes of kernels/arch/convert: all values of the narrow types; from f32 every upper half with lower halves around ties.
// A NaN stays one, of bits that nobody promises: both sides write the same for each.
#pragma once
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

GEMMACT_FN constexpr u32 one_nan(u32 f32) { return (f32 & 0x7fffffffu) > 0x7f800000u ? 0x7fc00000u : f32; }
GEMMACT_FN constexpr u32 one_nan_f16(u32 v) { return (v & 0x7fffu) > 0x7c00u ? 0x7e00u : v; }
GEMMACT_FN constexpr u32 one_nan_bf16(u32 v) { return (v & 0x7fffu) > 0x7f80u ? 0x7fc0u : v; }
GEMMACT_FN constexpr u32 one_nan_e4m3(u32 v) { return (v & 0x7fu) == 0x7fu ? 0x7fu : v; }

template <class T>
struct conversion;
template <>
struct conversion<f16_bits> {
  static constexpr u32 first = 80, values = 65536;
  using packed = u32;
  GEMMACT_FN static array<float, 2> unpack(u32 v) { return arch::unpack_f16(v); }
  GEMMACT_FN static u32 pack(float low, float high) {
    const u32 v = arch::pack_f16(low, high);
    return one_nan_f16(v & 0xffffu) | one_nan_f16(v >> 16) << 16;
  }
};
template <>
struct conversion<bf16_bits> {
  static constexpr u32 first = 80, values = 65536;
  using packed = u32;
  GEMMACT_FN static array<float, 2> unpack(u32 v) { return arch::unpack_bf16(v); }
  GEMMACT_FN static u32 pack(float low, float high) {
    const u32 v = arch::pack_bf16(low, high);
    return one_nan_bf16(v & 0xffffu) | one_nan_bf16(v >> 16) << 16;
  }
};
template <>
struct conversion<e4m3_bits> {
  static constexpr u32 first = 89, values = 256;
  using packed = u16;
  GEMMACT_FN static array<float, 2> unpack(u16 v) { return arch::unpack_e4m3(v); }
  GEMMACT_FN static u16 pack(float low, float high) {
    const u32 v = arch::pack_e4m3(low, high);
    return u16(one_nan_e4m3(v & 0xffu) | one_nan_e4m3(v >> 8) << 8);
  }
};

template <class T>
struct unpack_probe {
  static constexpr u32 threads = 128, first = conversion<T>::first;
  GEMMACT_FN static void run(const probe_params& p) {
    for (u32 i = arch::thread_index(); i < conversion<T>::values / 2; i += threads) {
      const array<float, 2> v = conversion<T>::unpack(input_at<typename conversion<T>::packed>(p, i));
      output_at(p, i, array<u32, 2>{one_nan(bit_cast<u32>(v[0])), one_nan(bit_cast<u32>(v[1]))});
    }
  }
};

template <class T>
struct pack_probe {
  static constexpr u32 threads = 128, first = conversion<T>::first;
  GEMMACT_FN static void run(const probe_params& p) {
    for (u32 i = arch::thread_index(); i < 32768; i += threads) {
      const array<float, 2> v = input_at<array<float, 2>>(p, i);
      output_at(p, i, conversion<T>::pack(v[0], v[1]));
    }
  }
};

struct tf32_probe {
  static constexpr u32 threads = 128, first = 80;
  GEMMACT_FN static void run(const probe_params& p) {
    for (u32 i = arch::thread_index(); i < 65536; i += threads)
      output_at(p, i, one_nan(arch::to_tf32(input_at<float>(p, i))));
  }
};

// Every upper half of an f32, with a lower half at, beside or far from a tie of some narrower type.
inline std::vector<u32> f32_inputs() {
  const u32 lower[] = {0, 0x7fff, 0x8000, 0x8001, 0xffff, 0x0fff, 0x1000, 0x1001, 0x2fff, 0x3000, 0x3001, 0xefff};
  numbers source("f32 inputs");
  std::vector<u32> values;
  for (u32 upper = 0; upper < 65536; ++upper) values.push_back(upper << 16 | lower[source.next() % 12]);
  return values;
}

template <class T, class bits>
void add_conversion_probes(probes& all, const char* type, u32 (*nan)(u32), T (*narrow)(float)) {
  std::vector<bits> every(conversion<T>::values), narrowed;
  std::vector<u32> wide;
  for (size_t i = 0; i < every.size(); ++i) {
    every[i] = bits(i);
    wide.push_back(one_nan(bit_cast<u32>(to_float(T{every[i]}))));
  }
  for (const u32 value : f32_inputs()) narrowed.push_back(bits(nan(narrow(bit_cast<float>(value)).bits)));
  add<unpack_probe<T>>(all, std::string("convert.unpack_") + type, bytes_of(every), bytes_of(wide));
  add<pack_probe<T>>(all, std::string("convert.pack_") + type, bytes_of(f32_inputs()), bytes_of(narrowed));
}

inline void add_conversion_probes(probes& all) {
  add_conversion_probes<f16_bits, u16>(
      all, "f16", [](u32 v) { return one_nan_f16(v); }, [](float v) { return to_f16(v); });
  add_conversion_probes<bf16_bits, u16>(
      all, "bf16", [](u32 v) { return one_nan_bf16(v); }, [](float v) { return to_bf16(v); });
  add_conversion_probes<e4m3_bits, u8>(
      all, "e4m3", [](u32 v) { return one_nan_e4m3(v); }, [](float v) { return to_e4m3(v); });
  std::vector<u32> tf32_bits;
  for (const u32 value : f32_inputs())
    tf32_bits.push_back(one_nan(bit_cast<u32>(round_to_tf32(bit_cast<float>(value)))));
  add<tf32_probe>(all, "convert.to_tf32", bytes_of(f32_inputs()), bytes_of(tf32_bits));
}

}  // namespace gemmact::device_test
