// A fixed number of values: registers, as long as every index is known to the compiler.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact {

template <class T, int count>
struct array {
  T values[count];
  GEMMACT_FN constexpr T& operator[](int i) { return values[i]; }
  GEMMACT_FN constexpr const T& operator[](int i) const { return values[i]; }
  static constexpr int size = count;
};

}  // namespace gemmact
