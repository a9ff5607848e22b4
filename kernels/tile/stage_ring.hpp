// Stages of shared memory that are filled and read in turn, as offsets in bytes.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::tile {

template <u32 stages, u32 stage_bytes>
struct stage_ring {
  u32 offset = 0;
  GEMMACT_FN constexpr void advance() {
    offset = offset + stage_bytes == stages * stage_bytes ? 0 : offset + stage_bytes;
  }
};

}  // namespace gemmact::tile
