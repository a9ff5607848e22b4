#include <stdexcept>
#include <string_view>

#include "host/cpu/isas.hpp"
#include "tests/kernels/bounds.hpp"

namespace gemmact::test {

loop device_loop(const subject& s, size_t isa, accuracy mode, bool each) {
  const gemmact_isa::activation_maps& maps =
      *cpu::available_isas().at(isa)->activation(s.use.f->index, mode == accuracy::fast);
  const int form = each ? gemmact_isa::each : gemmact_isa::scalar;
  const gemmact_isa::map_fn run = [&] {
    switch (s.what) {
      case quantity::value:
        return maps.value[form];
      case quantity::other:
        return maps.other[form];
      case quantity::grad:
        return maps.grad[form];
      case quantity::grad_from_output:
        return maps.grad_from_output[form];
      case quantity::grad_from_bit:
        return maps.grad_from_bit[form];
      case quantity::param_grad:
        return maps.param_grad[s.param][form];
    }
    throw std::logic_error("not a quantity");
  }();
  if (run == nullptr) throw std::logic_error(s.text() + " has no loop");
  return [run, use = s.use, each](const float* in, float* out, size_t count) {
    const size_t copies = each ? count : 1;
    std::vector<float> values[activation::max_params];
    const float* pointers[activation::max_params];
    for (int p = 0; p < activation::max_params; ++p) {
      values[p].assign(copies, use.p[p]);
      pointers[p] = values[p].data();
    }
    run(pointers, in, out, count);
  };
}

int isa_with_fma() {
#if defined(__x86_64__)
  const auto all = cpu::available_isas();
  for (size_t i = 0; i < all.size(); ++i)
    if (std::string_view(all[i]->name) == "avx2") return int(i);
  return -1;
#else
  return 0;
#endif
}

}  // namespace gemmact::test
