// What g++, nvcc and NVRTC need to compile the same text. No standard header is included under NVRTC.
#pragma once

// 1 where g++ compiles kernels for the emulator: every kernels/arch then has its emulated side.
#ifndef GEMMACT_EMULATED
#define GEMMACT_EMULATED 0
#endif

#if defined(__CUDACC__)
#define GEMMACT_FN __device__ __forceinline__  // not for the host too: what calls an instruction could not be
#define GEMMACT_DEVICE 1
#define GEMMACT_UNROLL _Pragma("unroll")
#define GEMMACT_NO_UNROLL _Pragma("unroll 1")
#else
#if GEMMACT_EMULATED  // hundreds of kernels, which compile in a third of the time with what they call left apart
#define GEMMACT_FN inline
#else
#define GEMMACT_FN inline __attribute__((always_inline))
#endif
#define GEMMACT_DEVICE 0
#define GEMMACT_UNROLL
#define GEMMACT_NO_UNROLL
#endif

namespace gemmact {

using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using i32 = int;
using i64 = long long;

static_assert(sizeof(u16) == 2 && sizeof(u32) == 4 && sizeof(u64) == 8, "fixed widths");

// The bits of a value as another type of the same size.
template <class To, class From>
GEMMACT_FN constexpr To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From), "bit_cast keeps the size");
  return __builtin_bit_cast(To, from);
}

template <class T>
GEMMACT_FN constexpr T ceil_div(T a, T b) {
  return (a + b - 1) / b;
}

// How exact an activation is asked to be; its documented bounds never depend on the shape.
enum class accuracy : u8 { accurate, fast };

}  // namespace gemmact
