// Loops over the elementary functions as the CPU device has them, one a line: vectorised.sh reads from the compiler which of
// them became vector code. (The fast sqrt and rsqrt are the accurate ones.)
#include <cmath>
#include <cstddef>

#include "kernels/arch/math/math.hpp"

#define LOOP(name, f)                                                                                      \
  void name##_loop(const float* __restrict in, const float* __restrict, float* __restrict out, size_t n) { \
    for (size_t i = 0; i < n; ++i) out[i] = f(in[i]);                                                      \
  }
#define LOOP_OF_PAIRS(name, f)                                                                                   \
  void name##_loop(const float* __restrict in, const float* __restrict other, float* __restrict out, size_t n) { \
    for (size_t i = 0; i < n; ++i) out[i] = f(in[i], other[i]);                                                  \
  }

namespace gemmact::test {

using accurate = math<accuracy::accurate>;
using fast = math<accuracy::fast>;

LOOP(sign, accurate::sign)
LOOP(exp, accurate::exp)
LOOP(fast_exp, fast::exp)
LOOP(expm1, accurate::expm1)
LOOP(fast_expm1, fast::expm1)
LOOP(log, accurate::log)
LOOP(fast_log, fast::log)
LOOP(log1p, accurate::log1p)
LOOP(fast_log1p, fast::log1p)
LOOP(tanh, accurate::tanh)
LOOP(fast_tanh, fast::tanh)
LOOP(erf, accurate::erf)
LOOP(fast_erf, fast::erf)
LOOP(sigmoid, accurate::sigmoid)
LOOP(fast_sigmoid, fast::sigmoid)
LOOP(sqrt, accurate::sqrt)
LOOP(rsqrt, accurate::rsqrt)
LOOP(sin, accurate::sin)
LOOP(fast_sin, fast::sin)
LOOP(cos, accurate::cos)
LOOP(fast_cos, fast::cos)
LOOP(tan, accurate::tan)
LOOP(fast_tan, fast::tan)
LOOP(atan, accurate::atan)
LOOP(fast_atan, fast::atan)
LOOP(sinh, accurate::sinh)
LOOP(fast_sinh, fast::sinh)
LOOP(cosh, accurate::cosh)
LOOP(fast_cosh, fast::cosh)
LOOP(asinh, accurate::asinh)
LOOP(fast_asinh, fast::asinh)
LOOP_OF_PAIRS(min, accurate::min)
LOOP_OF_PAIRS(max, accurate::max)
LOOP_OF_PAIRS(pow, accurate::pow)
LOOP_OF_PAIRS(fast_pow, fast::pow)
LOOP(planted, std::sin)  // not one of them

}  // namespace gemmact::test
