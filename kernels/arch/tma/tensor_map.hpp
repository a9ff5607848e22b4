// What TMA is given; host code that fills a kernel's parameters needs no more.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

// cuTensorMapEncodeTiled writes it. A kernel takes it as a __grid_constant__ parameter and passes it on by reference.
struct alignas(64) tensor_map {
  u64 words[16];
};

}  // namespace gemmact

namespace gemmact::arch {

enum class cache_policy : u64 {
  normal = 0x1000000000000000ull,
  evict_first = 0x12F0000000000000ull,
  evict_last = 0x14F0000000000000ull
};

}  // namespace gemmact::arch
