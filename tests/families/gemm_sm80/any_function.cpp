#include "tests/families/gemm_sm80/any_function.hpp"

#include <stdexcept>
#include <vector>

#include "activation_includes.hpp"

namespace gemmact::test {
namespace {

struct both_results {
  float (*value)(const float* p, float x);
  bool (*bit)(const float* p, float x);
};

template <class Act>
both_results results_of() {
  return {[](const float* p, float x) { return activation::make<Act>(p)(x); },
          [](const float* p, float x) -> bool {
            if constexpr (activation::has_bit<Act>) return activation::make<Act>(p).bit(x);
            throw std::logic_error("this function has no bit");
          }};
}

template <accuracy mode>
std::vector<both_results> catalogue() {
  std::vector<both_results> all;
#define GEMMACT_ACTIVATION(name) all.push_back(results_of<activation::name<mode>>());
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
  return all;
}

both_results chosen{};

}  // namespace

void choose(chosen_function f) {
  static const std::vector<both_results> accurate = catalogue<accuracy::accurate>();
  static const std::vector<both_results> fast = catalogue<accuracy::fast>();
  chosen = (f.mode == accuracy::fast ? fast : accurate).at(size_t(f.index));
}

float any_function::operator()(float x) const {
  const float p[] = {a, b, c, d};
  return chosen.value(p, x);
}
bool any_function::bit(float x) const {
  const float p[] = {a, b, c, d};
  return chosen.bit(p, x);
}

}  // namespace gemmact::test
