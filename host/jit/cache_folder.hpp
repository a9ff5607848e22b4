// Files kept between processes: one a key, in one directory that nobody else may write.
#pragma once
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/jit/file_descriptor.hpp"
#include "host/jit/hash128.hpp"

namespace gemmact::jit {

// Files are <key><suffix>, made with mode 0600 under another name, synced and renamed, so a reader sees all of a file or
// none of it. A writer holds a lock on its unfinished file. One that no living process has locked is removed once it is a
// minute old: a folder is looked through at its first write and at each 64th after it, and of its own files the least
// recently used leave where there are more than `max_bytes` of them. Files of other suffixes are others'.
class cache_folder {
 public:
  // A relative directory is meant from where the process is now. An empty one: nothing is read or kept, and describe() says
  // `off_reason`.
  cache_folder(std::string directory, std::string suffix, uint64_t max_bytes, std::string off_reason);

  // The file's bytes. Nothing where it is not there; `note` says why where that is not simply a miss. One of more than
  // `max_file_bytes` is damaged.
  std::optional<std::string> read(const hash128& key, size_t max_file_bytes, std::string& note) const;
  std::string damaged(const hash128& key) const;  // the note of a file whose bytes are not what was written

  // Never throws for what the disk does: `note` then says, too, why the file is not kept.
  void write(const hash128& key, std::string_view bytes, std::string& note);

  // Keeps other processes' lock() waiting while the result lives, for those that join what is there with what they write. Empty
  // where there is no directory, and after a second: then somebody may write between reading and writing, and is lost.
  file_descriptor lock() const;

  std::string describe() const;  // "/home/me/.cache/gemmact", or why there is none

 private:
  file_descriptor open_directory(bool make, std::string& why) const;
  void trim(const file_descriptor& directory) const;
  std::string name_of(const hash128& key) const { return key.text() + suffix_; }

  std::string directory_, suffix_;
  uint64_t max_bytes_;
  std::string off_reason_;
  std::atomic<uint32_t> written_{0};
};

}  // namespace gemmact::jit
