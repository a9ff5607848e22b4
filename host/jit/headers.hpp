// The text of what device code includes, embedded into the library by cmake/embed_kernels.cmake.
#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "host/jit/hash128.hpp"

namespace gemmact::jit {

struct header {
  std::string_view name;  // as an #include has it: "kernels/base/config.hpp"
  std::string_view text;
};

// All headers, by name. An activation from another folder (GEMMACT_ACTIVATION_PATH) is kernels/activation/<stem>.hpp too.
std::span<const header> embedded_headers();

hash128 headers_hash(std::span<const header> headers);

// What the generated source defines. Rows of one name that follow each other are one text, as compilers may limit a
// literal's length.
namespace embedded {
struct piece {
  const char *name, *text;
};
extern const piece pieces[];
extern const size_t count;
}  // namespace embedded

}  // namespace gemmact::jit
