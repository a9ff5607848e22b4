#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

// The largest |Y| of all, or of each batch entry. Magnitudes order like their bits, with NaN on top, so that atomics in
// any order give the same. The block that is done last writes the results and leaves the workspace as it was.
struct amax {
  u32 most = 0;

  GEMMACT_FN void apply(const params&, auto& s) {
    GEMMACT_UNROLL
    for (int j = 0; j < int(tile::strip_width); ++j) {
      const u32 bits = bit_cast<u32>(s.value[j]) & 0x7fffffffu;
      if (s.has(j) && bits > most) most = bits;
    }
  }

  GEMMACT_FN void end(const params& p, u32 batch) {
    GEMMACT_UNROLL
    for (u32 bit = 16; bit != 0; bit /= 2) {
      const u32 theirs = arch::shuffle_xor(most, bit);
      if (theirs > most) most = theirs;
    }
    if (arch::lane_index() == 0) arch::max_global(p.amax_words + 4 * i64(p.amax_count == 1 ? 0 : batch), most);
    most = 0;
  }

  GEMMACT_FN static void finish(const params& p) {
    arch::sync_block();
    if (arch::thread_index() != 0) return;
    const global_address done = p.amax_words + 4 * i64(p.amax_count);
    if (arch::add_global_acquire_release(done, 1) + 1 != arch::block_count()) return;
    for (u32 i = 0; i < p.amax_count; ++i) {
      const global_address word = p.amax_words + 4 * i64(i);
      arch::store_global(tile::place<float>(p.amax, i, 0, 0), bit_cast<float>(arch::load_global<u32>(word)));
      arch::store_global(word, 0u);
    }
    arch::store_global(done, 0u);
  }
};

}  // namespace gemmact::epilogue
