#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::families::gemm_sm90 {

// A block computes tiles of block_m x block_n sums in steps of 128 bytes along the depth. One warpgroup loads and two multiply:
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
  bool reads_pair = false;  // and of a second product another, to where what is kept is staged and goes out from
  bool overwrites = false;  // the lanes read a matrix in whose place TMA may store Y

  // Of several products.
  u32 parts = 1;            // that share A's tile: B's has a part of each, and the same columns of all make D's
  u32 pairs = 1;            // that are summed: stretches of the depth
  u32 outputs = 1;          // with a D each
  bool sums_batch = false;  // the batch's entries are stretches of the depth
  u32 sums = 0;             // of D's columns, over the rows
  u32 sums_a = 0;  // a bit a product whose A's rows are summed over the depth, by the tiles of D's first columns

  static constexpr u32 span = 128, consumers = 2, consumer_threads = 128, consumer_warps = 8;
  GEMMACT_FN constexpr u32 threads() const { return consumer_threads * (1 + consumers); }
  GEMMACT_FN constexpr u32 consumer_rows() const { return pingpong ? block_m : block_m / consumers; }
  GEMMACT_FN constexpr u32 a_bytes() const { return block_m * span; }
  GEMMACT_FN constexpr u32 b_bytes() const { return block_n * span; }
  GEMMACT_FN constexpr u32 width() const { return block_n / parts; }  // of D
  GEMMACT_FN constexpr bool stretches() const { return pairs > 1 || sums_batch; }
  GEMMACT_FN constexpr bool batched_d() const { return batched && !sums_batch; }
  GEMMACT_FN constexpr bool counts_batch() const { return batched_d() || outputs > 1; }
  GEMMACT_FN constexpr u32 stage_bytes() const { return a_bytes() + b_bytes(); }
  // Of a warp, in turn; with reads some of them are on their way in.
  GEMMACT_FN constexpr u32 slabs() const { return !staged ? 0 : reads_pair ? 6 : reads ? 8 : 2; }
  GEMMACT_FN constexpr u32 matrices() const { return reads_pair ? 2 : 1; }  // of each of those: Y's, what is kept
  GEMMACT_FN constexpr u32 kept_matrices() const { return keeps ? parts : 0; }
  // Of each that is not among them.
  GEMMACT_FN constexpr u32 kept_slabs() const { return keeps && !reads_pair ? 2 : 0; }
  // A row of a slab: 64 columns of 16 bits; 32 where a tile has no whole number of 64, or where there are many slabs.
  GEMMACT_FN constexpr u32 slab_span() const { return width() % 64 == 0 && !reads && !keeps ? 128 : 64; }
  GEMMACT_FN constexpr u32 slabs_at() const { return stages * stage_bytes(); }
  GEMMACT_FN constexpr u32 warp_slab_bytes() const {
    return (slabs() * matrices() + kept_slabs() * kept_matrices()) * 16 * slab_span();
  }
  GEMMACT_FN constexpr u32 ones_at() const { return slabs_at() + consumer_warps * warp_slab_bytes(); }
  GEMMACT_FN constexpr u32 ones_bytes() const {
    return sums_a != 0 ? 256 : 0;
  }  // 8 columns of B, 32 bytes along the depth
  GEMMACT_FN constexpr u32 sums_at() const { return ones_at() + ones_bytes(); }
  GEMMACT_FN constexpr u32 sum_rows_bytes() const { return sums * width() * 4; }  // of a consumer warp
  GEMMACT_FN constexpr u32 sums_bytes() const {
    return sums_a != 0 ? consumers * consumer_rows() * 4 : consumer_warps * sum_rows_bytes();
  }
  GEMMACT_FN constexpr u32 barriers_at() const { return sums_at() + sums_bytes(); }
  GEMMACT_FN constexpr u32 arrivals_at() const { return barriers_at() + 2 * stages * 8; }
  GEMMACT_FN constexpr u32 arrivals() const { return reads ? consumer_warps * slabs() : 0; }
  GEMMACT_FN constexpr u32 answer_at() const { return (arrivals_at() + arrivals() * 8 + 15) / 16 * 16; }
  GEMMACT_FN constexpr u32 shared_bytes() const { return answer_at() + (splits || sums != 0 || sums_a != 0 ? 16 : 0); }

  // Places of the kernel's tensor maps.
  GEMMACT_FN constexpr u32 products() const { return pairs * outputs; }
  GEMMACT_FN constexpr u32 a_map() const { return 0; }           // one a product
  GEMMACT_FN constexpr u32 b_map() const { return products(); }  // one a product and part
  GEMMACT_FN constexpr u32 y_map() const { return b_map() + products() * parts; }
  GEMMACT_FN constexpr u32 read_map() const { return y_map() + (staged ? outputs : 0); }
  GEMMACT_FN constexpr u32 kept_map() const { return read_map() + (reads ? outputs * matrices() : 0); }
  GEMMACT_FN constexpr u32 maps() const { return kept_map() + kept_matrices(); }
};

}  // namespace gemmact::families::gemm_sm90
