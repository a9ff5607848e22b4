// Writes what tests compile of sample_equations.inc: the structs, and a row for each, GEMMACT_EQUATION(type, "text", the
// struct's source as a literal).
//
//   write_equations structs.hpp rows.inc
#include <fmt/format.h>

#include <cstdio>
#include <set>
#include <string>

#include "host/core/status.hpp"
#include "host/cpu/catalogue.hpp"
#include "host/equation/function.hpp"

namespace gemmact {
namespace {

constexpr const char* samples[] = {
#define GEMMACT_SAMPLE(text) text,
#include "tests/host/equation/sample_equations.inc"
#undef GEMMACT_SAMPLE
};

std::string literal(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return quoted + "\"";
}

bool write_file(const char* path, const std::string& text) {
  std::FILE* file = std::fopen(path, "w");
  if (file == nullptr) return false;
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  return std::fclose(file) == 0 && written;
}

int write_all(const char* structs_path, const char* rows_path) {
  const equation::forms known(cpu::catalogue());
  std::set<std::string> files, types;
  std::string structs, rows;
  for (const char* text : samples) {
    const auto made = equation::make_function(text, known);
    files.insert(made->files.begin(), made->files.end());
    if (!types.insert(made->type).second) {
      fmt::print(stderr, "{} is computed as another sample is\n", text);
      return 1;
    }
    structs += "\n// " + made->text + "\n" + made->source;
    rows += fmt::format("GEMMACT_EQUATION({}, {}, {})\n", made->type, literal(text), literal(made->source));
  }
  std::string head = "// Written by write_equations of sample_equations.inc.\n#pragma once\n";
  head += "#include \"kernels/activation/activation.hpp\"\n";
  for (const std::string& file : files) head += fmt::format("#include \"kernels/activation/{}.hpp\"\n", file);
  structs = head + "\nnamespace gemmact::activation {\n" + structs + "\n}  // namespace gemmact::activation\n";
  return write_file(structs_path, structs) && write_file(rows_path, rows) ? 0 : 1;
}

}  // namespace
}  // namespace gemmact

int main(int count, char** arguments) {
  if (count != 3) return 2;
  try {
    return gemmact::write_all(arguments[1], arguments[2]);
  } catch (const gemmact::core::failure& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 1;
  }
}
