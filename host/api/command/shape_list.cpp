#include "host/api/command/shape_list.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "host/api/command/failures.hpp"
#include "host/api/command/text_file.hpp"
#include "host/core/names.hpp"

namespace gemmact::api {
namespace {

struct position {
  const std::string& path;
  size_t line;
};

// Spreadsheets write blanks beside commas.
void trim(std::string& field) {
  const size_t end = field.find_last_not_of(" \t") + 1;
  field.erase(end).erase(0, field.find_first_not_of(" \t"));
}

// The fields of one line; in double quotes commas are text, and a doubled quote is one.
std::vector<std::string> fields_of(std::string_view line, const position& at) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[++i];
    else if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) fields.emplace_back();
    else fields.back() += c;
  }
  if (quoted) run_fail("{}:{}: a double quote is not closed", at.path, at.line);
  std::for_each(fields.begin(), fields.end(), trim);
  return fields;
}

struct columns {
  size_t m = npos, n = npos, k = npos, name = npos, dtype = npos, count = 0;
  static constexpr size_t npos = std::string::npos;
};

std::string listed(const std::vector<std::string>& heading) {
  std::string text;
  for (const std::string& name : heading) text += (text.empty() ? "" : ", ") + core::quoted(name);
  return text;
}

columns columns_of(std::vector<std::string> heading, const position& at) {
  columns found;
  found.count = heading.size();
  for (size_t i = 0; i < heading.size(); ++i) {
    std::string& name = heading[i];
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    for (const auto& [column, place] :
         {std::pair{"m", &found.m}, {"n", &found.n}, {"k", &found.k}, {"name", &found.name}, {"dtype", &found.dtype}})
      if (name == column) {
        if (*place != columns::npos) run_fail("{}:{}: the column {} is there twice", at.path, at.line, column);
        *place = i;
      }
  }
  for (const auto& [column, place] : {std::pair{"m", found.m}, {"n", found.n}, {"k", found.k}})
    if (place == columns::npos)
      run_fail("{}:{}: there is no column {}; columns are separated by commas, and here they are {}", at.path, at.line,
               column, listed(heading));
  return found;
}

int64_t size_of(const std::string& text, const char* column, const position& at) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1)
    run_fail("{}:{}: {} is {}; it must be a whole number of at least 1", at.path, at.line, column, core::quoted(text));
  return value;
}

void set_type(listed_shape& shape, const std::string& text, const position& at) {
  shape.tf32 = text == "tf32";
  if (shape.tf32) shape.type = GEMMACT_F32;
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3})
    if (text == core::name_of(type)) shape.type = type;
  if (!shape.type)
    run_fail("{}:{}: dtype is {}; it must be f32, tf32, f16, bf16 or e4m3", at.path, at.line, core::quoted(text));
}

listed_shape shape_of(const std::vector<std::string>& fields, const columns& where, const position& at) {
  if (fields.size() != where.count)
    run_fail("{}:{}: it has {} fields, and the heading {}", at.path, at.line, fields.size(), where.count);
  listed_shape shape;
  shape.m = size_of(fields[where.m], "m", at);
  shape.n = size_of(fields[where.n], "n", at);
  shape.k = size_of(fields[where.k], "k", at);
  if (where.name != columns::npos) shape.name = fields[where.name];
  if (where.dtype != columns::npos) set_type(shape, fields[where.dtype], at);
  return shape;
}

}  // namespace

std::vector<listed_shape> parse_shapes(std::string_view text, const std::string& path) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  std::vector<listed_shape> shapes;
  std::optional<columns> where;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    const position at{path, number};
    if (where) shapes.push_back(shape_of(fields_of(line, at), *where, at));
    else where = columns_of(fields_of(line, at), at);
  }
  if (shapes.empty()) run_fail("{} has no shape: it must be a CSV file with columns m, n and k", path);
  return shapes;
}

std::vector<listed_shape> read_shapes(const std::string& path) { return parse_shapes(read_text(path), path); }

}  // namespace gemmact::api
