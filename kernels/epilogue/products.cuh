#pragma once
#include "kernels/epilogue/activate.cuh"
#include "kernels/epilogue/chain.cuh"

namespace gemmact::epilogue {

// For strips of `count` products: the steps are done with each one's sum, which they leave as its z. What the rows share is
// read once if there are registers for that (early), else by each strip.
template <int count, bool early, class... Steps>
struct each_product {
  struct none {};
  select_type<early, array<chain<Steps...>, count>, none> states;

  GEMMACT_FN void begin(const params& p, const auto& s) {
    if constexpr (early) {
      auto own = s;
      GEMMACT_UNROLL
      for (int i = 0; i < count; ++i) own.product = u32(i), states[i].begin(p, own);
    }
  }
  GEMMACT_FN void apply(const params& p, auto& s) {
    GEMMACT_UNROLL
    for (int i = 0; i < count; ++i) {
      s.product = u32(i);
      s.value = s.of[i];
      if constexpr (early) {
        states[i].apply(p, s);
      } else {
        chain<Steps...> state;
        state.begin(p, s);
        state.apply(p, s);
      }
      s.of[i] = s.value;
    }
    s.product = 0;
  }
};

// f(z_0) * z_1
template <class Act, class From = sources<>>
struct gate {
  activate<Act, From> f;
  GEMMACT_FN void begin(const params& p, const auto& s) { f.begin(p, s); }
  GEMMACT_FN void apply(const params& p, auto& s) {
    s.value = s.of[0];
    f.apply(p, s);
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) s.value[j] *= s.of[1][j];
  }
};

// The largest z, of equal ones the first; the first NaN wins. `keeps`: its number goes to KEPT.
template <int count, bool keeps>
struct winner {
  GEMMACT_FN void apply(const params& p, auto& s) {
    auto number = s;
    s.value = s.of[0];
    GEMMACT_UNROLL
    for (int j = 0; j < int(strip_width); ++j) number.value[j] = 0.0f;
    GEMMACT_UNROLL
    for (int i = 1; i < count; ++i) {
      GEMMACT_UNROLL
      for (int j = 0; j < int(strip_width); ++j) {
        const float most = s.value[j], z = s.of[i][j];
        const bool wins = (most == most) & !(z <= most);
        s.value[j] = wins ? z : most;
        number.value[j] = wins ? float(i) : number.value[j];
      }
    }
    if constexpr (keeps) tile::store_strip<u8>(p.kept, number);
  }
};

}  // namespace gemmact::epilogue
