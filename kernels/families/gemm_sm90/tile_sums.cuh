// The sums over rows that a tile of gemm_sm90 leaves: of D's columns, or of A's rows over the depth. They come together in
// shared memory and go on by kernels/epilogue/column_sums.cuh.
#pragma once
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/column_sums.cuh"
#include "kernels/families/gemm_sm90/block_tiles.cuh"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"

namespace gemmact::families::gemm_sm90 {

template <config c>
class tile_sums {
 public:
  using corner = typename block_tiles<c>::corner;

  GEMMACT_FN explicit tile_sums(u32 consumer) : consumer_(consumer) {}

  // Of D's columns, those of slice `slice` that the calling warp makes.
  GEMMACT_FN shared_address of_slice(int slice) const { return of_warp() + 4 * tile::strip_cols * u32(slice); }
  static constexpr u32 pitch = c.width();

  // `own`: of the warp's first row. The slices of columns that it does not finish, as they are outside of the matrix, sum to 0.
  GEMMACT_FN void begin(const common_params& p, const corner& own) const {
    GEMMACT_UNROLL
    for (u32 i = 0; i < c.sums * c.width(); i += tile::strip_cols)
      if (own.row >= p.m || own.col + i % c.width() >= p.n)
        arch::store_shared(of_warp() + 4 * (i + arch::lane_index()), 0.0f);
  }

  // All of the consumer's warps have made theirs (of a tile of both consumers, all of both's); `tile`: its corner.
  GEMMACT_FN void leave(const common_params& p, const corner& tile) const {
    constexpr epilogue::sums_shape shape{threads, threads / 32, c.sums, c.width()};
    leave<shape>(p, {tile.col / c.width(), tile.entry, tile.row / c.block_m, tile.col}, own_rows());
  }

  // Of A's rows: `z` has summed the tile's.
  template <class Product>
  GEMMACT_FN void leave_rows(const common_params& p, const corner& tile, u32 first, const Product& z) const {
    constexpr epilogue::sums_shape shape{threads, 1, 1, c.block_m};
    const u32 lane = arch::lane_index(), row = consumer_ * c.consumer_rows() + arch::warp_index() % 4 * 16 + lane / 4;
    GEMMACT_UNROLL
    for (int i = 0; i < Product::units; ++i) {
      GEMMACT_UNROLL
      for (int half = 0; half < 2; ++half)
        if (lane % 4 == 0) arch::store_shared(all() + 4 * (row + 64 * u32(i) + 8 * u32(half)), z.row_sum[2 * i + half]);
    }
    const u32 group = tile.row / c.block_m;
    leave<shape>(p, {group, tile.entry, 0, tile.row, first}, all() + (c.pingpong ? 4 * consumer_ * c.block_m : 0));
  }

 private:
  static constexpr u32 threads = (c.pingpong ? 1 : c.consumers) * c.consumer_threads;

  static GEMMACT_FN shared_address all() { return arch::dynamic_shared() + c.sums_at(); }
  GEMMACT_FN shared_address own_rows() const { return all() + (c.pingpong ? 4 * consumer_ * c.sum_rows_bytes() : 0); }
  GEMMACT_FN shared_address of_warp() const {
    return all() + (4 * consumer_ + arch::warp_index() % 4) * c.sum_rows_bytes();
  }

  template <epilogue::sums_shape shape>
  GEMMACT_FN void leave(const common_params& p, const epilogue::sums_place& at, shared_address own) const {
    const auto meet = [&] {
      if constexpr (!c.pingpong) arch::sync_named<1>(threads);
      else if (consumer_ == 0) arch::sync_named<4>(threads);
      else arch::sync_named<5>(threads);
    };
    const shared_address answer = arch::dynamic_shared() + (c.answer_at() + (c.pingpong ? 4 * consumer_ : 0));
    epilogue::leave_sums<shape>(p.out.sum, at, own, arch::thread_index() % threads, answer, meet);
    meet();  // the next tile's may be written
  }

  u32 consumer_;
};

}  // namespace gemmact::families::gemm_sm90
