// The forms of the catalogue, read once for all tests of a program.
#pragma once
#include "host/cpu/catalogue.hpp"
#include "host/equation/forms.hpp"

namespace gemmact::test {

inline const equation::forms& known_forms() {
  static const equation::forms all(cpu::catalogue());
  return all;
}

}  // namespace gemmact::test
