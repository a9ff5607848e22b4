// Addresses as numbers: nothing can be read through them but with kernels/arch, so that the emulator sees every access.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

// In the 32-bit window of a block's shared memory; of another block of the cluster where it came from map_shared().
struct shared_address {
  u32 value = 0;
  GEMMACT_FN constexpr shared_address operator+(u32 bytes) const { return {value + bytes}; }
};

struct global_address {
  u64 value = 0;
  GEMMACT_FN constexpr global_address operator+(i64 bytes) const { return {value + u64(bytes)}; }
  GEMMACT_FN constexpr bool is_null() const { return value == 0; }
};

#if !GEMMACT_DEVICE
inline global_address global_at(const void* memory) { return {reinterpret_cast<u64>(memory)}; }
#endif

}  // namespace gemmact
