// Every wrapper of kernels/arch, compiled alone, is the instruction that its row in rows.txt says, and assembles without a word.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/arch/ptx/listing.hpp"
#include "tests/arch/ptx/row.hpp"
#if GEMMACT_HAS_NVRTC
#include "tests/arch/ptx/compile.hpp"
#endif

namespace gemmact::ptx_test {
namespace {

const std::string root = GEMMACT_ROOT "/";

std::string device_header(const std::string& folder) { return "kernels/arch/" + folder + "/device.cuh"; }

const std::vector<row>& all_rows() {
  static const std::vector<row> rows = parse_rows(read_text(root + "tests/arch/ptx/rows.txt"));
  return rows;
}

// The folders whose device.cuh is instructions; math's is functions made of them, compared with their values.
std::vector<std::string> folders() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(root + "kernels/arch")) {
    const std::string name = entry.path().filename();
    if (name != "math" && std::filesystem::exists(entry.path() / "device.cuh")) found.push_back(name);
  }
  return found;
}

// The public functions of a device.cuh: not those of its namespace detail.
std::set<std::string> functions_of(std::string text) {
  const size_t detail = text.find("namespace detail {"), end = text.find("}  // namespace detail");
  if (detail != std::string::npos && end != std::string::npos) text.erase(detail, end - detail);
  static const std::regex head(R"(__device__ __forceinline__ [\w<>, ]+? \*?&?(\w+)(?:<\w+>)?\()");
  std::set<std::string> names;
  for (std::sregex_iterator m(text.begin(), text.end(), head), last; m != last; ++m) names.insert((*m)[1]);
  return names;
}

std::set<std::string> without_row(const std::string& folder, const std::string& text) {
  std::set<std::string> names = functions_of(text);
  static const std::regex call(R"(\b(\w+)(?:<[^()]*>)?\()");
  for (const row& one : all_rows()) {
    if (one.folder != folder) continue;
    for (std::sregex_iterator m(one.call.begin(), one.call.end(), call), last; m != last; ++m) names.erase((*m)[1]);
  }
  return names;
}

// From which line to which an asm statement stands, or a macro that makes one.
std::map<int, int> asm_lines(const std::string& text) {
  static const std::regex statement(R"(^(?!\s*(//|#)).*\b(asm( volatile)?\(|GEMMACT_[A-Z0-9_]+\())");
  std::map<int, int> found;
  std::istringstream lines(text);
  int number = 0, open = 0;
  bool macro = false;
  std::string ends;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const bool inside = macro || line.rfind("#define", 0) == 0;
    macro = inside && !line.empty() && line.back() == '\\';
    std::smatch m;
    if (!inside && std::regex_search(line, m, statement)) {
      open = number;
      ends = m.str(2)[0] == 'a' ? ";}" : ";})";
    }
    if (!open) continue;
    found[open] = number;
    if (!line.empty() && ends.find(line.back()) != std::string::npos) open = 0;
  }
  return found;
}

TEST(ptx_rows, every_function_has_one) {
  ASSERT_GE(folders().size(), 13u);
  for (const std::string& folder : folders()) {
    const std::string text = read_text(root + device_header(folder));
    EXPECT_FALSE(functions_of(text).empty()) << folder;
    for (const std::string& name : without_row(folder, text))
      ADD_FAILURE() << folder << ": " << name << " has no row in rows.txt";
  }
}

TEST(ptx_rows, planted_function_without_one) {
  const std::string text = read_text(root + device_header("fence")) +
                           "template <int n>\n__device__ __forceinline__ void fence_planted() { asm(\"\"); }\n";
  EXPECT_EQ(without_row("fence", text), std::set<std::string>{"fence_planted"});
}

#if GEMMACT_HAS_NVRTC

std::string source_of(const std::vector<row>& rows, const std::string& architecture, const std::string& folder) {
  std::string text;
  for (const std::string& name : folders()) text += fmt::format("#include \"kernels/arch/{0}/{0}.cuh\"\n", name);
  text += "namespace gemmact::arch {\n";
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i].architecture == architecture && (folder.empty() || rows[i].folder == folder))
      text += kernel_source(rows[i], fmt::format("row_{}", i));
  return text + "}\n";
}

