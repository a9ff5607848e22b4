#include "host/jit/cache_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <memory>
#include <vector>

namespace gemmact::jit {
namespace {

constexpr time_t unfinished_seconds = 60;
constexpr uint32_t writes_between_trims = 64;
constexpr int lock_tries = 200;
constexpr useconds_t lock_pause_us = 5000;

// Ours, and nobody else may write it. `what` is "the directory ..." or "the file ...".
bool ours_alone(const struct stat& status, const std::string& what, std::string& why) {
  if (status.st_uid != ::geteuid())
    why = fmt::format("{} belongs to user {}, not to user {}", what, status.st_uid, ::geteuid());
  else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    why = fmt::format("{} can be written by others (mode {:o})", what, status.st_mode & 07777);
  else return true;
  return false;
}

// Absolute, for a process that changes its directory later, and with no slash at its end, after which there is no name.
std::string plain_path(const std::string& directory) {
  if (directory.empty()) return {};
  std::error_code error;
  std::string path = std::filesystem::absolute(directory, error).string();
  if (error) path = directory;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

struct kept_file {
  std::string name;
  uint64_t bytes = 0;
  timespec used{};
};

bool older(const kept_file& a, const kept_file& b) {
  return a.used.tv_sec != b.used.tv_sec ? a.used.tv_sec < b.used.tv_sec : a.used.tv_nsec < b.used.tv_nsec;
}

// Removes what a writer that is no more has left: nobody holds its lock, and it is too old to be between its first two steps.
void sweep(int directory, const std::string& name, const struct stat& status) {
  if (std::time(nullptr) - status.st_mtime < unfinished_seconds) return;
  const file_descriptor file(::openat(directory, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlinkat(directory, name.c_str(), 0);
}

}  // namespace

cache_folder::cache_folder(std::string directory, std::string suffix, uint64_t max_bytes, std::string off_reason)
    : directory_(plain_path(directory)),
      suffix_(std::move(suffix)),
      max_bytes_(max_bytes),
      off_reason_(std::move(off_reason)) {}

file_descriptor cache_folder::open_directory(bool make, std::string& why) const {
  if (directory_.empty()) return {};
  if (make) {
    std::error_code error;
    const std::filesystem::path path(directory_);
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
      why = fmt::format("the cache's directory {} cannot be made: {}", directory_, system_words(errno));
      return {};
    }
  }
  file_descriptor opened(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!opened || ::fstat(opened.get(), &status) != 0) {
    if (make || errno != ENOENT)
      why = fmt::format("the cache's directory {} cannot be opened: {}", directory_, system_words(errno));
    return {};
  }
  return ours_alone(status, "the cache's directory " + directory_, why) ? std::move(opened) : file_descriptor{};
}

std::optional<std::string> cache_folder::read(const hash128& key, size_t max_file_bytes, std::string& note) const {
  const file_descriptor directory = open_directory(false, note);
  if (!directory) return {};
  const std::string name = name_of(key);
  const file_descriptor file(::openat(directory.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  const std::string what = fmt::format("the file {}/{}", directory_, name);
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) {
    if (errno != ENOENT) note = fmt::format("{} cannot be opened: {}", what, system_words(errno));
    return {};
  }
  if (!ours_alone(status, what, note)) return {};
  std::string bytes;
  if (!S_ISREG(status.st_mode) || uint64_t(status.st_size) > max_file_bytes ||
      !read_exactly(file, 0, size_t(status.st_size), bytes)) {
    note = damaged(key);
    return {};
  }
  ::futimens(file.get(), nullptr);  // used now: the last to leave
  return bytes;
}

std::string cache_folder::damaged(const hash128& key) const {
  return fmt::format("the file {}/{} is damaged", directory_, name_of(key));
}

void cache_folder::write(const hash128& key, std::string_view bytes, std::string& note) {
  std::string why;
  const file_descriptor directory = open_directory(true, why);
  if (directory) {
    why = replace_file(directory.get(), name_of(key), bytes, 0600);
    if (!why.empty()) why = fmt::format("the file {}/{} {}", directory_, name_of(key), why);
    if (written_++ % writes_between_trims == 0) trim(directory);
  }
  if (why.empty() || note.find(why) != note.npos) return;
  note += fmt::format("{}not kept: {}", note.empty() ? "" : "; ", why);
}

file_descriptor cache_folder::lock() const {
  std::string why;
  file_descriptor directory = open_directory(true, why);
  for (int i = 0; directory && i < lock_tries; ++i) {
    if (::flock(directory.get(), LOCK_EX | LOCK_NB) == 0) return directory;
    if (errno != EWOULDBLOCK && errno != EINTR) break;
    ::usleep(lock_pause_us);
  }
  return {};
}

void cache_folder::trim(const file_descriptor& directory) const {
  const int copy = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(copy < 0 ? nullptr : ::fdopendir(copy), ::closedir);
  if (!listing) return;
  std::vector<kept_file> files;
  uint64_t total = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    struct stat status {};
    if (::fstatat(directory.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
      continue;
    if (name.find(temporary_mark) != name.npos) sweep(directory.get(), name, status);
    if (!name.ends_with(suffix_)) continue;
    files.push_back({name, uint64_t(status.st_size), status.st_mtim});
    total += uint64_t(status.st_size);
  }
  std::sort(files.begin(), files.end(), older);
  for (const kept_file& file : files) {
    if (total <= max_bytes_) break;
    if (::unlinkat(directory.get(), file.name.c_str(), 0) == 0) total -= file.bytes;
  }
}

std::string cache_folder::describe() const {
  if (directory_.empty()) return "none: " + off_reason_;
  std::string why;
  const file_descriptor directory = open_directory(false, why);
  return why.empty() ? directory_ : "not used: " + why;
}

}  // namespace gemmact::jit
