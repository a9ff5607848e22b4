// What NVRTC and ptxas say of a compile.
#pragma once
#include <string>
#include <string_view>

#include "host/jit/image.hpp"

namespace gemmact::jit {

// The lines of `log` that make a kernel unfit, joined by "; ": errors, warnings, spills, stack frames and the C7xxx messages
// of ptxas, whose severity is only "info" though they say that a kernel was made slow. Empty where there are none.
std::string complaints(std::string_view log);

// Of the one entry that `log` (ptxas -v) is about; false where it says nothing of registers.
bool read_resources(std::string_view log, resources& used);

}  // namespace gemmact::jit
