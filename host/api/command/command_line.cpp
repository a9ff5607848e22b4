#include "host/api/command/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "host/api/command/failures.hpp"
#include "host/api/command/output.hpp"
#include "host/core/nearest.hpp"

namespace gemmact::api {
namespace {

constexpr size_t help_column = 34;
constexpr size_t help_width = 110;

}  // namespace

std::string wrapped(const std::string& text, size_t column) {
  std::string out;
  size_t at = column;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (at > column && at + 1 + word.size() > help_width) {
      out += "\n" + std::string(column, ' ');
      at = column;
    } else if (at > column) {
      out += ' ';
      ++at;
    }
    out += word;
    at += word.size();
    begin = end + 1;
  }
  return out;
}

// The rows of the help stand beside CLI11's options, because its own help differs from version to version.
struct command_line::state {
  struct row {
    std::string group, name, value_name, help;
    bool repeated;
  };
  std::string name, usage, summary, ending, group = "Options";
  std::vector<row> rows;
  std::vector<std::string> groups;
  CLI::App app;

  void add_row(const std::string& option, const std::string& value_name, const std::string& help, bool repeated) {
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    rows.push_back({group, option, value_name, help, repeated});
  }
};

command_line::command_line(std::string name, std::string usage, std::string summary, std::string ending)
    : state_(std::make_unique<state>()) {
  state_->name = std::move(name);
  state_->usage = std::move(usage);
  state_->summary = std::move(summary);
  state_->ending = std::move(ending);
  state_->app.set_help_flag();
  state_->app.allow_extras();  // they are refused by refuse_extras, which knows the nearest names
}

command_line::~command_line() = default;

void command_line::group(std::string title) { state_->group = std::move(title); }

void command_line::flag(const std::string& option, const std::string& help, bool& value) {
  state_->add_row(option, "", help, false);
  state_->app.add_flag(option, value, help);
}

void command_line::option(const std::string& option, const std::string& value_name, const std::string& help,
                          std::function<void(const std::string&)> take, bool repeated) {
  state_->add_row(option, value_name, help, repeated);
  const auto take_all = [option, repeated, take = std::move(take)](const std::vector<std::string>& values) {
    if (values.size() > 1 && !repeated) usage_fail("{} is given {} times", option, values.size());
    for (const std::string& value : values) take(value);
  };
  state_->app.add_option_function<std::vector<std::string>>(option, take_all, help)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

void command_line::text(const std::string& name, const std::string& value_name, const std::string& help,
                        std::optional<std::string>& value) {
  option(name, value_name, help, [&value](const std::string& given) { value = given; });
}

void command_line::whole(const std::string& name, const std::string& help, int64_t& value) {
  option(name, "N", help, [name, &value](const std::string& given) {
    const char* end = given.data() + given.size();
    const auto [stop, error] = std::from_chars(given.data(), end, value);
    if (error != std::errc() || stop != end)
      usage_fail("{} is {}; it takes a whole number that fits in 64 bits", name, core::quoted(given));
  });
}

void command_line::real(const std::string& name, const std::string& help, std::optional<double>& value) {
  option(name, "NUMBER", help, [name, &value](const std::string& given) {
    char* stop = nullptr;
    const double number = std::strtod(given.c_str(), &stop);
    if (given.empty() || *stop != '\0' || !std::isfinite(number))
      usage_fail("{} is {}; it takes a finite number", name, core::quoted(given));
    value = number;
  });
}

void command_line::words(const std::string& name, const std::string& help, std::vector<std::string>& values) {
  state_->add_row(name, "", help, false);
  state_->app.add_option(name, values, help);
}

namespace {

// "-x^2" is an equation and no option: its one dash, and the word x somewhere, say so; "[x]" is a text and no list of
// CLI11's. A blank in front makes it one.
std::string as_value(const std::string& word) {
  if (word.size() > 1 && word.front() == '[' && word.back() == ']') return " " + word;
  if (word.size() < 2 || word[0] != '-' || word[1] == '-') return word;
  const auto in_name = [&](size_t i) {
    return i < word.size() && (std::isalnum(static_cast<unsigned char>(word[i])) != 0 || word[i] == '_');
  };
  for (size_t i = 1; i < word.size(); ++i)
    if (word[i] == 'x' && !in_name(i + 1) && !in_name(i - 1)) return " " + word;
  return word;
}

}  // namespace

bool command_line::parse(const std::vector<std::string>& arguments) {
  const auto asks_help = [](const std::string& word) { return word == "--help" || word == "-h"; };
  if (std::any_of(arguments.begin(), arguments.end(), asks_help)) {
    write_standard_output(help());
    return false;
  }
  try {
    std::vector<std::string> words(arguments.size());
    std::transform(arguments.rbegin(), arguments.rend(), words.begin(), as_value);
    state_->app.parse(std::move(words));
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string text = e.what();  // "--x: 1 required TEXT missing"
    usage_fail("{} needs a value (see gemmact {} --help)", text.substr(0, text.find(':')), state_->name);
  } catch (const CLI::ParseError& e) {
    refuse_extras();
    usage_fail("{} (see gemmact {} --help)", e.what(), state_->name);
  }
  refuse_extras();
  return true;
}

void command_line::refuse_extras() const {
  const std::vector<std::string> extras = state_->app.remaining();
  if (extras.empty()) return;
  const std::string word = extras.front().substr(0, extras.front().find('='));
  if (word.empty() || word[0] != '-')
    usage_fail("{} is not expected here (see gemmact {} --help)", core::quoted(word), state_->name);
  std::vector<std::string_view> names{"--help"};
  for (const state::row& row : state_->rows) names.push_back(row.name);
  std::string near = core::did_you_mean(word, names);
  if (near.empty()) near = fmt::format("; see gemmact {} --help", state_->name);
  usage_fail("{} has no option {}{}", state_->name, core::quoted(word), near);
}

std::string command_line::help() const {
  const state& s = *state_;
  std::string out =
      fmt::format("Usage: gemmact {}{}{}\n\n{}\n", s.name, s.usage.empty() ? "" : " ", s.usage, wrapped(s.summary, 0));
  for (const std::string& group : s.groups) {
    out += fmt::format("\n{}:\n", group);
    for (const state::row& row : s.rows) {
      if (row.group != group) continue;
      std::string left = "  " + row.name + (row.value_name.empty() ? "" : " " + row.value_name);
      if (left.size() + 2 > help_column) left += "\n" + std::string(help_column, ' ');
      else left.resize(help_column, ' ');
      out += left + wrapped(row.help + (row.repeated ? " (may be repeated)" : ""), help_column) + "\n";
    }
  }
  return out + "\n" + s.ending;
}

std::string command_line::joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : "|") + name;
  return out;
}

size_t command_line::position(const std::string& option, const std::string& given,
                              const std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == given) return i;
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string near = core::did_you_mean(given, views);
  usage_fail("{} is {}, which is none of {}{}", option, core::quoted(given), joined(names), near);
}

}  // namespace gemmact::api
