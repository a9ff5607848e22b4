// A place in the source: where a kernel calls an instruction. As the default of a last argument it is the caller's.
#pragma once
#include "kernels/base/config.hpp"

namespace gemmact::emulator {

struct site {
  const char* file = "";
  u32 line = 0;
  static constexpr site here(const char* at_file = __builtin_FILE(), u32 at_line = __builtin_LINE()) {
    return {at_file, at_line};
  }
  friend constexpr bool operator==(const site& a, const site& b) { return a.file == b.file && a.line == b.line; }
};

}  // namespace gemmact::emulator
