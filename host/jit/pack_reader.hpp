// A pack: one file with many compiled kernels, made where there is a compiler and read where there is none.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/jit/file_descriptor.hpp"
#include "host/jit/image.hpp"

namespace gemmact::jit {

// A pack is read with pread and not mapped: a mapped file that somebody cuts short kills the process that reads it.
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
