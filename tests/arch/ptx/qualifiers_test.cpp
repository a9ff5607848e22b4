// Every asm statement of kernels/arch is volatile and clobbers "memory" as kernels/arch/thread/device.cuh says: what the
// instructions are cannot tell, as no row of rows.txt has a neighbour that the compiler would move it past.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/arch/ptx/row.hpp"

namespace gemmact::ptx_test {
namespace {

const std::string root = GEMMACT_ROOT "/";

// The headers that have asm statements; math's only compute.
std::vector<std::string> headers() {
  std::vector<std::string> found = {root + "kernels/base/access.cuh"};
  for (const auto& entry : std::filesystem::directory_iterator(root + "kernels/arch")) {
    if (entry.path().filename() != "math" && std::filesystem::exists(entry.path() / "device.cuh"))
      found.push_back(entry.path() / "device.cuh");
  }
  return found;
}

struct asm_statement {
  bool is_volatile = false, clobbers = false;
  std::string code;  // the texts before the first operand
};

// The statement whose parenthesis opens before `at`.
asm_statement read_statement(const std::string& text, size_t at) {
  asm_statement found;
  bool operands = false;
  for (int depth = 1; depth && at < text.size(); ++at) {
    if (text[at] == '"') {
      const size_t first = at + 1;
      for (++at; text[at] != '"'; ++at) at += text[at] == '\\';
      const std::string part = text.substr(first, at - first);
      if (!operands) found.code += part;
      found.clobbers = found.clobbers || (operands && part == "memory");
    } else if (text[at] == ':') {
      operands = true;
    } else {
      depth += (text[at] == '(') - (text[at] == ')');
    }
  }
  return found;
}

std::string fault_of(const asm_statement& one) {
  static const std::regex computes(R"(^(\{\\n\.reg \.b16 [^;]*;\\n)?(mov|cvt|cvta|mapa|shl|and)\.)");
  static const std::regex synchronises(
      R"(^$|\bbar\.|barrier\.|fence|wait|commit|arrive|acquire|release|acq_rel|griddepcontrol|\bmbarrier\.)");
  if (std::regex_search(one.code, computes)) return "";
  if (!one.is_volatile) return "not volatile: " + one.code + "\n";
  if (std::regex_search(one.code, synchronises) && !one.clobbers) return "does not clobber memory: " + one.code + "\n";
  return "";
}

// What is wrong in a header; counts its statements.
std::string faults_of(const std::string& text, int& count) {
  static const std::regex head(R"(\basm( volatile)?\()");
  std::string faults;
  for (std::sregex_iterator m(text.begin(), text.end(), head), last; m != last; ++m, ++count) {
    asm_statement one = read_statement(text, size_t(m->position() + m->length()));
    one.is_volatile = (*m)[1].matched;
    faults += fault_of(one);
  }
  return faults;
}

TEST(ptx_qualifiers, as_told) {
  int count = 0;
  for (const std::string& path : headers()) EXPECT_EQ(faults_of(read_text(path), count), "") << path;
  EXPECT_GE(count, 80);
}

TEST(ptx_qualifiers, each_one_taken_away_is_noticed) {
  int taken = 0, count = 0;
  for (const std::string& path : headers()) {
    const std::string text = read_text(path);
    for (const std::string word : {"asm volatile(", ": \"memory\"", ":\"memory\""}) {
      for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1), ++taken) {
        std::string without = text;
        without.replace(at, word.size(), word[0] == 'a' ? "asm(" : "");
        EXPECT_NE(faults_of(without, count), "") << path << ": " << text.substr(at, 80);
      }
    }
  }
  EXPECT_GE(taken, 100);
}

}  // namespace
}  // namespace gemmact::ptx_test
