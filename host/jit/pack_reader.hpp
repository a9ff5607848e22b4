// A pack: one file with many compiled kernels, made where there is a compiler and read where there is none.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/jit/file_descriptor.hpp"
#include "host/jit/image.hpp"

namespace gemmact::jit {

// The file, all numbers little-endian:
//   header  magic "gemmpack", u32 version, u32 entries, index's checksum (16 bytes)
//   index   entries x {key (16 bytes), u64 offset, u64 bytes}, ascending by key, each key once
//   records as image.hpp has them, each with a checksum of its own
// It is read with pread, not mapped: a mapped file that somebody cuts short kills the process that reads it.
namespace pack_format {
inline constexpr char magic[] = "gemmpack";
inline constexpr uint32_t version = 1;
inline constexpr size_t header_bytes = 32, row_bytes = 32;
inline constexpr uint32_t max_entries = 1u << 20;
inline constexpr uint64_t max_file_bytes = uint64_t{4} << 30;
}  // namespace pack_format

class pack_reader {
 public:
  // Throws BAD_FILE for a file that is missing, is no pack of this version, has a damaged index, or that anybody may
  // write (its own mode, or its directory's). Records are checked when they are read.
  explicit pack_reader(const std::string& path);

  enum class lookup { found, absent, damaged };
  struct result {
    lookup state = lookup::absent;
    std::optional<image> found;
  };
  result find(const hash128& key) const;  // thread-safe

  const std::string& path() const { return path_; }
  size_t size() const { return rows_.size(); }
  std::vector<hash128> keys() const;

 private:
  struct row {
    hash128 key;
    uint64_t offset = 0, bytes = 0;
  };
  std::string path_;
  file_descriptor file_;
  std::vector<row> rows_;
};

}  // namespace gemmact::jit
