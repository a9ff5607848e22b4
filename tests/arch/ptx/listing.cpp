#include "tests/arch/ptx/listing.hpp"

#include <fmt/format.h>

#include <regex>
#include <sstream>

namespace gemmact::ptx_test {
namespace {

bool is_register(const std::string& token) {
  static const std::regex form(R"(%(r|f|rd|rs|p|fd|h|hh)\d+)");
  return std::regex_match(token, form);
}

std::vector<std::string> tokens_of(const std::string& statement) {
  static const std::regex token(R"([%$]?[A-Za-z_0-9][\w.]*(?:::[\w.]+)*|\S)");
  return {std::sregex_token_iterator(statement.begin(), statement.end(), token), {}};
}

std::string root(const kernel_listing& kernel, std::string name) {
  for (auto next = kernel.source.find(name); next != kernel.source.end(); next = kernel.source.find(name))
    name = next->second;
  return name;
}

// Instructions of the compiler's own between the asm blocks that hand on a value, so that a register is known by the variable
// that it came from.
void note_copy(const std::string& line, kernel_listing& kernel) {
  static const std::regex copy(
      R"(\s*(?:mov\.\w+|cvt\.u32\.u64|cvt\.u64\.u32|cvt\.u32\.u16|cvt\.u16\.u32|cvta\.[\w.]+)\s+(%\w+), ([%\w]+);)");
  static const std::regex test(R"(\s*setp\.ne\.\w+\s+(%p\d+), (%\w+), 0;)");
  static const std::regex choose(R"(\s*selp\.\w+\s+(%\w+), 1, 0, (%p\d+);)");
  static const std::regex parameter(R"(\w+_param_0)");
  std::smatch m;
  if (!std::regex_match(line, m, copy) && !std::regex_match(line, m, test) && !std::regex_match(line, m, choose))
    return;
  const std::string to = m[1], from = m[2];
  if (std::regex_match(from, parameter)) kernel.labels[to].insert("m");
  else if (is_register(from)) kernel.source.emplace(to, from);
}

// One line of an asm block.
void note_statement(const std::string& line, kernel_listing& kernel,
                    std::vector<std::pair<std::string, std::string>>& marks) {
  static const std::regex mark(R"(\s*// (?:in|out) (\w+) (%\w+)\s*)");
  static const std::regex declaration(R"(\s*\.reg \.\w+ ([\w, ]+);)");
  static const std::regex label(R"(\s*(\w+):\s*)");
  std::smatch m;
  if (std::regex_match(line, m, mark)) {
    marks.emplace_back(m[2], m[1]);
  } else if (std::regex_match(line, m, declaration)) {
    for (const std::string& name : tokens_of(m[1]))
      if (name != ",") kernel.locals.insert(name);
  } else if (line.find_first_not_of("{} \t") != std::string::npos) {
    if (std::regex_match(line, m, label)) kernel.locals.insert(m[1]);
    kernel.statements.push_back(line.substr(line.find_first_not_of(" \t")));
  }
}

}  // namespace

listing parse_listing(const std::string& ptx) {
  static const std::regex entry(R"(.*\.entry (\w+)\(.*)"), file(R"re(\s*\.file\s+(\d+) "([^"]*)".*)re");
  static const std::regex location(R"(\s*\.loc\s+(\d+) (\d+) .*)");
  listing all;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> marks;
  std::vector<std::pair<std::string, int>> places;
  std::map<std::string, std::string> files;
  std::string name;
  std::pair<std::string, int> place;
  bool inside = false;
  std::istringstream lines(ptx);
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    if (line.find("// begin inline asm") != std::string::npos) {
      inside = true;
      places.push_back(place);
    } else if (line.find("// end inline asm") != std::string::npos) {
      inside = false;
    } else if (inside) {
      note_statement(line, all.kernels[name], marks[name]);
    } else if (line.find(".loc") != std::string::npos && std::regex_match(line, m, location)) {
      place = {m[1], std::stoi(m[2])};
    } else if (line.find(".file") != std::string::npos && std::regex_match(line, m, file)) {
      files[m[1]] = m[2];
    } else if (line.find(".entry") != std::string::npos && std::regex_match(line, m, entry)) {
      name = m[1];
      all.kernels[name];
    } else if (!name.empty()) {
      note_copy(line, all.kernels[name]);
    }
  }
  for (auto& [kernel, pairs] : marks)
    for (const auto& [reg, variable] : pairs)
      all.kernels[kernel].labels[root(all.kernels[kernel], reg)].insert(variable);
  for (const auto& [index, line] : places) all.lines.emplace(files[index], line);
  return all;
}

std::string difference(const std::vector<std::string>& expected, const kernel_listing& kernel) {
  if (expected.size() != kernel.statements.size())
    return fmt::format("{} statements instead of {}; the first is {}", kernel.statements.size(), expected.size(),
                       kernel.statements.empty() ? "missing" : kernel.statements[0]);
  std::map<std::string, std::string> bound;
  std::set<std::string> taken;
  for (size_t i = 0; i < expected.size(); ++i) {
    const std::vector<std::string> want = tokens_of(expected[i]), have = tokens_of(kernel.statements[i]);
    bool same = want.size() == have.size();
    for (size_t k = 0; same && k < want.size(); ++k) {
      const bool open = is_register(have[k]) || kernel.locals.count(have[k]) > 0;
      const std::string origin = root(kernel, have[k]);
      if (!open) {
        same = want[k] == have[k];
      } else if (want[k][0] == '$') {
        const auto [at, fresh] = bound.emplace(want[k], have[k]);
        same = fresh ? taken.insert(have[k]).second : at->second == have[k];
      } else {
        const auto found = kernel.labels.find(origin);
        same = found != kernel.labels.end() && found->second.count(want[k]) > 0;
      }
    }
    if (!same) return fmt::format("`{}` instead of `{}`", kernel.statements[i], expected[i]);
  }
  return "";
}

}  // namespace gemmact::ptx_test
