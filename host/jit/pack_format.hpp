// A pack's bytes, all numbers little-endian:
//
//   header   magic, u32 version, u32 entries, checksum of the index (16 bytes)
//   index    entries x {key (16 bytes), u64 offset, u64 bytes}, ascending by key, each key once
//   records  as image.hpp has them, each with a checksum of its own
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gemmact::jit::pack_format {

inline constexpr std::string_view magic = "gemmpack";
inline constexpr uint32_t version = 1;
inline constexpr size_t header_bytes = 32, row_bytes = 32;
inline constexpr uint32_t max_entries = 1u << 20;
inline constexpr uint64_t max_file_bytes = uint64_t{4} << 30;

}  // namespace gemmact::jit::pack_format
