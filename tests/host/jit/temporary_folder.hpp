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
  explicit temporary_folder(const std::filesystem::path& where);
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  std::vector<std::string> files_with(std::string_view words) const;  // names that contain them, in subfolders too

 private:
  std::filesystem::path path_;
};

// Where files need no disk, if the machine has such a place: a test that syncs thousands of files waits for others' writes.
std::filesystem::path place_in_memory();

std::string read_bytes(const std::string& path);
void write_bytes(const std::string& path, std::string_view bytes);

}  // namespace gemmact::test
