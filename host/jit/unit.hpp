// A unit: the text that makes one kernel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::jit {

struct unit {
  std::string name;          // of its extern "C" kernel, readable in a profiler; a C identifier
  std::string text;          // a few lines that include kernel headers
  std::string architecture;  // "sm_80", "sm_90a", ...
};

struct unit_parts {
  std::vector<std::string> includes;  // "kernels/families/gemm_sm80/kernel.cuh", "kernels/activation/swish.hpp"
  std::string kernel;                 // the kernel's type, as namespace gemmact would write it; commas are fine
  std::string name;
  // What the host believes of the kernel; where the type says otherwise, the unit does not compile.
  uint32_t threads = 0;       // of a block
  uint32_t shared_bytes = 0;  // dynamic shared memory of a block
  uint32_t params_bytes = 0;  // of the one argument
  // Of a function that is no file: text of this library's own within namespace gemmact::activation; whole lines.
  std::string activation{};
};

inline constexpr size_t max_unit_name = 200;  // it is a file's name too

// Throws INTERNAL for what is no C identifier of at most max_unit_name characters.
void check_unit_name(std::string_view name);

// Throws INTERNAL for a name that is no C identifier and includes that are no plain path.
std::string make_unit_text(const unit_parts& parts);

}  // namespace gemmact::jit
