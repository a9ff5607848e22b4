// An activation's text: name, or name(parameter=value, …), or else an equation.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "host/core/made_function.hpp"
#include "host/core/names.hpp"
#include "host/core/nearest.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"

namespace gemmact::core {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return begins_word(c) || is_digit(c); }

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

struct assignment {
  std::string_view name, value;
};

// A text of the form name or name(parameter=value, …); values are any text without brackets and commas.
struct call {
  std::string_view name;
  std::vector<assignment> assignments;
};

// Takes a word from the front of `rest`, blanks around it included; empty when there is none.
std::string_view take_word(std::string_view& rest) {
  rest = trimmed(rest);
  if (rest.empty() || !begins_word(rest.front())) return {};
  size_t length = 1;
  while (length < rest.size() && is_word(rest[length])) ++length;
  std::string_view word = rest.substr(0, length);
  rest = trimmed(rest.substr(length));
  return word;
}

std::optional<call> match_call(std::string_view text) {
  call out;
  out.name = take_word(text);
  if (out.name.empty()) return std::nullopt;
  if (text.empty()) return out;
  if (text.front() != '(' || text.back() != ')' || text.find_first_of("()", 1) != text.size() - 1) return std::nullopt;
  text = trimmed(text.substr(1, text.size() - 2));
  while (!text.empty()) {
    assignment a;
    a.name = take_word(text);
    if (a.name.empty() || text.empty() || text.front() != '=') return std::nullopt;
    size_t comma = text.find(',');
    a.value = trimmed(text.substr(1, comma == std::string_view::npos ? comma : comma - 1));
    out.assignments.push_back(a);
    if (comma == std::string_view::npos) return out;
    text = trimmed(text.substr(comma + 1));
    if (text.empty()) return std::nullopt;  // a comma with nothing behind it
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!(text = trimmed(text)).empty()) {
    size_t end = text.find(' ');
    words.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  }
  return words;
}

bool has_alias(const activation_info& info, std::string_view name) {
  for (std::string_view alias : words_of(info.aliases))
    if (alias == name) return true;
  return false;
}

std::string suggestions(std::string_view name, catalogue functions) {
  return did_you_mean(name, activation_names(functions));
}

int find_function(std::string_view name, catalogue functions) {
  if (const int found = find_activation(name, functions); found >= 0) return found;
  std::string hint = suggestions(name, functions);
  if (hint.empty())
    hint = fmt::format("; the catalogue has {} functions, relu among them, and an equation is written in x",
                       functions.size());
  fail(GEMMACT_UNKNOWN_ACTIVATION, "no activation is named {}{}", quoted(name), hint);
}

float number(const activation_info& info, const assignment& a) {
  std::string_view digits = a.value;
  if (!digits.empty() && digits.front() == '+') {
    digits.remove_prefix(1);
    if (!digits.empty() && digits.front() == '-') digits = {};
  }
  float value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range)
    fail(GEMMACT_BAD_PARAMETER, "parameter {} of {} is {}, which is outside the range of a 32-bit float", a.name,
         info.name, quoted(a.value));
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    fail(GEMMACT_BAD_PARAMETER, "parameter {} of {} is {}, which is no decimal number", a.name, info.name,
         quoted(a.value));
  if (!std::isfinite(value))
    fail(GEMMACT_BAD_PARAMETER, "parameter {} of {} is {}; it must be finite", a.name, info.name, quoted(a.value));
  return value;
}

int find_parameter(const activation_info& info, std::string_view name) {
  std::vector<std::string_view> names;
  for (int p = 0; p < info.param_count; ++p) {
    if (name == info.params[p].name) return p;
    names.push_back(info.params[p].name);
  }
  if (names.empty()) fail(GEMMACT_BAD_PARAMETER, "{} has no parameters, but {} is given", info.name, quoted(name));
  std::string list(names[0]);
  for (size_t i = 1; i < names.size(); ++i) list += ", " + std::string(names[i]);
  fail(GEMMACT_BAD_PARAMETER, "{} has no parameter {}; it has {}", info.name, quoted(name), list);
}

