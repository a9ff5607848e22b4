#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::families::gemm_sm90 {

// A block computes tiles of block_m x block_n of Y in steps of 128 bytes along k. One warpgroup loads and two multiply:
// together a tile, each half of its rows, or (pingpong) each a tile of its own, one multiplying while the other finishes.
struct config {
  u32 block_m, block_n;
  u32 stages;
  u32 cluster;  // blocks, one below the other, that share B's tiles by multicast: 1 or 2
  bool pingpong = false;
  bool curved = false;  // tiles in the order of Hilbert's curve, which is the host's matter
  // From here on what the operands decide.
  bool a_along_k = true, b_along_k = true;  // an operand's elements side by side; else along its rows
  bool staged = true;                       // Y goes out through shared memory, by TMA
  bool batched = false;
  bool splits = false;    // blocks share a tile, each with a part of k
  bool promotes = false;  // each stage's sums leave the tensor cores' accumulators

  bool reads = false;       // TMA brings a matrix that the epilogue adds to where Y is staged
  bool keeps = false;       // what is kept goes out through shared memory, too
  bool overwrites = false;  // the lanes read a matrix in whose place TMA may store Y

  static constexpr u32 span = 128, consumers = 2, consumer_threads = 128, consumer_warps = 8;
  GEMMACT_FN constexpr u32 threads() const { return consumer_threads * (1 + consumers); }
  GEMMACT_FN constexpr u32 consumer_rows() const { return pingpong ? block_m : block_m / consumers; }
  GEMMACT_FN constexpr u32 a_bytes() const { return block_m * span; }
  GEMMACT_FN constexpr u32 b_bytes() const { return block_n * span; }
  GEMMACT_FN constexpr u32 stage_bytes() const { return a_bytes() + b_bytes(); }
  // Of a warp, in turn; with reads some of them are on their way in.
  GEMMACT_FN constexpr u32 slabs() const { return !staged ? 0 : reads ? 8 : 2; }
  GEMMACT_FN constexpr u32 kept_slabs() const { return keeps ? 2 : 0; }
  // A row of a slab: 64 columns of 16 bits; 32 where a tile has no whole number of 64, or where there are many slabs.
  GEMMACT_FN constexpr u32 slab_span() const { return block_n % 64 == 0 && !reads && !keeps ? 128 : 64; }
  GEMMACT_FN constexpr u32 slabs_at() const { return stages * stage_bytes(); }
  GEMMACT_FN constexpr u32 warp_slab_bytes() const { return (slabs() + kept_slabs()) * 16 * slab_span(); }
  GEMMACT_FN constexpr u32 barriers_at() const { return slabs_at() + consumer_warps * warp_slab_bytes(); }
  GEMMACT_FN constexpr u32 arrivals_at() const { return barriers_at() + 2 * stages * 8; }
  GEMMACT_FN constexpr u32 arrivals() const { return reads ? consumer_warps * slabs() : 0; }
  GEMMACT_FN constexpr u32 answer_at() const { return (arrivals_at() + arrivals() * 8 + 15) / 16 * 16; }
  GEMMACT_FN constexpr u32 shared_bytes() const { return answer_at() + (splits ? 16 : 0); }
};

}  // namespace gemmact::families::gemm_sm90
