// kernels/arch/wgmma on the emulator.
#pragma once
#include "kernels/arch/wgmma/layout.hpp"
#include "kernels/base/array.hpp"
#include "kernels/base/swizzle.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::arch {

namespace detail {

template <u32 span>
inline u32 swizzled_wgmma_address(u64 descriptor, bool along_mn, u32 element_bytes, u32 mn, u32 k) {
  const u32 start = u32(descriptor & 0x3fff) << 4, leading = u32(descriptor >> 16 & 0x3fff) << 4;
  const u32 stride = u32(descriptor >> 32 & 0x3fff) << 4;
  return swizzle<span>(start + (along_mn ? wgmma_offset<major::mn, span>(mn, k, element_bytes, leading, stride)
                                         : wgmma_offset<major::k, span>(mn, k, element_bytes, leading, stride)));
}

// Where the instruction reads element (mn, k).
inline u32 wgmma_address(u64 descriptor, bool along_mn, u32 element_bytes, u32 mn, u32 k) {
  switch (descriptor >> 62) {
    case 0:
      return swizzled_wgmma_address<16>(descriptor, along_mn, element_bytes, mn, k);
    case 1:
      return swizzled_wgmma_address<128>(descriptor, along_mn, element_bytes, mn, k);
    case 2:
      return swizzled_wgmma_address<64>(descriptor, along_mn, element_bytes, mn, k);
    default:
      return swizzled_wgmma_address<32>(descriptor, along_mn, element_bytes, mn, k);
  }
}

template <class T, int n, major a_major, major b_major>
constexpr emulator::wgmma_call wgmma_call() {
  static_assert(n >= 8 && n <= 256 && n % 8 == 0, "columns of a wgmma");
  static_assert(packed_elems<T> == 2 || (a_major == major::k && b_major == major::k),
                "only 16-bit types may lie along M and N");
  emulator::wgmma_call call{};
  call.type = emulator::element_of<T>;
  call.n = n;
  call.a_along_mn = a_major == major::mn;
  call.b_along_mn = b_major == major::mn;
  call.address = wgmma_address;
  return call;
}

}  // namespace detail

GEMMACT_FN void wgmma_fence(emulator::site at = emulator::site::here()) { emulator::wgmma_fence(at); }
GEMMACT_FN void wgmma_commit(emulator::site at = emulator::site::here()) { emulator::wgmma_commit(at); }
template <u32 pending>
GEMMACT_FN void wgmma_wait(emulator::site at = emulator::site::here()) {
  emulator::wgmma_wait(pending, at);
}
template <int count>
GEMMACT_FN void wgmma_keep(array<float, count>&) {}

template <class T, int n, major a_major, major b_major>
GEMMACT_FN void wgmma(array<float, n / 2>& d, u64 a, u64 b, bool accumulate,
                      emulator::site at = emulator::site::here()) {
  emulator::wgmma_call call = detail::wgmma_call<T, n, a_major, b_major>();
  call.a = a;
  call.b = b;
  call.accumulate = accumulate;
  emulator::wgmma(call, d.values, nullptr, at);
}
// A is looked at until the wait: it must be a variable that lives as long.
template <class T, int n, major b_major>
GEMMACT_FN void wgmma(array<float, n / 2>& d, array<u32, 4>&& a, u64 b, bool accumulate) = delete;
template <class T, int n, major b_major>
GEMMACT_FN void wgmma(array<float, n / 2>& d, const array<u32, 4>& a, u64 b, bool accumulate,
                      emulator::site at = emulator::site::here()) {
  emulator::wgmma_call call = detail::wgmma_call<T, n, major::k, b_major>();
  call.a_in_registers = true;
  call.b = b;
  call.accumulate = accumulate;
  emulator::wgmma(call, d.values, a.values, at);
}

}  // namespace gemmact::arch
