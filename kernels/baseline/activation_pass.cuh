// Y = f(z + b) in place: the kernel that follows a product where nothing is fused. It is here to be timed beside the fused
// ones, and no plan takes it. A thread has 16 bytes at a time; what it costs is memory.
#pragma once
#include "kernels/activation/activation.hpp"
#include "kernels/arch/convert/convert.cuh"
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/base/float_types.hpp"
#include "kernels/baseline/params.hpp"

namespace gemmact::baseline {

// A word of an array of T: its elements as f32, and back.
template <class T>
struct word;
template <>
struct word<float> {
  static constexpr int size = 1;
  GEMMACT_FN static array<float, 1> open(u32 w) { return {{bit_cast<float>(w)}}; }
  GEMMACT_FN static u32 close(const array<float, 1>& v) { return bit_cast<u32>(v[0]); }
};
template <>
struct word<f16_bits> {
  static constexpr int size = 2;
  GEMMACT_FN static array<float, 2> open(u32 w) { return arch::unpack_f16(w); }
  GEMMACT_FN static u32 close(const array<float, 2>& v) { return arch::pack_f16(v[0], v[1]); }
};
template <>
struct word<bf16_bits> {
  static constexpr int size = 2;
  GEMMACT_FN static array<float, 2> open(u32 w) { return arch::unpack_bf16(w); }
  GEMMACT_FN static u32 close(const array<float, 2>& v) { return arch::pack_bf16(v[0], v[1]); }
};

template <class T, class Act, bool has_bias>
struct activation_pass {
  using params = baseline::params;
  static constexpr u32 threads = 256, min_blocks = 4, shared_bytes = 0;
  static constexpr u32 width = 16 / sizeof(T);

  GEMMACT_FN static void run(const params& p) {
    const Act f = activation::make<Act>(p.number);
    const u32 across = p.cols / width, count = p.rows * across;
    for (u32 i = arch::block_index() * threads + arch::thread_index(); i < count; i += arch::block_count() * threads) {
      const u32 row = i / across, col = i % across * width;
      const global_address at = p.y + (i64(row) * p.ld + col) * i64(sizeof(T));
      array<u32, 4> z = arch::load_global<array<u32, 4>>(at), b{};
      if constexpr (has_bias) b = arch::load_global_readonly<array<u32, 4>>(p.bias + i64(col) * i64(sizeof(T)));
      GEMMACT_UNROLL
      for (int w = 0; w < 4; ++w) z[w] = apply(f, z[w], b[w]);
      arch::store_global(at, z);
    }
  }

 private:
  GEMMACT_FN static u32 apply(const Act& f, u32 z, [[maybe_unused]] u32 b) {
    auto v = word<T>::open(z);
    GEMMACT_UNROLL
    for (int j = 0; j < word<T>::size; ++j) {
      if constexpr (has_bias) v[j] += word<T>::open(b)[j];
      v[j] = f(v[j]);
    }
    return word<T>::close(v);
  }
};

}  // namespace gemmact::baseline
