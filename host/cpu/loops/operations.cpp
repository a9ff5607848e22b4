// The operations of equations, for one instruction set: what each means, in f32, and a loop for each shape of its sources.
// A condition is 1 where it holds and 0 elsewhere.
#include "host/core/operations.hpp"
#include "host/cpu/isa_abi.hpp"
#include "kernels/arch/math/math.hpp"

namespace gemmact::cpu {
namespace {

template <accuracy mode>
struct meaning : math<mode> {
  using base = math<mode>;

  static GEMMACT_FN float negate(float a) { return -a; }
  static GEMMACT_FN float add(float a, float b) { return a + b; }
  static GEMMACT_FN float subtract(float a, float b) { return a - b; }
  static GEMMACT_FN float multiply(float a, float b) { return a * b; }
  static GEMMACT_FN float power(float a, float b) { return base::pow(a, b); }
  static GEMMACT_FN float less(float a, float b) { return a < b ? 1.0f : 0.0f; }
  static GEMMACT_FN float at_most(float a, float b) { return a <= b ? 1.0f : 0.0f; }
  static GEMMACT_FN float greater(float a, float b) { return a > b ? 1.0f : 0.0f; }
  static GEMMACT_FN float at_least(float a, float b) { return a >= b ? 1.0f : 0.0f; }
  static GEMMACT_FN float equal(float a, float b) { return a == b ? 1.0f : 0.0f; }
  static GEMMACT_FN float unequal(float a, float b) { return a != b ? 1.0f : 0.0f; }
  static GEMMACT_FN float both(float a, float b) { return ((a != 0.0f) & (b != 0.0f)) ? 1.0f : 0.0f; }
  static GEMMACT_FN float either(float a, float b) { return ((a != 0.0f) | (b != 0.0f)) ? 1.0f : 0.0f; }
  static GEMMACT_FN float deny(float a) { return a != 0.0f ? 0.0f : 1.0f; }
  static GEMMACT_FN float choose(float condition, float a, float b) { return condition != 0.0f ? a : b; }
  static GEMMACT_FN float choose_if_less(float a, float b, float c, float d) { return a < b ? c : d; }
  static GEMMACT_FN float choose_if_at_most(float a, float b, float c, float d) { return a <= b ? c : d; }
  static GEMMACT_FN float clamp(float x, float lo, float hi) { return x < lo ? lo : (x > hi ? hi : x); }
};

// Bit s of `shape`: source s is one number for all.
template <class Mode, class Meaning, int children, int shape>
void loop(float* to, const float* const* from, size_t count) {
  const float *a = from[0], *b = from[children > 1 ? 1 : 0], *c = from[children > 2 ? 2 : 0];
  const float* d = from[children > 3 ? 3 : 0];
  const float one_a = *a, one_b = *b, one_c = *c, one_d = *d;  // `to` may be where they lie
  // Each element is read before it is written, so what is one of its sources is safe to vectorise.
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) {
    const float x = (shape & 1) != 0 ? one_a : a[i];
    if constexpr (children == 1) {
      to[i] = Meaning::template of<Mode>(x);
    } else {
      const float y = (shape & 2) != 0 ? one_b : b[i];
      if constexpr (children == 2) {
        to[i] = Meaning::template of<Mode>(x, y);
      } else {
        const float z = (shape & 4) != 0 ? one_c : c[i];
        if constexpr (children == 3) to[i] = Meaning::template of<Mode>(x, y, z);
        else to[i] = Meaning::template of<Mode>(x, y, z, (shape & 8) != 0 ? one_d : d[i]);
      }
    }
  }
}

template <class Mode, class Meaning, int children, int shape = 0>
constexpr void set_shapes(gemmact_isa::operation_fn* shapes) {
  if constexpr (shape + 1 < 1 << children || shape == 0) {
    shapes[shape] = loop<Mode, Meaning, children, shape>;
    set_shapes<Mode, Meaning, children, shape + 1>(shapes);
  }
}

// A name of each meaning that a template can be given.
#define GEMMACT_FUNCTION(name, children)       \
  struct meaning_of_##name {                   \
    template <class Mode, class... Numbers>    \
    static GEMMACT_FN float of(Numbers... n) { \
      return Mode::name(n...);                 \
    }                                          \
  };
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) GEMMACT_FUNCTION(name, children)
#include "host/core/operations.inc"
GEMMACT_FUNCTION(choose_if_less, 4)
GEMMACT_FUNCTION(choose_if_at_most, 4)
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION

void fill(float* to, const float* const* from, size_t count) {
  const float v = *from[0];
  for (size_t i = 0; i < count; ++i) to[i] = v;
}

// Arithmetic is the same in both modes.
constexpr bool is_arithmetic(core::op operation) {
  return operation <= core::op::clamp && operation != core::op::power;
}
template <accuracy mode, core::op operation>
using meaning_in = meaning<is_arithmetic(operation) ? accuracy::accurate : mode>;

template <accuracy mode>
constexpr gemmact_isa::operation_maps maps_of() {
  gemmact_isa::operation_maps maps{};
#define GEMMACT_FUNCTION(name, children)                            \
  static_assert(int(core::op::name) < gemmact_isa::max_operations); \
  set_shapes<meaning_in<mode, core::op::name>, meaning_of_##name, children>(maps.of[int(core::op::name)]);
#define GEMMACT_OPERATOR(name, spelling, children, takes, gives) GEMMACT_FUNCTION(name, children)
#include "host/core/operations.inc"
#undef GEMMACT_OPERATOR
#undef GEMMACT_FUNCTION
  using arithmetic = meaning<accuracy::accurate>;
  set_shapes<arithmetic, meaning_of_choose_if_less, 4>(maps.choose[gemmact_isa::if_less]);
  set_shapes<arithmetic, meaning_of_choose_if_at_most, 4>(maps.choose[gemmact_isa::if_at_most]);
  maps.fill = fill;
  return maps;
}

}  // namespace
}  // namespace gemmact::cpu

extern "C" const gemmact_isa::operation_maps GEMMACT_ISA_TABLE(operation_maps)[2];
const gemmact_isa::operation_maps GEMMACT_ISA_TABLE(operation_maps)[2] = {
    gemmact::cpu::maps_of<gemmact::accuracy::accurate>(), gemmact::cpu::maps_of<gemmact::accuracy::fast>()};
