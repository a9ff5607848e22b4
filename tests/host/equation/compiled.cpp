#include "tests/host/equation/compiled.hpp"

#include <iterator>

#include "sample_equations.hpp"
#if GEMMACT_EMULATED
#include "tests/support/random.hpp"
#endif

namespace gemmact::activation {
namespace {

template <class Act>
constexpr gemmact_compiled_members members() {
  gemmact_compiled_members by{};
  by.value = [](const float* p, float x) { return make<Act>(p)(x); };
  by.grad = [](const float* p, float x) { return make<Act>(p).grad(x); };
  if constexpr (has_grad_from_output<Act>)
    by.grad_from_output = [](const float* p, float y) { return make<Act>(p).grad_from_output(y); };
  if constexpr (has_bit<Act>) {
    by.bit = [](const float* p, float x) { return make<Act>(p).bit(x); };
    by.grad_from_bit = [](const float* p, bool bit) { return make<Act>(p).grad_from_bit(bit); };
  }
  if constexpr (has_param_grad<Act>)
    by.param_grad = [](const float* p, int i, float x) { return make<Act>(p).param_grad(i, x); };
  return by;
}

constexpr gemmact_compiled_equation rows[] = {
#define GEMMACT_EQUATION(type, text, source) \
  {#type, text, {members<type<accuracy::accurate>>(), members<type<accuracy::fast>>()}},
#include "sample_equation_rows.inc"
#undef GEMMACT_EQUATION
};

#if GEMMACT_EMULATED
uint64_t drawn_from = 0;

void instructions_off(uint64_t seed) {
  drawn_from = seed;
  arch::special_error = [](arch::special which, float x) {
    const uint64_t operand = uint64_t(bit_cast<u32>(x)) << 8 | uint64_t(which);
    return drawn_from == 0 ? 0.0 : (test::mix(operand + drawn_from * 0x9e3779b97f4a7c15u) & 1) != 0 ? 1.0 : -1.0;
  };
}
#else
void instructions_off(uint64_t) {}
#endif

}  // namespace
}  // namespace gemmact::activation

extern "C" __attribute__((visibility("default"))) const gemmact_compiled_equations* gemmact_compiled_equations_here() {
  using namespace gemmact::activation;
  static const gemmact_compiled_equations all{rows, int(std::size(rows)), bool(GEMMACT_EMULATED), instructions_off};
  return &all;
}
