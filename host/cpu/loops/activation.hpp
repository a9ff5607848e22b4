// The loops of one activation, for one instruction set: see host/cpu/isa_abi.hpp.
#pragma once
#include "host/cpu/isa_abi.hpp"
#include "kernels/activation/activation.hpp"

namespace gemmact::cpu {

// One loop over `in` for a function `g(activation, x)`. `Each`: every element has parameters of its own.
template <class Act, bool Each, auto g>
void map_loop(const float* const* params, const float* in, float* out, size_t count) {
  constexpr int n = Act::info.param_count;
  const float* p[activation::max_params] = {};
  for (int i = 0; i < n; ++i) p[i] = params[i];
  float one[activation::max_params] = {};
  for (int i = 0; i < n; ++i) one[i] = *p[i];
  const Act shared = activation::make<Act>(one);
  // Each element is read before it is written, so in == out is safe to vectorise.
#pragma GCC ivdep
  for (size_t i = 0; i < count; ++i) {
    if constexpr (!Each || n == 0) {
      out[i] = g(shared, in[i]);
    } else {
      float own[activation::max_params] = {p[0][i]};
      if constexpr (n > 1) own[1] = p[1][i];
      if constexpr (n > 2) own[2] = p[2][i];
      if constexpr (n > 3) own[3] = p[3][i];
      out[i] = g(activation::make<Act>(own), in[i]);
    }
  }
}

template <class Act, auto g>
constexpr void set_pair(gemmact_isa::map_fn (&pair)[2]) {
  pair[gemmact_isa::scalar] = map_loop<Act, false, g>;
  pair[gemmact_isa::each] = map_loop<Act, true, g>;
}

template <class Act>
constexpr gemmact_isa::activation_maps maps_of() {
  gemmact_isa::activation_maps maps{};
  set_pair<Act, [](const Act& a, float x) { return a(x); }>(maps.value);
  set_pair<Act, [](const Act& a, float x) { return a.grad(x); }>(maps.grad);
  if constexpr (activation::has_other<Act>) set_pair<Act, [](const Act& a, float x) { return a.other(x); }>(maps.other);
  if constexpr (activation::has_grad_from_output<Act>)
    set_pair<Act, [](const Act& a, float y) { return a.grad_from_output(y); }>(maps.grad_from_output);
  if constexpr (activation::has_bit<Act>) {
    set_pair<Act, [](const Act& a, float x) { return a.bit(x) ? 1.0f : 0.0f; }>(maps.bit);
    set_pair<Act, [](const Act& a, float b) { return a.grad_from_bit(b != 0.0f); }>(maps.grad_from_bit);
  }
  if constexpr (activation::has_param_grad<Act>) {
    set_pair<Act, [](const Act& a, float x) { return a.param_grad(0, x); }>(maps.param_grad[0]);
    if constexpr (Act::info.param_count > 1)
      set_pair<Act, [](const Act& a, float x) { return a.param_grad(1, x); }>(maps.param_grad[1]);
    if constexpr (Act::info.param_count > 2)
      set_pair<Act, [](const Act& a, float x) { return a.param_grad(2, x); }>(maps.param_grad[2]);
    if constexpr (Act::info.param_count > 3)
      set_pair<Act, [](const Act& a, float x) { return a.param_grad(3, x); }>(maps.param_grad[3]);
  }
  return maps;
}

}  // namespace gemmact::cpu
