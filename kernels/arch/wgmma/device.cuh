// The GPU's side of kernels/arch/wgmma. The shape is part of an instruction's name and D's registers are listed one by one,
// so each n is a row of macros below; operands after D's are numbered from n / 2.
#pragma once

namespace gemmact::arch {

__device__ __forceinline__ void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <u32 pending>
__device__ __forceinline__ void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(pending) : "memory");
}
template <int count>
__device__ __forceinline__ void wgmma_keep(array<float, count>& d) {
#pragma unroll
  for (int i = 0; i < count; ++i) asm volatile("" : "+f"(d.values[i])::"memory");
}

namespace detail {

template <class T, int n>
struct wgmma_form;  // m64n<n> with operands of type T

// clang-format off
// The texts and the operands of `d`, an array's values: four registers a step.
#define GEMMACT_TEXT_8 "%0, %1, %2, %3"
#define GEMMACT_REGS_8 "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
#define GEMMACT_TEXT_16 GEMMACT_TEXT_8 ", %4, %5, %6, %7"
#define GEMMACT_REGS_16 GEMMACT_REGS_8, "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
#define GEMMACT_TEXT_24 GEMMACT_TEXT_16 ", %8, %9, %10, %11"
#define GEMMACT_REGS_24 GEMMACT_REGS_16, "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11])
#define GEMMACT_TEXT_32 GEMMACT_TEXT_24 ", %12, %13, %14, %15"
#define GEMMACT_REGS_32 GEMMACT_REGS_24, "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])
#define GEMMACT_TEXT_40 GEMMACT_TEXT_32 ", %16, %17, %18, %19"
#define GEMMACT_REGS_40 GEMMACT_REGS_32, "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19])
#define GEMMACT_TEXT_48 GEMMACT_TEXT_40 ", %20, %21, %22, %23"
#define GEMMACT_REGS_48 GEMMACT_REGS_40, "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23])
#define GEMMACT_TEXT_56 GEMMACT_TEXT_48 ", %24, %25, %26, %27"
#define GEMMACT_REGS_56 GEMMACT_REGS_48, "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27])
#define GEMMACT_TEXT_64 GEMMACT_TEXT_56 ", %28, %29, %30, %31"
#define GEMMACT_REGS_64 GEMMACT_REGS_56, "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
#define GEMMACT_TEXT_72 GEMMACT_TEXT_64 ", %32, %33, %34, %35"
#define GEMMACT_REGS_72 GEMMACT_REGS_64, "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35])
#define GEMMACT_TEXT_80 GEMMACT_TEXT_72 ", %36, %37, %38, %39"
#define GEMMACT_REGS_80 GEMMACT_REGS_72, "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39])
#define GEMMACT_TEXT_88 GEMMACT_TEXT_80 ", %40, %41, %42, %43"
#define GEMMACT_REGS_88 GEMMACT_REGS_80, "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43])
#define GEMMACT_TEXT_96 GEMMACT_TEXT_88 ", %44, %45, %46, %47"
#define GEMMACT_REGS_96 GEMMACT_REGS_88, "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47])
#define GEMMACT_TEXT_104 GEMMACT_TEXT_96 ", %48, %49, %50, %51"
#define GEMMACT_REGS_104 GEMMACT_REGS_96, "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51])
#define GEMMACT_TEXT_112 GEMMACT_TEXT_104 ", %52, %53, %54, %55"
#define GEMMACT_REGS_112 GEMMACT_REGS_104, "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55])
#define GEMMACT_TEXT_120 GEMMACT_TEXT_112 ", %56, %57, %58, %59"
#define GEMMACT_REGS_120 GEMMACT_REGS_112, "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59])
#define GEMMACT_TEXT_128 GEMMACT_TEXT_120 ", %60, %61, %62, %63"
#define GEMMACT_REGS_128 GEMMACT_REGS_120, "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
#define GEMMACT_TEXT_136 GEMMACT_TEXT_128 ", %64, %65, %66, %67"
#define GEMMACT_REGS_136 GEMMACT_REGS_128, "+f"(d[64]), "+f"(d[65]), "+f"(d[66]), "+f"(d[67])
#define GEMMACT_TEXT_144 GEMMACT_TEXT_136 ", %68, %69, %70, %71"
#define GEMMACT_REGS_144 GEMMACT_REGS_136, "+f"(d[68]), "+f"(d[69]), "+f"(d[70]), "+f"(d[71])
#define GEMMACT_TEXT_152 GEMMACT_TEXT_144 ", %72, %73, %74, %75"
#define GEMMACT_REGS_152 GEMMACT_REGS_144, "+f"(d[72]), "+f"(d[73]), "+f"(d[74]), "+f"(d[75])
#define GEMMACT_TEXT_160 GEMMACT_TEXT_152 ", %76, %77, %78, %79"
#define GEMMACT_REGS_160 GEMMACT_REGS_152, "+f"(d[76]), "+f"(d[77]), "+f"(d[78]), "+f"(d[79])
#define GEMMACT_TEXT_168 GEMMACT_TEXT_160 ", %80, %81, %82, %83"
#define GEMMACT_REGS_168 GEMMACT_REGS_160, "+f"(d[80]), "+f"(d[81]), "+f"(d[82]), "+f"(d[83])
#define GEMMACT_TEXT_176 GEMMACT_TEXT_168 ", %84, %85, %86, %87"
#define GEMMACT_REGS_176 GEMMACT_REGS_168, "+f"(d[84]), "+f"(d[85]), "+f"(d[86]), "+f"(d[87])
#define GEMMACT_TEXT_184 GEMMACT_TEXT_176 ", %88, %89, %90, %91"
#define GEMMACT_REGS_184 GEMMACT_REGS_176, "+f"(d[88]), "+f"(d[89]), "+f"(d[90]), "+f"(d[91])
#define GEMMACT_TEXT_192 GEMMACT_TEXT_184 ", %92, %93, %94, %95"
#define GEMMACT_REGS_192 GEMMACT_REGS_184, "+f"(d[92]), "+f"(d[93]), "+f"(d[94]), "+f"(d[95])
#define GEMMACT_TEXT_200 GEMMACT_TEXT_192 ", %96, %97, %98, %99"
#define GEMMACT_REGS_200 GEMMACT_REGS_192, "+f"(d[96]), "+f"(d[97]), "+f"(d[98]), "+f"(d[99])
#define GEMMACT_TEXT_208 GEMMACT_TEXT_200 ", %100, %101, %102, %103"
#define GEMMACT_REGS_208 GEMMACT_REGS_200, "+f"(d[100]), "+f"(d[101]), "+f"(d[102]), "+f"(d[103])
#define GEMMACT_TEXT_216 GEMMACT_TEXT_208 ", %104, %105, %106, %107"
#define GEMMACT_REGS_216 GEMMACT_REGS_208, "+f"(d[104]), "+f"(d[105]), "+f"(d[106]), "+f"(d[107])
#define GEMMACT_TEXT_224 GEMMACT_TEXT_216 ", %108, %109, %110, %111"
#define GEMMACT_REGS_224 GEMMACT_REGS_216, "+f"(d[108]), "+f"(d[109]), "+f"(d[110]), "+f"(d[111])
#define GEMMACT_TEXT_232 GEMMACT_TEXT_224 ", %112, %113, %114, %115"
#define GEMMACT_REGS_232 GEMMACT_REGS_224, "+f"(d[112]), "+f"(d[113]), "+f"(d[114]), "+f"(d[115])
#define GEMMACT_TEXT_240 GEMMACT_TEXT_232 ", %116, %117, %118, %119"
#define GEMMACT_REGS_240 GEMMACT_REGS_232, "+f"(d[116]), "+f"(d[117]), "+f"(d[118]), "+f"(d[119])
#define GEMMACT_TEXT_248 GEMMACT_TEXT_240 ", %120, %121, %122, %123"
#define GEMMACT_REGS_248 GEMMACT_REGS_240, "+f"(d[120]), "+f"(d[121]), "+f"(d[122]), "+f"(d[123])
#define GEMMACT_TEXT_256 GEMMACT_TEXT_248 ", %124, %125, %126, %127"
#define GEMMACT_REGS_256 GEMMACT_REGS_248, "+f"(d[124]), "+f"(d[125]), "+f"(d[126]), "+f"(d[127])

// `last`: the number of `accumulate` among the operands; `tail`: what follows the signs.
#define GEMMACT_WGMMA_ASM(n, kind, operands, last, tail, ...)                                                 \
  asm volatile("{\n.reg .pred accumulate;\nsetp.ne.u32 accumulate, %" #last                                   \
               ", 0;\nwgmma.mma_async.sync.aligned.m64n" #n kind " {" GEMMACT_TEXT_##n "}, " operands         \
               ", accumulate, 1, 1" tail ";\n}"                                                               \
               : GEMMACT_REGS_##n                                                                             \
               : __VA_ARGS__)

// 16-bit types: either major of what is read from shared memory. p0 ... p6 are the numbers n / 2 ... n / 2 + 6.
#define GEMMACT_WGMMA_16(T, kind, n, p0, p1, p2, p3, p4, p5, p6)                                              \
  template <>                                                                                                 \
  struct wgmma_form<T, n> {                                                                                   \
    template <major a_major, major b_major>                                                                   \
    static __device__ __forceinline__ void run(float (&d)[n / 2], u64 a, u64 b, u32 accumulate) {             \
      GEMMACT_WGMMA_ASM(n, kind, "%" #p0 ", %" #p1, p2, ", %" #p3 ", %" #p4, "l"(a), "l"(b), "r"(accumulate), \
                        "n"(int(a_major)), "n"(int(b_major)));                                                \
    }                                                                                                         \
    template <major b_major>                                                                                  \
    static __device__ __forceinline__ void run(float (&d)[n / 2], const u32 (&a)[4], u64 b, u32 accumulate) { \
      GEMMACT_WGMMA_ASM(n, kind, "{%" #p0 ", %" #p1 ", %" #p2 ", %" #p3 "}, %" #p4, p5, ", %" #p6, "r"(a[0]), \
                        "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(accumulate), "n"(int(b_major)));         \
    }                                                                                                         \
  };

// The others: along k only.
#define GEMMACT_WGMMA_K(T, kind, n, p0, p1, p2, p3, p4, p5, p6)                                               \
  template <>                                                                                                 \
  struct wgmma_form<T, n> {                                                                                   \
    template <major a_major, major b_major>                                                                   \
    static __device__ __forceinline__ void run(float (&d)[n / 2], u64 a, u64 b, u32 accumulate) {             \
      static_assert(a_major == major::k && b_major == major::k, "major::mn is for 16-bit types");             \
      GEMMACT_WGMMA_ASM(n, kind, "%" #p0 ", %" #p1, p2, "", "l"(a), "l"(b), "r"(accumulate));                 \
    }                                                                                                         \
    template <major b_major>                                                                                  \
    static __device__ __forceinline__ void run(float (&d)[n / 2], const u32 (&a)[4], u64 b, u32 accumulate) { \
      static_assert(b_major == major::k, "major::mn is for 16-bit types");                                    \
      GEMMACT_WGMMA_ASM(n, kind, "{%" #p0 ", %" #p1 ", %" #p2 ", %" #p3 "}, %" #p4, p5, "", "r"(a[0]),        \
                        "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(accumulate));                            \
    }                                                                                                         \
  };

#define GEMMACT_WGMMA(...)                                      \
  GEMMACT_WGMMA_16(f16_bits, "k16.f32.f16.f16", __VA_ARGS__)    \
  GEMMACT_WGMMA_16(bf16_bits, "k16.f32.bf16.bf16", __VA_ARGS__) \
  GEMMACT_WGMMA_K(tf32, "k8.f32.tf32.tf32", __VA_ARGS__)        \
  GEMMACT_WGMMA_K(e4m3_bits, "k32.f32.e4m3.e4m3", __VA_ARGS__)
GEMMACT_WGMMA(8, 4, 5, 6, 7, 8, 9, 10)
GEMMACT_WGMMA(16, 8, 9, 10, 11, 12, 13, 14)
GEMMACT_WGMMA(24, 12, 13, 14, 15, 16, 17, 18)
GEMMACT_WGMMA(32, 16, 17, 18, 19, 20, 21, 22)
GEMMACT_WGMMA(40, 20, 21, 22, 23, 24, 25, 26)
GEMMACT_WGMMA(48, 24, 25, 26, 27, 28, 29, 30)
GEMMACT_WGMMA(56, 28, 29, 30, 31, 32, 33, 34)
GEMMACT_WGMMA(64, 32, 33, 34, 35, 36, 37, 38)
GEMMACT_WGMMA(72, 36, 37, 38, 39, 40, 41, 42)
GEMMACT_WGMMA(80, 40, 41, 42, 43, 44, 45, 46)
GEMMACT_WGMMA(88, 44, 45, 46, 47, 48, 49, 50)
GEMMACT_WGMMA(96, 48, 49, 50, 51, 52, 53, 54)
GEMMACT_WGMMA(104, 52, 53, 54, 55, 56, 57, 58)
GEMMACT_WGMMA(112, 56, 57, 58, 59, 60, 61, 62)
GEMMACT_WGMMA(120, 60, 61, 62, 63, 64, 65, 66)
GEMMACT_WGMMA(128, 64, 65, 66, 67, 68, 69, 70)
GEMMACT_WGMMA(136, 68, 69, 70, 71, 72, 73, 74)
GEMMACT_WGMMA(144, 72, 73, 74, 75, 76, 77, 78)
GEMMACT_WGMMA(152, 76, 77, 78, 79, 80, 81, 82)
GEMMACT_WGMMA(160, 80, 81, 82, 83, 84, 85, 86)
GEMMACT_WGMMA(168, 84, 85, 86, 87, 88, 89, 90)
GEMMACT_WGMMA(176, 88, 89, 90, 91, 92, 93, 94)
GEMMACT_WGMMA(184, 92, 93, 94, 95, 96, 97, 98)
GEMMACT_WGMMA(192, 96, 97, 98, 99, 100, 101, 102)
GEMMACT_WGMMA(200, 100, 101, 102, 103, 104, 105, 106)
GEMMACT_WGMMA(208, 104, 105, 106, 107, 108, 109, 110)
GEMMACT_WGMMA(216, 108, 109, 110, 111, 112, 113, 114)
GEMMACT_WGMMA(224, 112, 113, 114, 115, 116, 117, 118)
GEMMACT_WGMMA(232, 116, 117, 118, 119, 120, 121, 122)
GEMMACT_WGMMA(240, 120, 121, 122, 123, 124, 125, 126)
GEMMACT_WGMMA(248, 124, 125, 126, 127, 128, 129, 130)
GEMMACT_WGMMA(256, 128, 129, 130, 131, 132, 133, 134)
// clang-format on

}  // namespace detail

template <class T, int n, major a_major, major b_major>
__device__ __forceinline__ void wgmma(array<float, n / 2>& d, u64 a, u64 b, bool accumulate) {
  detail::wgmma_form<T, n>::template run<a_major, b_major>(d.values, a, b, accumulate);
}
template <class T, int n, major b_major>
__device__ __forceinline__ void wgmma(array<float, n / 2>& d, const array<u32, 4>& a, u64 b, bool accumulate) {
  detail::wgmma_form<T, n>::template run<b_major>(d.values, a.values, b, accumulate);
}

}  // namespace gemmact::arch