// "leaky-relu" is more often a misspelt name than a difference.
std::string suggestions_for_dashes(std::string_view text, catalogue functions) {
  if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string_view::npos) return "";
  std::string name(text);
  std::replace(name.begin(), name.end(), '-', '_');
  return suggestions(name, functions);
}

activation_use read_equation(std::string_view text, catalogue functions) {
  if (functions.make == nullptr)
    fail(GEMMACT_BAD_ACTIVATION_TEXT,
         "activation {} is neither name nor name(parameter=value, ...), such as \"leaky_relu(slope=0.02)\"",
         quoted(text));
  activation_use use;
  try {
    use.made = functions.make(text);
  } catch (const failure& f) {
    const std::string hint = suggestions_for_dashes(text, functions);
    if (f.status() != GEMMACT_BAD_ACTIVATION_TEXT || hint.empty()) throw;
    fail(GEMMACT_BAD_ACTIVATION_TEXT, "activation {} is no name{}", quoted(text), hint);
  }
  use.info = &use.made->info;
  use.index = -1;
  for (int p = 0; p < use.info->param_count; ++p)
    use.params[static_cast<size_t>(p)] = use.info->params[p].default_value;
  return use;
}

}  // namespace

std::vector<std::string_view> activation_names(catalogue functions) {
  std::vector<std::string_view> names;
  for (const activation_info& info : functions) {
    names.push_back(info.name);
    for (std::string_view alias : words_of(info.aliases)) names.push_back(alias);
  }
  return names;
}

int find_activation(std::string_view name, catalogue functions) {
  for (size_t i = 0; i < functions.size(); ++i)
    if (name == functions[i].name) return static_cast<int>(i);
  for (size_t i = 0; i < functions.size(); ++i)
    if (*functions[i].aliases != 0 && has_alias(functions[i], name)) return static_cast<int>(i);
  return -1;
}

activation_use parse_activation(std::string_view text, catalogue functions) {
  std::string_view whole = trimmed(text);
  if (whole.empty())
    fail(GEMMACT_BAD_ACTIVATION_TEXT, "activation {} is empty; give a name such as \"relu\"", quoted(text));
  if (whole.size() > max_activation_text)
    fail(GEMMACT_BAD_ACTIVATION_TEXT, "activation {} has more than {} characters", quoted(text), max_activation_text);
  std::optional<call> parsed = match_call(whole);
  if (!parsed || (parsed->name == "x" && parsed->assignments.empty())) return read_equation(whole, functions);

  activation_use use;
  use.index = find_function(parsed->name, functions);
  use.info = &functions[use.index];
  for (int p = 0; p < use.info->param_count; ++p) use.params[p] = use.info->params[p].default_value;
  uint32_t given = 0;
  for (const assignment& a : parsed->assignments) {
    int p = find_parameter(*use.info, a.name);
    if (use.info->params[p].is_operand != 0)
      fail(GEMMACT_BAD_PARAMETER, "parameter {} of {} comes from the TARGET tensor and cannot be given in the text",
           a.name, use.info->name);
    if ((given >> p & 1) != 0) fail(GEMMACT_BAD_PARAMETER, "parameter {} of {} is given twice", a.name, use.info->name);
    given |= 1u << p;
    use.params[p] = number(*use.info, a);
  }
  check_parameters(use);
  return use;
}

void check_parameters(const activation_use& use) {
  const char* rule = use.info->invalid == nullptr ? nullptr : use.info->invalid(use.params.data());
  if (rule == nullptr) return;
  std::string values;
  for (int p = 0; p < use.info->param_count; ++p)
    values += fmt::format("{}{}={}", p == 0 ? "" : ", ", use.info->params[p].name, use.params[p]);
  fail(GEMMACT_BAD_PARAMETER, "{}({}) breaks a rule of its parameters: {}", use.info->name, values, rule);
}

}  // namespace gemmact::core
