#include "host/jit/file_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace gemmact::jit {

file_descriptor::~file_descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string system_words(int error) { return std::generic_category().message(error); }

bool read_exactly(const file_descriptor& file, uint64_t offset, size_t count, std::string& bytes) {
  bytes.resize(count);
  size_t done = 0;
  while (done < count) {
    const ssize_t got = ::pread(file.get(), bytes.data() + done, count - done, off_t(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += size_t(got);
  }
  return true;
}

namespace {

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(size_t(put));
  }
  return true;
}

// Different for every call of every process that may share the directory, even where process numbers repeat.
std::string temporary_name(const std::string& name) {
  static std::atomic<uint32_t> calls{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return fmt::format("{}{}{}-{:x}-{}", name, temporary_mark, ::getpid(), now, ++calls);
}

}  // namespace

std::string replace_file(int directory, const std::string& name, std::string_view bytes, uint32_t mode) {
  const std::string temporary = temporary_name(name);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const file_descriptor file(::openat(directory, temporary.c_str(), flags, mode_t(mode)));
  if (!file) return fmt::format("cannot be created: {}", system_words(errno));
  // Where a file system has no locks, an unfinished file is told by its age alone.
  ::flock(file.get(), LOCK_EX | LOCK_NB);
  const char* step = !write_all(file.get(), bytes)                                            ? "written"
                     : ::fsync(file.get()) != 0                                               ? "synced"
                     : ::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0 ? "renamed"
                                                                                              : nullptr;
  if (step == nullptr) return {};
  const int error = errno;
  ::unlinkat(directory, temporary.c_str(), 0);
  return fmt::format("cannot be {}: {}", step, system_words(error));
}

}  // namespace gemmact::jit