// How many rows differ; tells each difference.
int differences(const std::vector<row>& rows, const std::string& architecture, const listing& found,
                std::string& told) {
  int count = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto kernel = found.kernels.find(fmt::format("row_{}", i));
    if (rows[i].architecture != architecture || kernel == found.kernels.end()) continue;
    const std::string text = difference(rows[i].expected, kernel->second);
    if (text.empty()) continue;
    ++count;
    told += fmt::format("rows.txt:{}: {}: {}\n", rows[i].line, rows[i].call, text);
  }
  return count;
}

TEST(ptx, every_wrapper_is_its_row_and_assembles) {
  std::set<std::string> architectures;
  for (const row& one : all_rows()) architectures.insert(one.architecture);
  std::set<std::pair<std::string, int>> lines;
  size_t compared = 0;
  for (const std::string& architecture : architectures) {
    const compiled result = compile(source_of(all_rows(), architecture, ""), architecture);
    ASSERT_TRUE(result.ok) << result.log;
    EXPECT_EQ(result.log, "") << "sm_" << architecture;
    const listing found = parse_listing(result.ptx);
    compared += found.kernels.size();
    std::string told;
    EXPECT_EQ(differences(all_rows(), architecture, found, told), 0) << told;
    lines.insert(found.lines.begin(), found.lines.end());
  }
  EXPECT_EQ(compared, all_rows().size());
  // Every statement of every header has been seen, so that no overload and no branch is without a row.
  for (const std::string& folder : folders()) {
    const std::string path = root + device_header(folder);
    for (const auto& [first, last] : asm_lines(read_text(path))) {
      const auto seen = lines.lower_bound({path, first});
      EXPECT_TRUE(seen != lines.end() && seen->first == path && seen->second <= last)
          << path << ":" << first << ": no row compiles this statement";
    }
  }
}

// A header of ours with one text in place of another.
std::string differences_with(const std::string& folder, const std::string& architecture, const std::string& from,
                             const std::string& to) {
  std::string text = read_text(root + device_header(folder));
  const size_t at = text.find(from);
  if (at == std::string::npos) return "";
  text.replace(at, from.size(), to);
  const compiled result =
      compile(source_of(all_rows(), architecture, folder), architecture, {{device_header(folder), text}});
  if (!result.ok) return "";
  std::string told;
  differences(all_rows(), architecture, parse_listing(result.ptx), told);
  return told;
}

TEST(ptx, planted_faults_are_found) {
  struct fault {
    const char *folder, *architecture, *from, *to;
  };
  const fault faults[] = {
      {"global", "80", "ld.acquire.gpu", "ld.relaxed.gpu"},
      {"convert", "80", "\"f\"(high), \"f\"(low)", "\"f\"(low), \"f\"(high)"},
      {"mma", "80", "{%4, %5, %6, %7}", "{%4, %6, %5, %7}"},
      {"cp_async", "80", "cp.async.cg.shared.global", "cp.async.cg.shared.global.L2::128B"},
      {"ldmatrix", "80", "x4.trans", "x4"},
      {"fence", "90", "fence.proxy.async.shared::cta", "fence.proxy.async"},
      {"mbarrier", "90", "release.cta.shared::cta.b64 _", "relaxed.cta.shared::cta.b64 _"},
      {"tma", "90", "[%1, {%3, %4}]", "[%1, {%4, %3}]"},
      {"wgmma", "90a", "\"n\"(int(a_major)), \"n\"(int(b_major))", "\"n\"(int(b_major)), \"n\"(int(a_major))"},
  };
  for (const fault& one : faults)
    EXPECT_NE(differences_with(one.folder, one.architecture, one.from, one.to), "") << one.folder << ": " << one.to;
}

#else

TEST(ptx, every_wrapper_is_its_row_and_assembles) {
  GTEST_SKIP() << "built where there was no CUDA toolkit with NVRTC";
}

#endif

}  // namespace
}  // namespace gemmact::ptx_test
