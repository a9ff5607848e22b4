#include "bench/core/shapes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace gemmact_bench {
namespace {

struct row {
  size_t line;
  std::vector<std::string> fields;
};

[[noreturn]] void refuse(const std::string& file, size_t line, const std::string& rule) {
  throw list_error(fmt::format("{}:{}: {}", file, line, rule));
}

std::vector<std::string> split(std::string_view line, const std::string& file, size_t number) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) fields.emplace_back();
    else fields.back() += c;
  }
  if (quoted) refuse(file, number, "a double quote is not closed");
  return fields;
}

std::vector<row> parse(std::string_view text, const std::string& file, const std::vector<std::string>& heading) {
  std::vector<row> rows;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    row r{number, split(line, file, number)};
    if (r.fields.size() != heading.size())
      refuse(file, number, fmt::format("has {} fields, and a row has {}", r.fields.size(), heading.size()));
    rows.push_back(std::move(r));
  }
  if (rows.empty() || rows.front().fields != heading) {
    std::string names;
    for (const std::string& name : heading) names += (names.empty() ? "" : ",") + name;
    refuse(file, 1, fmt::format("the heading must be \"{}\"", names));
  }
  rows.erase(rows.begin());
  return rows;
}

int64_t parse_size(const std::string& text, const char* field, const std::string& file, size_t line) {
  constexpr int64_t largest = int64_t(1) << 31;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > largest)
    refuse(file, line, fmt::format("{} is \"{}\", and must be a whole number from 1 to {}", field, text, largest));
  return value;
}

precision parse_precision(const std::string& text, const std::string& file, size_t line) {
  const auto found = precision_from(text);
  if (!found) refuse(file, line, fmt::format("dtype is \"{}\", and must be f32, tf32, f16, bf16 or e4m3", text));
  return *found;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(' ');
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// "swish", or "swish = x / (1 + exp(-x))".
void take_function(selection& s, const std::string& text, const std::string& file, size_t line) {
  const size_t equals = text.find('=');
  s.function = trimmed(text.substr(0, equals));
  if (equals == text.npos) return;
  s.equation = trimmed(text.substr(equals + 1));
  if (s.function.empty() || s.equation.empty())
    refuse(file, line,
           fmt::format("function is \"{}\", and an equation has a function of the catalogue before its = and "
                       "a text (or the word formula) behind it",
                       text));
}

}  // namespace

std::vector<shape> parse_shapes(std::string_view text, const std::string& file) {
  std::vector<shape> shapes;
  for (const row& r : parse(text, file, {"name", "M", "N", "K", "dtype", "source"})) {
    const precision p = parse_precision(r.fields[4], file, r.line);
    shape s{.list = std::filesystem::path(file).stem().string(),
            .name = r.fields[0],
            .m = parse_size(r.fields[1], "M", file, r.line),
            .n = parse_size(r.fields[2], "N", file, r.line),
            .k = parse_size(r.fields[3], "K", file, r.line),
            .type = p.type,
            .compute = p.compute};
    if (s.name.empty()) refuse(file, r.line, "the name is empty");
    const auto same = [&](const shape& other) { return other.name == s.name; };
    if (std::any_of(shapes.begin(), shapes.end(), same))
      refuse(file, r.line, fmt::format("there are two shapes named \"{}\"", s.name));
    shapes.push_back(std::move(s));
  }
  return shapes;
}

std::vector<selection> parse_selections(std::string_view text, const std::string& file) {
  std::vector<selection> selections;
  for (const row& r : parse(text, file, {"list", "name", "dtype", "function", "combine", "operation", "accuracy"})) {
    const precision p = parse_precision(r.fields[2], file, r.line);
    selection s{.list = r.fields[0], .name = r.fields[1], .type = p.type, .compute = p.compute};
    take_function(s, r.fields[3], file, r.line);
    const auto combination = combination_from(r.fields[4]);
    if (!combination)
      refuse(file, r.line,
             fmt::format("combine is \"{}\", and must be plain, gated, maxout, maxout4 or maxout8", r.fields[4]));
    const auto operation = operation_from(r.fields[5]);
    if (!operation)
      refuse(file, r.line,
             fmt::format("operation is \"{}\", and must be forward, activation_grad, input_grad or "
                         "weight_grad",
                         r.fields[5]));
    s.combine = combination->combine;
    if (s.combine == GEMMACT_MAXOUT) s.maxout_pieces = combination->pieces;
    s.operation = *operation;
    const auto accuracy = accuracy_from(r.fields[6]);
    if (!accuracy) refuse(file, r.line, fmt::format("accuracy is \"{}\", and must be accurate or fast", r.fields[6]));
    s.accuracy = *accuracy;
    selections.push_back(std::move(s));
  }
  return selections;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) throw list_error(fmt::format("{}: cannot be read", path));
  return std::move(text).str();
}

std::vector<shape> read_all_shapes(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string stem = entry.path().stem().string();
    const bool selects = stem.rfind("quick", 0) == 0 || stem.rfind("default", 0) == 0;
    if (entry.path().extension() == ".csv" && !selects) files.push_back(entry.path().string());
  }
  if (files.empty()) throw list_error(fmt::format("{}: no lists of shapes are there", folder));
  std::sort(files.begin(), files.end());
  std::vector<shape> all;
  for (const auto& file : files)
    for (auto& s : parse_shapes(read_file(file), file)) all.push_back(std::move(s));
  return all;
}

std::string short_name(const std::string& name) { return name.substr(0, name.find('(')); }

}  // namespace gemmact_bench
