// An open file that closes itself, and the few ways in which files are read and written here.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace gemmact::jit {

class file_descriptor {
 public:
  file_descriptor() = default;
  explicit file_descriptor(int fd) : fd_(fd) {}
  file_descriptor(file_descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~file_descriptor();

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// `count` bytes from `offset`; false where there are fewer or the disk fails.
bool read_exactly(const file_descriptor& file, uint64_t offset, size_t count, std::string& bytes);

// What the system says of an errno.
std::string system_words(int error);

// Writes `bytes` as `name` in `directory` (an open one, or AT_FDCWD for a path): a temporary file beside it, locked,
// synced, renamed, and removed if any of that fails. Returns what failed in the system's words, empty when nothing did.
std::string replace_file(int directory, const std::string& name, std::string_view bytes, uint32_t mode);

// What replace_file's temporary names contain, so that abandoned ones can be found.
inline constexpr std::string_view temporary_mark = ".unfinished-";

}  // namespace gemmact::jit
