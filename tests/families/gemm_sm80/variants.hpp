// The family's kernels, compiled for the emulator: one for each row of configs.inc and each size of a copy's pieces, with
// the chain that is switched on at run time.
#pragma once
#include "kernels/families/gemm_sm80/params.hpp"

namespace gemmact::test {

using gemm_variant = void (*)(const families::gemm_sm80::params&);

// `config` as in families::candidate.
gemm_variant variant_of(int config);

}  // namespace gemmact::test
