// docs/equations.md: its list of stable forms is host/equation/stable_forms.inc (rewritten with GEMMACT_UPDATE_DOCS=1),
// its functions are those of the language.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "host/equation/graph.hpp"

namespace gemmact::equation {
namespace {

const std::string path = GEMMACT_SOURCE_FOLDER "/docs/equations.md";

std::string page() {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string stable_forms() {
  std::string text = "| written | computed | since |\n|---|---|---|\n";
  const std::map<std::string_view, const char*> where = {
      {"always", ""},
      {"alone", " (times a number from 1 to 16 at most)"},
      {"overflow", " (so, too, where x or y can be so large that one overflows)"},
      {"positive", " (y, z positive numbers)"},
      {"slope", " (y without x)"}};
#define GEMMACT_STABLE_FORM(when, written, computed, why) \
  text += fmt::format("| `{}`{} | `{}` | {} |\n", written, where.at(#when), computed, why);
#include "host/equation/stable_forms.inc"
#undef GEMMACT_STABLE_FORM
  return text;
}

TEST(equation_page, has_the_stable_forms) {
  const std::string begin = "<!-- from host/equation/stable_forms.inc -->\n", end = "<!-- end -->\n";
  std::string text = page();
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_LT(from, to);
  ASSERT_NE(to, text.npos);
  const size_t first = from + begin.size();
  if (std::getenv("GEMMACT_UPDATE_DOCS") != nullptr) {
    text.replace(first, to - first, stable_forms());
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text.substr(first, to - first), stable_forms()) << "GEMMACT_UPDATE_DOCS=1 rewrites it";
}

TEST(equation_page, names_every_function) {
  const std::string text = page();
  const size_t at = text.find("| functions | `");
  ASSERT_NE(at, text.npos);
  const std::string functions = " " + text.substr(at + 15, text.find('`', at + 15) - at - 15) + " ";
  for (const operation_row& row : operation_rows())
    EXPECT_TRUE(!row.is_function || functions.find(fmt::format(" {} ", row.spelling)) != functions.npos)
        << row.spelling;
}

}  // namespace
}  // namespace gemmact::equation
