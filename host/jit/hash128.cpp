#include "host/jit/hash128.hpp"

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace gemmact::jit {

std::string hash128::text() const { return fmt::format("{:016x}{:016x}", high, low); }

hash128 hash_bytes(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.low64, hash.high64};
}

hash128 hash_texts(std::initializer_list<std::string_view> texts) {
  std::string joined;
  for (std::string_view text : texts) joined += fmt::format("{}:", text.size()).append(text);
  return hash_bytes(joined);
}

}  // namespace gemmact::jit
