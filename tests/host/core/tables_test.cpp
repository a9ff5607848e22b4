// The tables of host/core and what is made from them: docs/errors.md and docs/environment.md (rewritten with
// GEMMACT_UPDATE_DOCS=1), the names, and the slots as gemmact.h documents them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "host/core/environment.hpp"
#include "host/core/names.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"

namespace gemmact::core {
namespace {

const std::filesystem::path root = GEMMACT_SOURCE_FOLDER;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void expect_document(const char* name, const std::string& expected) {
  std::filesystem::path path = root / "docs" / name;
  if (std::getenv("GEMMACT_UPDATE_DOCS") != nullptr) std::ofstream(path) << expected;
  EXPECT_EQ(read(path), expected) << "docs/" << name << " does not follow its table; GEMMACT_UPDATE_DOCS=1 rewrites it";
}

TEST(tables, errors_document) {
  std::string text =
      "# Statuses\n\nEvery call of `gemmact.h` returns one of these; `gemmact_last_error()` then has one sentence that "
      "names "
      "the argument, its value and the rule.\nNothing has been written to any output when the status is not "
      "`GEMMACT_OK`. This page is made from `host/core/errors.inc`.\n\n| status | number | cause | cure "
      "|\n|---|---|---|---|\n";
  int number = 0;
  for (const error_row& row : error_rows())
    text += fmt::format("| `{}` | {} | {} | {} |\n", row.name, number++, row.cause, row.cure);
  expect_document("errors.md", text);
}

TEST(tables, environment_document) {
  std::string text =
      "# Environment variables\n\nThe library reads these and no others. An empty value counts as not set. This page "
      "is "
      "made from `host/core/environment.inc`.\n\n| variable | values | meaning |\n|---|---|---|\n";
  for (const environment_variable& v : environment_variables())
    text += fmt::format("| `{}` | {} | {} |\n", v.name, v.values, v.meaning);
  expect_document("environment.md", text);
}

// Every GEMMACT_… that the library's source looks up is in the table, and every row is looked up somewhere.
TEST(tables, environment_is_complete) {
  std::set<std::string> looked_up, listed;
  const std::regex look_up("(getenv|environment_value)\\(\"(\\w+)\"");
  for (const auto& file : std::filesystem::recursive_directory_iterator(root / "host")) {
    std::string extension = file.path().extension();
    bool library = file.path().string().find("/host/api/command/") == std::string::npos &&
                   file.path().string().find("/host/examples/") == std::string::npos;
    if (!library || (extension != ".cpp" && extension != ".hpp")) continue;
    std::string text = read(file.path());
    for (std::sregex_iterator i(text.begin(), text.end(), look_up), end; i != end; ++i) looked_up.insert((*i)[2]);
  }
  for (const environment_variable& v : environment_variables()) listed.insert(v.name);
  EXPECT_EQ(looked_up, listed);
}

TEST(tables, environment_values) {
  ::setenv("GEMMACT_PLAN", "cpu", 1);
  EXPECT_EQ(environment_value("GEMMACT_PLAN"), "cpu");
  ::unsetenv("GEMMACT_PLAN");
  EXPECT_EQ(environment_value("GEMMACT_PLAN"), "");
  EXPECT_THROW(environment_value("GEMMACT_NONE"), failure);
}

// Every status of the header's enumeration has a row, in its place.
TEST(tables, every_status_of_the_header_has_a_row) {
  std::string header = read(root / "host/include/gemmact/gemmact.h");
  header = header.substr(header.find("typedef enum gemmact_status"));
  header = header.substr(0, header.find("} gemmact_status;"));
  const std::regex row("(GEMMACT_\\w+) = (\\d+)");
  size_t count = 0;
  for (std::sregex_iterator i(header.begin(), header.end(), row), end; i != end; ++i, ++count)
    EXPECT_STREQ(status_name(static_cast<gemmact_status>(std::stoi((*i)[2]))), (*i)[1].str().c_str());
  EXPECT_EQ(count, error_rows().size());
  EXPECT_STREQ(status_name(static_cast<gemmact_status>(count)), "GEMMACT_UNKNOWN_STATUS");
  for (const error_row& r : error_rows()) {
    EXPECT_EQ(std::string(r.cause).back(), '.') << r.name;
    EXPECT_EQ(std::string(r.cure).back(), '.') << r.name;
  }
}

// The header's table of slots says the same operations and shapes as slots.inc.
TEST(tables, the_slots_of_the_header_are_those_of_the_table) {
  std::string header = read(root / "host/include/gemmact/gemmact.h");
  int rows = 0;
  for (uint32_t slot = 1; const slot_rule* rule = find_slot(slot); ++slot) {
    std::smatch line;
    std::string name = slot == GEMMACT_ALPHA ? "ALPHA, BETA" : rule->name;
    if (slot == GEMMACT_BETA) continue;
    ASSERT_TRUE(std::regex_search(header, line, std::regex("\\n \\*   " + name + " +([^\\n]*)"))) << name;
    std::string text = line[1];
    ++rows;
    const char* const shape[] = {"m x n", "m x k", "n x k"};
    if (text.find(" x ") == 1) {
      EXPECT_EQ(text.substr(0, 5), shape[static_cast<int>(rule->shape)]) << name;
    }
    // The operations stand before the first semicolon, or the second: "F W", "A in; maxout's I and W in".
    size_t end = text.find(';');
    if (text.find("; maxout's") == end) end = text.find(';', end + 1);
    std::string head = std::regex_replace(text.substr(0, end), std::regex("I\\(below\\)"), "");
    for (int operation = 0; operation < 4; ++operation) {
      std::string letter(1, "FAIW"[operation]);
      bool says = std::regex_search(head, std::regex("(^|[ (])" + letter + "([ (]|$)"));
      EXPECT_EQ(says, rule->roles[operation] != slot_role::none) << name << " " << letter << ": " << head;
    }
    for (uint32_t type : {GEMMACT_F16, GEMMACT_E4M3, GEMMACT_BIT, GEMMACT_U8}) {
      std::string upper = type == GEMMACT_BIT ? "BIT" : type == GEMMACT_U8 ? "U8" : name_of(gemmact_type(type));
      bool as_x = text.find("as X") != std::string::npos && type != GEMMACT_BIT && type != GEMMACT_U8;
      EXPECT_EQ(as_x || text.find(upper) != std::string::npos, (rule->types >> type & 1) != 0) << name << " " << upper;
    }
  }
  EXPECT_EQ(rows, 22);
}

TEST(tables, names) {
  EXPECT_EQ(slot_text(GEMMACT_W, 1), "W[1]");
  EXPECT_EQ(slot_text(GEMMACT_BELOW | GEMMACT_DZ, 0), "BELOW|DZ");
  EXPECT_EQ(slot_text(99, 0), "slot 99");
  EXPECT_EQ(quoted("a\tb"), "\"a\\x09b\"");
  EXPECT_STREQ(name_of(GEMMACT_BIT), "bit");
}

}  // namespace
}  // namespace gemmact::core
