// The options of one command: what reads them, and the help that is made from the same rows. Mistakes are usage_error.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/core/names.hpp"

namespace gemmact::api {

class command_line {
 public:
  // `usage` is what follows the command's name; `summary` begins the help, `ending` (examples, notes) closes it.
  command_line(std::string name, std::string usage, std::string summary, std::string ending);
  ~command_line();

  void group(std::string title);  // of the options that follow

  void flag(const std::string& option, const std::string& help, bool& value);
  // `take` is called once for each time that the option is given; more than once only if `repeated`.
  void option(const std::string& option, const std::string& value_name, const std::string& help,
              std::function<void(const std::string&)> take, bool repeated = false);
  void text(const std::string& option, const std::string& value_name, const std::string& help,
            std::optional<std::string>& value);
  void whole(const std::string& option, const std::string& help, int64_t& value);
  void real(const std::string& option, const std::string& help, std::optional<double>& value);
  void words(const std::string& name, const std::string& help, std::vector<std::string>& values);  // positional

  // One of some words. Value may be a std::optional of the choices' type.
  template <class Value, class Choice>
  void choice(const std::string& name, const std::string& help, Value& value,
              std::vector<std::pair<std::string, Choice>> choices) {
    std::vector<std::string> names;
    for (const auto& [word, unused] : choices) names.push_back(word);
    option(name, joined(names), help, [name, names, choices, &value](const std::string& given) {
      value = choices[position(name, given, names)].second;
    });
  }

  // One of an enumeration's values, by their names.
  template <class Value, class Enum>
  void choice(const std::string& name, const std::string& help, Value& value, std::initializer_list<Enum> allowed) {
    std::vector<std::pair<std::string, Enum>> choices;
    for (const Enum e : allowed) choices.emplace_back(core::name_of(e), e);
    choice(name, help, value, std::move(choices));
  }

  // False when help was asked for and has been written to standard output.
  bool parse(const std::vector<std::string>& arguments);

  std::string help() const;

 private:
  struct state;
  static std::string joined(const std::vector<std::string>& names);
  static size_t position(const std::string& option, const std::string& given, const std::vector<std::string>& names);
  void refuse_extras() const;
  std::unique_ptr<state> state_;
};

// The words of `text` in lines that begin at `column`, the first of them already there.
std::string wrapped(const std::string& text, size_t column);

// One of the command's commands.
struct command {
  const char* name;
  const char* summary;
  void (*run)(const std::vector<std::string>& arguments);  // throws usage_error, run_error
};

void run_info(const std::vector<std::string>& arguments);
void run_list(const std::vector<std::string>& arguments);
void run_explain(const std::vector<std::string>& arguments);
void run_run(const std::vector<std::string>& arguments);
void run_plot(const std::vector<std::string>& arguments);
void run_pack(const std::vector<std::string>& arguments);
void run_tune(const std::vector<std::string>& arguments);
void run_equation(const std::vector<std::string>& arguments);

}  // namespace gemmact::api
