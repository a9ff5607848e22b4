// A few kernels whose chains are types, as a GPU's are: nothing is chosen at run time.
#include "kernels/activation/gelu.hpp"
#include "kernels/activation/prelu.hpp"
#include "kernels/activation/relu.hpp"
#include "kernels/activation/swish.hpp"
#include "kernels/activation/tanh.hpp"
#include "tests/support/emulated_gpu/gemm_sm80_rows.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define BIAS(T, how) epilogue::add<&epilogue::params::bias, T, tile::spread::how>
#define RESIDUAL(T) epilogue::add<&epilogue::params::residual, T, tile::spread::each>
#define SCALE(which, how) epilogue::multiply<&epilogue::params::which, tile::spread::how>
#define WHOLE(...) GEMMACT_EMULATED_KERNEL(__VA_ARGS__)  // with the macros of its words replaced
#define STORE(which, T) epilogue::store<&epilogue::params::which, T>

const add_kernels all({
  WHOLE(families::gemm_sm80::kernel<
      families::gemm_sm80::config{GEMM_SM80_TILE(16, 128, 128, 64, 4, 2, 4, 1)}, bf16_bits,
      epilogue::chain<BIAS(float, per_column), epilogue::activate<activation::swish<accuracy::accurate>>,
                      STORE(y, bf16_bits)>>),
  WHOLE(families::gemm_sm80::kernel<
      families::gemm_sm80::config{GEMM_SM80_TILE(2, 64, 64, 128, 4, 2, 2, 2)}, bf16_bits,
      epilogue::chain<BIAS(bf16_bits, per_row),
                      epilogue::activate<activation::relu<accuracy::fast>, epilogue::sources<>, epilogue::keep_bit>,
                      RESIDUAL(bf16_bits), STORE(y, f16_bits)>>),
  WHOLE(families::gemm_sm80::kernel<
      families::gemm_sm80::config{GEMM_SM80_TILE(8, 16, 64, 128, 6, 1, 2, 2)}, bf16_bits,
      epilogue::chain<BIAS(f16_bits, scalar), STORE(kept, float),
                      epilogue::activate<activation::gelu<accuracy::accurate>>, RESIDUAL(float), STORE(y, float)>>),
  WHOLE(families::gemm_sm80::kernel<
      families::gemm_sm80::config{GEMM_SM80_TILE(4, 16, 128, 128, 4, 1, 4, 2)}, bf16_bits,
      epilogue::chain<BIAS(bf16_bits, each), epilogue::activate<activation::tanh<accuracy::fast>>,
                      STORE(kept, bf16_bits), STORE(y, bf16_bits)>>),
  WHOLE(families::gemm_sm80::kernel<
      families::gemm_sm80::config{GEMM_SM80_TILE(16, 16, 64, 128, 6, 1, 2, 2), .promote_bytes = 128}, e4m3_bits,
      epilogue::chain<SCALE(alpha, scalar), SCALE(scale_x, scalar), SCALE(scale_w, per_column), BIAS(float, per_column),
                      epilogue::add_scaled<e4m3_bits>,
                      epilogue::activate<activation::prelu<accuracy::accurate>,
                                         epilogue::sources<epilogue::tensor<float, tile::spread::per_column>>,
                                         epilogue::keep_bit>,
                      RESIDUAL(f16_bits), epilogue::amax, SCALE(scale_y, scalar), STORE(y, e4m3_bits)>>),
});
// clang-format on

}  // namespace
}  // namespace gemmact::emulated_gpu
