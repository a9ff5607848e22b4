#include <utility>

#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM90_ORDERS(GEMM_SM90_ALL, bf16_bits, GEMM_SM90_TOGETHER)
                                 GEMM_SM90_UNSPLIT(bf16_bits, GEMM_SM90_IN_TURN)
                                     GEMM_SM90_ALONG_ROWS(GEMM_SM90, bf16_bits, GEMM_SM90_IN_TURN)
                                         GEMM_SM90_SPLIT(bf16_bits, GEMM_SM90_NARROW_SLABS)});

// Both ways in which two blocks share B.
const add_kernels clusters({GEMM_SM90_ORDERS(GEMM_SM90, bf16_bits, GEMM_SM90_TWO_TOGETHER) GEMM_SM90_ORDERS(
    GEMM_SM90, bf16_bits, GEMM_SM90_TWO_IN_TURN) GEMM_SM90(bf16_bits, GEMM_SM90_TWO_TOGETHER, .batched = true)
                                GEMM_SM90(bf16_bits, GEMM_SM90_TWO_IN_TURN, .b_along_k = false, .batched = true)});

#if !defined(GEMMACT_EMULATED_PART)
// Each tile along k; what has most sums is always staged.
template <int row>
void add_tile(std::vector<kernel_row>& to) {
  using families::gemm_sm90::config;
  constexpr config tile = families::gemm_sm90::configs[row];
  constexpr auto reading = [](config c) { return c.reads = true, c; };
  constexpr auto direct = [](config c) { return c.staged = false, c; };
  to.push_back(gemm_sm90_row<compiled_as(tile), bf16_bits>("bf16_bits"));
  to.push_back(gemm_sm90_row<compiled_as(reading(tile)), bf16_bits>("bf16_bits"));
  if constexpr (tile.consumer_rows() * tile.block_n <= 128 * config::consumer_threads)
    to.push_back(gemm_sm90_row<compiled_as(direct(tile)), bf16_bits>("bf16_bits"));
}
template <int... row>
std::vector<kernel_row> each_tile(std::integer_sequence<int, row...>) {
  std::vector<kernel_row> all;
  (add_tile<row>(all), ...);
  return all;
}
const add_kernels every_tile(
    each_tile(std::make_integer_sequence<int, int(std::size(families::gemm_sm90::configs))>()));
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu
