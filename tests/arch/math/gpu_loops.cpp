#include "tests/arch/math/gpu_loops.hpp"

#include <stdexcept>
#include <vector>

#include "activation_includes.hpp"
#include "kernels/arch/math/emulated.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

static_assert(GEMMACT_EMULATED, "what includes the catalogue here includes it for the emulator");

using run_fn = void (*)(quantity what, int param, const float* p, const float* in, float* out, size_t count);

template <class Act>
void run(quantity what, int param, const float* p, const float* in, float* out, size_t count) {
  const Act a = activation::make<Act>(p);
  const auto map = [&](const auto& f) {
    for (size_t i = 0; i < count; ++i) out[i] = f(in[i]);
  };
  switch (what) {
    case quantity::value:
      return map(a);
    case quantity::grad:
      return map([&](float x) { return a.grad(x); });
    case quantity::other:
      if constexpr (activation::has_other<Act>) return map([&](float x) { return a.other(x); });
      break;
    case quantity::grad_from_output:
      if constexpr (activation::has_grad_from_output<Act>) return map([&](float x) { return a.grad_from_output(x); });
      break;
    case quantity::grad_from_bit:
      if constexpr (activation::has_bit<Act>) return map([&](float x) { return a.grad_from_bit(x != 0.0f); });
      break;
    case quantity::param_grad:
      if constexpr (activation::has_param_grad<Act>) return map([&](float x) { return a.param_grad(param, x); });
      break;
  }
  throw std::logic_error("the function has no such quantity");
}

struct modes {
  run_fn accurate, fast;
};
const modes catalogue[] = {
#define GEMMACT_ACTIVATION(name) {run<activation::name<accuracy::accurate>>, run<activation::name<accuracy::fast>>},
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
};

wrong_instructions::shares share;
uint64_t seed = 0;

}  // namespace

loop gpu_loop(const subject& s, accuracy mode) {
  const modes& both = catalogue[s.use.f->index];
  const run_fn one = mode == accuracy::fast ? both.fast : both.accurate;
  return [one, s](const float* in, float* out, size_t count) { one(s.what, s.param, s.use.p, in, out, count); };
}

wrong_instructions::wrong_instructions(const shares& s) {
  share = s;
  arch::special_error = [](arch::special which, float) {
    const double of[arch::special_count] = {share.ex2,  share.lg2, share.rcp, share.rsqrt,
                                            share.sqrt, share.sin, share.cos, share.tanh};
    return of[int(which)];
  };
}

wrong_instructions::wrong_instructions(uint64_t drawn_from) {
  seed = drawn_from;
  arch::special_error = [](arch::special which, float x) {
    const uint64_t operand = uint64_t(bit_cast<u32>(x)) << 8 | uint64_t(which);
    return (mix(operand + seed * 0x9e3779b97f4a7c15u) & 1) != 0 ? 1.0 : -1.0;
  };
}

wrong_instructions::~wrong_instructions() { arch::special_error = nullptr; }

}  // namespace gemmact::test
