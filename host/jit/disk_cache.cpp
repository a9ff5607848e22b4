#include "host/jit/disk_cache.hpp"

namespace gemmact::jit {

disk_cache::disk_cache(std::string directory, uint64_t max_bytes, std::string off_reason)
    : folder_(std::move(directory), ".kernel", max_bytes, std::move(off_reason)) {}

std::optional<image> disk_cache::read(const hash128& key, std::string& note) const {
  const std::optional<std::string> bytes = folder_.read(key, max_record_bytes, note);
  if (!bytes) return {};
  std::optional<image> found = read_record(key, *bytes);
  if (!found) note = folder_.damaged(key);
  return found;
}

void disk_cache::write(const hash128& key, const image& image, std::string& note) {
  folder_.write(key, make_record(key, image), note);
}

}  // namespace gemmact::jit
