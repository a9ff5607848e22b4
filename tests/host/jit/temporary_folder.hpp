// A folder that lives as long as a test.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::test {

class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::vector<std::string> files_with(std::string_view words) const;  // names that contain them, in subfolders too

 private:
  std::filesystem::path path_;
};

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, std::string_view bytes);

}  // namespace gemmact::test
