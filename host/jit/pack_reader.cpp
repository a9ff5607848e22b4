#include "host/jit/pack_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "host/core/status.hpp"
#include "host/jit/bytes.hpp"
#include "host/jit/pack_format.hpp"

namespace gemmact::jit {
namespace {

// A pack may belong to anybody whom the caller trusts (the system, an installer), but not be open to everybody.
void refuse_if_open_to_all(const file_descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    core::fail(GEMMACT_BAD_FILE, "pack {} is no regular file", path);
  if ((status.st_mode & S_IWOTH) != 0) core::fail(GEMMACT_BAD_FILE, "pack {} can be written by everybody", path);
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  if (::stat(folder.c_str(), &status) != 0 || ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0))
    core::fail(GEMMACT_BAD_FILE, "pack {} lies in a directory in which everybody may replace it", path);
}

}  // namespace

pack_reader::pack_reader(const std::string& path) : path_(path) {
  using namespace pack_format;
  file_ = file_descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file_) core::fail(GEMMACT_BAD_FILE, "pack {} cannot be opened: {}", path, system_words(errno));
  refuse_if_open_to_all(file_, path);
  struct stat status {};
  ::fstat(file_.get(), &status);
  const uint64_t file_bytes = uint64_t(status.st_size);

  std::string head, index;
  if (file_bytes < header_bytes || file_bytes > max_file_bytes || !read_exactly(file_, 0, header_bytes, head) ||
      !head.starts_with(magic))
    core::fail(GEMMACT_BAD_FILE, "{} is no pack", path);
  byte_reader in(std::string_view(head).substr(magic.size()));
  uint32_t found_version = 0, entries = 0;
  hash128 checksum;
  in.number(found_version), in.number(entries), in.hash(checksum);
  if (found_version != version)
    core::fail(GEMMACT_BAD_FILE, "pack {} has version {}, and this library reads version {}", path, found_version,
               version);
  const uint64_t start = header_bytes + uint64_t{entries} * row_bytes;
  if (entries > max_entries || start > file_bytes ||
      !read_exactly(file_, header_bytes, size_t(start - header_bytes), index) || hash_bytes(index) != checksum)
    core::fail(GEMMACT_BAD_FILE, "pack {} is damaged: its index is not what was written", path);
  byte_reader rows(index);
  rows_.resize(entries);
  for (size_t i = 0; i < entries; ++i) {
    row& r = rows_[i];
    rows.hash(r.key), rows.number(r.offset), rows.number(r.bytes);
    if (r.bytes > max_record_bytes || r.offset < start || r.offset > file_bytes || r.bytes > file_bytes - r.offset ||
        (i > 0 && !(rows_[i - 1].key < r.key)))
      core::fail(GEMMACT_BAD_FILE, "pack {} is damaged: entry {} of its index lies outside the file or out of order",
                 path, i);
  }
}

pack_reader::result pack_reader::find(const hash128& key) const {
  const auto found = std::lower_bound(rows_.begin(), rows_.end(), key,
                                      [](const row& r, const hash128& wanted) { return r.key < wanted; });
  if (found == rows_.end() || found->key != key) return {};
  std::string bytes;
  if (!read_exactly(file_, found->offset, size_t(found->bytes), bytes)) return {lookup::damaged, {}};
  std::optional<image> image = read_record(key, bytes);
  return {image ? lookup::found : lookup::damaged, std::move(image)};
}

std::vector<hash128> pack_reader::keys() const {
  std::vector<hash128> keys;
  for (const row& r : rows_) keys.push_back(r.key);
  return keys;
}

}  // namespace gemmact::jit
