#include "host/api/command/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "host/api/command/failures.hpp"

namespace gemmact::api {
namespace {

// False with errno set when not all could be written.
bool write_all(int file, const char* data, size_t bytes) {
  while (bytes > 0) {
    const ssize_t done = ::write(file, data, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    data += done;
    bytes -= size_t(done);
  }
  return true;
}

[[noreturn]] void cannot_write(const std::string& path) {
  run_fail("{} cannot be written: {}", path, std::strerror(errno));
}

void write_and_close(int file, const std::string& path, std::string_view head, std::span<const std::byte> data) {
  if (file < 0) cannot_write(path);
  const bool written = write_all(file, head.data(), head.size()) &&
                       write_all(file, reinterpret_cast<const char*>(data.data()), data.size());
  const int reason = errno;
  const bool closed = ::close(file) == 0;
  if (written && closed) return;
  if (!written) errno = reason;
  cannot_write(path);
}

// The file that a chain of symbolic links ends at, so that a link stays a link.
std::string resolved(const std::string& path) {
  struct freed {
    void operator()(char* p) const { std::free(p); }
  };
  const std::unique_ptr<char, freed> real(::realpath(path.c_str(), nullptr));
  return real == nullptr ? path : real.get();
}

}  // namespace

void write_standard_output(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text.data(), text.size()) && errno != EPIPE) cannot_write("standard output");
}

output_files::~output_files() {
  for (const entry& e : entries_) ::unlink(e.aside.c_str());
}

void output_files::write(const std::string& path, std::string_view head, std::span<const std::byte> data) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode))
    return write_and_close(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path, head, data);
  const std::string real = resolved(path);
  const std::string aside = fmt::format("{}.{}-{}.part", real, ::getpid(), entries_.size());
  const int file = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) cannot_write(path);
  entries_.push_back({real, aside});
  write_and_close(file, path, head, data);
}

void output_files::commit() {
  std::string done;
  while (!entries_.empty()) {
    const entry& e = entries_.front();
    if (::rename(e.aside.c_str(), e.path.c_str()) != 0)
      run_fail("{} cannot be written: {}{}", e.path, std::strerror(errno), done.empty() ? "" : "; written: " + done);
    done += (done.empty() ? "" : ", ") + e.path;
    entries_.erase(entries_.begin());
  }
}

}  // namespace gemmact::api
