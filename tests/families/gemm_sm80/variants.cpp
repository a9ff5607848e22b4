#include "tests/families/gemm_sm80/variants.hpp"

#include <array>
#include <utility>

#include "kernels/families/gemm_sm80/family.hpp"
#include "kernels/families/gemm_sm80/kernel.cuh"
#include "tests/families/gemm_sm80/switched_chain.cuh"

namespace gemmact::test {
namespace {

namespace gemm = families::gemm_sm80;

// The tests of coverage, compiled without optimisation, have a few tiles alone.
#if !defined(GEMMACT_FIRST_TILE)
#define GEMMACT_FIRST_TILE 0
#endif
constexpr size_t first = 4 * GEMMACT_FIRST_TILE, count = 4 * std::size(gemm::configs) - first;

template <size_t config>
consteval gemm::config with_pieces() {
  gemm::config c = gemm::configs[config / 4];
  c.piece_bytes = 16u >> (config % 4);
  return c;
}

template <size_t config>
void run(const gemm::params& p) {
  gemm::kernel<with_pieces<config>(), bf16_bits, switched_chain>::run(p);
}

template <size_t... config>
constexpr auto all_of(std::index_sequence<config...>) {
  return std::array<gemm_variant, sizeof...(config)>{run<first + config>...};
}

}  // namespace

gemm_variant variant_of(int config) {
  static constexpr auto all = all_of(std::make_index_sequence<count>());
  return all.at(size_t(config) - first);
}

}  // namespace gemmact::test
