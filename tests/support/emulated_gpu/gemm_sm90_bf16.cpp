#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/support/emulated_gpu/gemm_sm90_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

const add_kernels few_tiles({GEMM_SM90_ORDERS(GEMM_SM90_ALL, bf16_bits, GEMM_SM90_TOGETHER)
                                 GEMM_SM90_ORDERS(GEMM_SM90_UNSPLIT, bf16_bits, GEMM_SM90_IN_TURN)
                                     GEMM_SM90_ORDERS(GEMM_SM90_BOTHS, bf16_bits, GEMM_SM90_FEWER_IN_TURN)
                                         GEMM_SM90(bf16_bits, GEMM_SM90_NARROW_SLABS, .splits = true)});

// Both ways in which two blocks share B.
const add_kernels clusters({GEMM_SM90_ORDERS(GEMM_SM90, bf16_bits, GEMM_SM90_TWO_TOGETHER)
                                GEMM_SM90_ORDERS(GEMM_SM90, bf16_bits, GEMM_SM90_TWO_IN_TURN)
                                    GEMM_SM90(bf16_bits, GEMM_SM90_TWO_TOGETHER, .batched = true)
                                        GEMM_SM90(bf16_bits, GEMM_SM90_TWO_IN_TURN, .b_along_k = false, .batched = true)
                                            GEMM_SM90(bf16_bits, GEMM_SM90_FEWER_TWO_TOGETHER, .reads = true)});

#if !defined(GEMMACT_EMULATED_PART)
// With a residual, as many stages as there is room for beside its slabs.
constexpr families::gemm_sm90::config reading(families::gemm_sm90::config c) {
  c.curved = false;
  c.reads = true;
  c.stages = families::gemm_sm90::fitting_stages(c);
  return c;
}
template <families::gemm_sm90::config c>
kernel_row row_of() {
  const std::string type =
      "families::gemm_sm90::kernel<" + families::gemm_sm90::config_text(c) + ", bf16_bits, any_chain>";
  return kernel_row_of<families::gemm_sm90::kernel<c, bf16_bits, any_chain>>(type.c_str());
}

// Each tile along k.
#define GEMMACT_GEMM_SM90(...)                      \
  GEMM_SM90(bf16_bits, GEMM_SM90_TILE(__VA_ARGS__)) \
  GEMM_SM90(bf16_bits, GEMM_SM90_TILE(__VA_ARGS__), .staged = false) row_of<reading({__VA_ARGS__})>(),
const add_kernels every_tile({
#include "kernels/families/gemm_sm90/configs.inc"
});
#undef GEMMACT_GEMM_SM90
#endif

}  // namespace
}  // namespace gemmact::emulated_gpu
