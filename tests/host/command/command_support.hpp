// Runs the built command as a person would, and the folder in which it does so.
#pragma once
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::test {

struct outcome {
  int status = -1;  // exit status; 128 + signal
  std::string out, err;
};

// `standard_output`: a file to open for it in place of the one that becomes outcome.out, or "inherited".
outcome run_command(const std::vector<std::string>& words, const std::string& standard_output = "");

// The exit status, nothing on standard output, and on standard error exactly one line: "gemmact: ... part ...".
void expect_failure(const std::vector<std::string>& words, int status, const std::string& part);
// The same with status 2 and, below that line, the text (`shown`, cut where it is long) and a caret under the character
// that stands `under` characters from its beginning.
void expect_refused_at(const std::vector<std::string>& words, const std::string& part, const std::string& shown,
                       size_t under);
void expect_success(const std::vector<std::string>& words);

std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);
bool file_exists(const std::string& path);

// A folder of its own for each test, removed with all that is in it.
class scratch_test : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::vector<std::string> files() const;  // names, sorted

 private:
  std::string folder_;
};

// An array as the tests see it, and the file it makes; a writer apart from the command's own.
struct array {
  std::vector<int64_t> shape;
  std::vector<double> values;  // in C order
  double& at(int64_t i, int64_t j) { return values[size_t(i * shape.back() + j)]; }
  double at(int64_t i, int64_t j) const { return values[size_t(i * shape.back() + j)]; }
};
struct array_format {
  gemmact_type type = GEMMACT_F32;
  bool fortran_order = false, swapped = false, void_bits = false;
};
void write_array(const std::string& path, const array& a, const array_format& format = {});
std::string npy_bytes(const std::string& descr, bool fortran_order, const std::vector<int64_t>& shape,
                      const std::string& data, int version = 1);

// Reads with the command's reader; fails the test when the file is not of this type.
array read_array(const std::string& path, gemmact_type type = GEMMACT_F32);

}  // namespace gemmact::test
