// A compiled kernel, and its bytes in a file.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/jit/hash128.hpp"

namespace gemmact::jit {

// What ptxas says of a kernel. Spills and stack frames are refused, so none are counted here.
struct resources {
  uint32_t registers = 0;     // a thread
  uint32_t shared_bytes = 0;  // static shared memory of a block
  uint32_t barriers = 0;      // named barriers of a block
  bool operator==(const resources&) const = default;
};

struct image {
  std::string name;          // the kernel's entry in the cubin
  std::string architecture;  // "sm_90a"
  std::string compiler;      // "NVRTC 13.0"
  resources used;
  std::string cubin;  // bytes
};

// No kernel of ours is within a factor of 100 of these.
inline constexpr size_t max_record_bytes = size_t{64} << 20;
inline constexpr size_t max_name_bytes = 4096;

// A record: what the disk cache has as a file and a pack as an entry. Magic, version, key, size and a checksum of all of it.
std::string make_record(const hash128& key, const image& image);

// The image of a record; nothing when any byte of it is wrong or it is another key's. Safe for any bytes.
std::optional<image> read_record(const hash128& key, std::string_view bytes);

}  // namespace gemmact::jit
