// 128-bit hashes (XXH3) that name compiled kernels and tell damaged files. Not against forgery: who may write the files is
// what guards them (disk_cache.hpp).
#pragma once
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace gemmact::jit {

struct hash128 {
  uint64_t low = 0, high = 0;
  auto operator<=>(const hash128&) const = default;
  std::string text() const;  // 32 hexadecimal digits
};

hash128 hash_bytes(std::string_view bytes);

// Of several texts; where one ends and the next begins counts.
hash128 hash_texts(std::initializer_list<std::string_view> texts);

}  // namespace gemmact::jit
