// Compiled kernels kept between processes: one file a key in one directory that nobody else may write.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/jit/file_descriptor.hpp"
#include "host/jit/image.hpp"

namespace gemmact::jit {

// Files are <key>.kernel, made with mode 0600 under another name, synced and renamed, so a reader sees all of a file or
// none of it. A writer holds a lock on its unfinished file. One that no living process has locked is removed once it is a
// minute old: a cache looks at its first write and at each 64th after it.
class disk_cache {
 public:
  // A relative directory is meant from where the process is now. An empty one: nothing is read or kept, and every note says `off_reason`.
  disk_cache(std::string directory, uint64_t max_bytes, std::string off_reason);

  // Nothing where it is not there; `note` says why where that is not simply a miss.
  std::optional<image> read(const hash128& key, std::string& note) const;

  // Never throws for what the disk does: `note` then says why the kernel is not kept.
  void write(const hash128& key, const image& image, std::string& note);

  std::string describe() const;  // "/home/me/.cache/gemmact", or why there is none

 private:
  file_descriptor open_directory(bool make, std::string& why) const;
  void trim(const file_descriptor& directory) const;

  std::string directory_;
  uint64_t max_bytes_;
  std::string off_reason_;
  std::atomic<uint32_t> written_{0};
};

}  // namespace gemmact::jit
