#include "tests/arch/ptx/row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace gemmact::ptx_test {
namespace {

struct type_facts {
  const char *name, *code, *letter, *member;
};
constexpr type_facts types[] = {
    {"f32", "float", "f", ""},
    {"u8", "u8", "", ""},
    {"u16", "u16", "h", ""},
    {"u32", "u32", "r", ""},
    {"i32", "i32", "r", ""},
    {"u64", "u64", "l", ""},
    {"bool", "bool", "", ""},
    {"shared", "shared_address", "r", ".value"},
    {"global", "global_address", "l", ".value"},
    {"map", "", "", ""},
};

const type_facts& facts_of(const variable& v, int line) {
  const auto* found =
      std::find_if(std::begin(types), std::end(types), [&](const type_facts& t) { return v.type == t.name; });
  if (found == std::end(types)) throw std::runtime_error(fmt::format("line {}: no type is named {}", line, v.type));
  return *found;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

variable parse_variable(const std::string& text, int line) {
  static const std::regex form(R"((\w+)(?:\[(\d+)\])? (&?)(\w+))");
  std::smatch m;
  if (!std::regex_match(text, m, form)) throw std::runtime_error(fmt::format("line {}: no variable: {}", line, text));
  variable v{m[1], m[4], m[2].matched ? std::stoi(m[2]) : 0, true, m[3].length() > 0};
  facts_of(v, line);
  return v;
}

row parse_head(const std::string& text, int line) {
  const size_t first = text.find(" | "), second = text.find("| ", first + 3);
  if (first == std::string::npos || second == std::string::npos)
    throw std::runtime_error(fmt::format("line {}: not FOLDER ARCHITECTURE | variables | call: {}", line, text));
  row one;
  one.line = line;
  std::istringstream head(text.substr(0, first));
  head >> one.folder >> one.architecture;
  std::istringstream variables(text.substr(first + 2, second - first - 2));
  for (std::string part; std::getline(variables, part, ',');)
    if (!trimmed(part).empty()) one.variables.push_back(parse_variable(trimmed(part), line));
  one.call = trimmed(text.substr(second + 2));
  static const std::regex result(R"(^(\w+(?:\[\d+\])? result) = )");
  std::smatch m;
  if (std::regex_search(one.call, m, result)) {
    variable v = parse_variable(m[1], line);
    v.read = false;
    v.written = true;
    one.variables.push_back(v);
    one.call = "result = " + m.suffix().str();
  }
  return one;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// One row's text, its instructions too, for one n.
std::string for_n(const std::string& text, int n) {
  std::string names;
  for (int i = 0; i < n / 2; ++i) names += fmt::format("{}d{}", i ? ", " : "", i);
  return replaced(replaced(replaced(text, "@half", std::to_string(n / 2)), "@d", names), "@n", std::to_string(n));
}

row parse_row(const std::string& text, int line) {
  std::istringstream lines(text);
  std::string part;
  std::getline(lines, part);
  row one = parse_head(part, line);
  while (std::getline(lines, part)) one.expected.push_back(trimmed(part));
  return one;
}

// Comments that tell the register of each element; of what is not a number there is none.
std::string mark(const variable& v, const type_facts& facts, const char* direction) {
  std::string text;
  for (int i = 0; i < std::max(v.count, 1); ++i) {
    const std::string label = v.count ? fmt::format("{}{}", v.name, i) : v.name;
    const std::string place = v.count ? fmt::format("{}.values[{}]", v.name, i) : v.name + facts.member;
    text += *direction == 'i'
                ? fmt::format("  asm volatile(\"// in {} %0\" : \"={}\"({}));\n", label, facts.letter, place)
                : fmt::format("  asm volatile(\"// out {} %0\" ::\"{}\"({}));\n", label, facts.letter, place);
  }
  return text;
}

}  // namespace

std::vector<row> parse_rows(const std::string& text) {
  std::vector<row> rows;
  std::string whole;
  int line = 0, first = 0;
  const auto finish = [&] {
    if (whole.empty()) return;
    if (whole.find('@') == std::string::npos || whole.find("@n") == std::string::npos)
      rows.push_back(parse_row(whole, first));
    else
      for (int n = 8; n <= 256; n += 8) rows.push_back(parse_row(for_n(whole, n), first));
    whole.clear();
  };
  std::istringstream lines(text);
  for (std::string part; std::getline(lines, part);) {
    ++line;
    if (part.empty() || part[0] == '#') continue;
    if (part[0] == ' ') {
      if (whole.empty()) throw std::runtime_error(fmt::format("line {}: an instruction before the first row", line));
      whole += "\n" + part;
    } else {
      finish();
      whole = part;
      first = line;
    }
  }
  finish();
  return rows;
}

std::string kernel_source(const row& one, const std::string& name) {
  std::string before, after, parameters;
  for (const variable& v : one.variables) {
    const type_facts& facts = facts_of(v, one.line);
    if (v.type == "map") {
      parameters = "const __grid_constant__ tensor_map " + v.name;
    } else if (v.type == "bool" && v.read) {
      before += fmt::format(
          "  u32 {0}_word;\n  asm volatile(\"// in {0} %0\" : \"=r\"({0}_word));\n  const bool {0} = {0}_word != 0;\n",
          v.name);
    } else {
      before += v.count ? fmt::format("  array<{}, {}> {};\n", facts.code, v.count, v.name)
                        : fmt::format("  {} {};\n", facts.code, v.name);
      if (v.read) before += mark(v, facts, "in");
    }
    if (!v.written) continue;
    if (v.type == "bool" || v.type == "u8")
      after += fmt::format("  asm volatile(\"// out {0} %0\" ::\"r\"(u32({0})));\n", v.name);
    else after += mark(v, facts, "out");
  }
  return fmt::format("extern \"C\" __global__ void __launch_bounds__(128, 1) {}({}) {{\n{}  {};\n{}}}\n", name,
                     parameters, before, one.call, after);
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace gemmact::ptx_test
