#include "tests/host/jit/temporary_folder.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace gemmact::test {

temporary_folder::temporary_folder() : temporary_folder(std::filesystem::temp_directory_path()) {}

temporary_folder::temporary_folder(const std::filesystem::path& where) {
  std::string pattern = (where / "gemmact_jit_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + pattern);
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

std::vector<std::string> temporary_folder::files_with(std::string_view words) const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_))
    if (entry.is_regular_file() && entry.path().filename().string().find(words) != std::string::npos)
      names.push_back(entry.path().string());
  return names;
}

std::filesystem::path place_in_memory() {
  return ::access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path();
}

std::string read_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void write_bytes(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), std::streamsize(bytes.size()));
}

}  // namespace gemmact::test
