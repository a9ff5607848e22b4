// A tile whose k is split among several blocks: each leaves its sums in the workspace and is counted; the one that is
// counted last adds all of them, in the order of k. No block waits for another.
#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/base/array.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::tile {

// `threads` of a block have a tile's sums, thread `thread` as quads of `z`:
//
//   static constexpr int Product::quads;  array<float, 4> get(int quad) const;  void set(int quad, const array<float, 4>&)
//
// `answer`: 4 bytes of shared memory of theirs. meet() is where they all meet. True for the last ones, who have all sums.
template <u32 threads, class Unit, class Product, class Meet>
GEMMACT_FN bool gather(const shared_sums& s, const work& w, const Unit& u, u32 thread, shared_address answer,
                       Product& z, const Meet& meet) {
  constexpr i64 quad_bytes = i64(threads) * 16, unit_bytes = Product::quads * quad_bytes;
  const u32 number = u.number(w);
  const global_address all = s.partials + (i64(number) * w.splits * unit_bytes + i64(thread) * 16);
  const global_address own = all + i64(u.split) * unit_bytes;
  GEMMACT_UNROLL
  for (int quad = 0; quad < Product::quads; ++quad) arch::store_global(own + quad * quad_bytes, z.get(quad));
  meet();
  if (thread == 0) {
    const global_address counter = s.counters + 4 * i64(number);
    const u32 last = arch::add_global_acquire_release(counter, 1) + 1 == w.splits;
    if (last != 0) arch::store_global(counter, 0u);
    arch::store_shared(answer, last);
  }
  meet();
  if (arch::load_shared<u32>(answer) == 0) return false;
  GEMMACT_UNROLL
  for (int quad = 0; quad < Product::quads; ++quad) z.set(quad, {});
  GEMMACT_NO_UNROLL
  for (u32 split = 0; split < w.splits; ++split) {
    const global_address part = all + i64(split) * unit_bytes;
    GEMMACT_UNROLL
    for (int quad = 0; quad < Product::quads; ++quad) {
      array<float, 4> sum = z.get(quad);
      const auto four = arch::load_global<array<float, 4>>(part + quad * quad_bytes);
      GEMMACT_UNROLL
      for (int r = 0; r < 4; ++r) sum[r] += four[r];
      z.set(quad, sum);
    }
  }
  return true;
}

}  // namespace gemmact::tile
