// The rows of rows.txt: a call of a wrapper and the instructions that it must become, and the kernel that makes it alone.
#pragma once
#include <string>
#include <vector>

namespace gemmact::ptx_test {

struct variable {
  std::string type, name;
  int count = 0;  // of an array; 0 when it is none
  bool read = true, written = false;
};

struct row {
  std::string folder, architecture, call;
  std::vector<variable> variables;
  std::vector<std::string> expected;
  int line = 0;
};

// The rows of a text in rows.txt's form, those of @n written out. Throws std::runtime_error that names the line.
std::vector<row> parse_rows(const std::string& text);

// A kernel of this name that calls the row's wrapper between comments in the PTX: `// in NAME REGISTER` for what is given,
// `// out NAME REGISTER` for what comes back.
std::string kernel_source(const row& one, const std::string& name);

std::string read_text(const std::string& path);

}  // namespace gemmact::ptx_test
