#pragma once
#include "kernels/arch/math/math.hpp"
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/values.cuh"

namespace gemmact::epilogue {

// += a tensor: a bias, C without BETA, a residual.
template <tile::matrix_view params::*which, class T, spread how>
struct add {
  values<T, how> v;
  GEMMACT_FN void begin(const params& p, const auto& s) { v.begin(p.at<which>(s.product), s); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    v.row(p.at<which>(s.product), s);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) s.value[j] += v[j];
  }
};

// *= a tensor in f32: ALPHA and the scales.
template <tile::matrix_view params::*which, spread how>
struct multiply {
  values<float, how> v;
  GEMMACT_FN void begin(const params& p, const auto& s) { v.begin(p.at<which>(s.product), s); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    v.row(p.at<which>(s.product), s);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) s.value[j] *= v[j];
  }
};

// += BETA * C
template <class T>
struct add_scaled {
  values<float, spread::scalar> beta;
  GEMMACT_FN void begin(const params& p, const auto& s) { beta.begin(p.beta, s); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    values<T, spread::each> c;
    c.row(p.at<&params::c>(s.product), s);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) s.value[j] += beta.one * c[j];
  }
};

}  // namespace gemmact::epilogue
