#include "host/api/command/text_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/api/command/failures.hpp"

namespace gemmact::api {

std::string read_text(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) run_fail("{} is a directory, and must be a file", path);
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || in.bad()) run_fail("{} cannot be read", path);
  return text;
}

}  // namespace gemmact::api
