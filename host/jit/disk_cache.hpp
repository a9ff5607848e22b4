// Compiled kernels kept between processes: files <key>.kernel of a cache_folder.
#pragma once
#include <optional>
#include <string>

#include "host/jit/cache_folder.hpp"
#include "host/jit/image.hpp"

namespace gemmact::jit {

class disk_cache {
 public:
  // As cache_folder's.
  disk_cache(std::string directory, uint64_t max_bytes, std::string off_reason);

  // Nothing where it is not there; `note` says why where that is not simply a miss.
  std::optional<image> read(const hash128& key, std::string& note) const;

  // Never throws for what the disk does: `note` then says why the kernel is not kept.
  void write(const hash128& key, const image& image, std::string& note);

  std::string describe() const { return folder_.describe(); }

 private:
  cache_folder folder_;
};

}  // namespace gemmact::jit
