// What a command leaves behind: text on standard output, and files that are whole or not there.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::api {

// Throws run_error; a reader that went away early (a closed pipe) is no failure.
void write_standard_output(std::string_view text);

// Files written aside; commit() gives them their names, and without it nothing of them remains. Each name changes from
// the old file to the whole new one at once; when one cannot be given, those before it stay, and the message says so. A
// path that is no regular file (a pipe, /dev/null) is written straight.
class output_files {
 public:
  output_files() = default;
  output_files(const output_files&) = delete;
  output_files& operator=(const output_files&) = delete;
  ~output_files();

  void write(const std::string& path, std::string_view head, std::span<const std::byte> data = {});  // throws run_error
  void commit();                                                                                     // throws run_error

 private:
  struct entry {
    std::string path, aside;
  };
  std::vector<entry> entries_;
};

}  // namespace gemmact::api
