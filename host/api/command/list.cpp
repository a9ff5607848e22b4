#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "host/api/command/command_line.hpp"
#include "host/api/command/failures.hpp"
#include "host/api/command/output.hpp"

namespace gemmact::api {
namespace {

// The shortest decimal number that reads back as this float: 0.01, not 0.00999999978.
double shortest(float value) { return std::strtod(fmt::format("{}", value).c_str(), nullptr); }

std::vector<gemmact_activation_info> catalogue() {
  size_t count = 0;
  check(gemmact_activation_count(&count));
  std::vector<gemmact_activation_info> functions(count);
  for (size_t i = 0; i < count; ++i) {
    functions[i].struct_bytes = sizeof functions[i];
    check(gemmact_activation_get_info(i, &functions[i]));
  }
  return functions;
}

std::string call_text(const gemmact_activation_info& f) {
  std::string inner;
  for (uint32_t i = 0; i < f.param_count; ++i) {
    inner += inner.empty() ? "" : ", ";
    inner += f.params[i].is_operand != 0 ? std::string(f.params[i].name)
                                         : fmt::format("{}={}", f.params[i].name, f.params[i].default_value);
  }
  return inner.empty() ? f.name : fmt::format("{}({})", f.name, inner);
}

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

nlohmann::ordered_json json_of(const gemmact_activation_info& f) {
  nlohmann::ordered_json params = nlohmann::ordered_json::array();
  for (uint32_t i = 0; i < f.param_count; ++i) {
    const gemmact_param_info& p = f.params[i];
    nlohmann::ordered_json row{{"name", p.name},
                               {"default", shortest(p.default_value)},
                               {"trainable", p.trainable != 0},
                               {"operand", p.is_operand != 0}};
    if (p.is_operand != 0) row["default"] = nullptr;
    params.push_back(std::move(row));
  }
  return {{"name", f.name},
          {"aliases", split_words(f.aliases)},
          {"formula", f.formula},
          {"derivative", f.derivative},
          {"note", f.note},
          {"needs", core::name_of(f.needs)},
          {"has_grad_from_output", f.has_grad_from_output != 0},
          {"zero_at_zero", f.zero_at_zero != 0},
          {"params", std::move(params)}};
}

std::string table(const std::vector<gemmact_activation_info>& functions) {
  size_t call = 8, formula = 7;
  for (const gemmact_activation_info& f : functions) {
    call = std::max(call, call_text(f).size());
    formula = std::max(formula, std::string_view(f.formula).size());
  }
  std::string out = fmt::format("{:<{}}  {:<{}}  {:<7} {}\n", "FUNCTION", call, "FORMULA", formula, "KEEPS", "ALIASES");
  for (const gemmact_activation_info& f : functions) {
    std::string row = fmt::format("{:<{}}  {:<{}}  {:<7} {}", call_text(f), call, f.formula, formula,
                                  core::name_of(f.needs), f.aliases);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  return out +
         fmt::format(
             "\n{} functions. KEEPS: the least that backward needs of forward. A maxout (--combine maxout) has no\n"
             "function; any function can be the gate of a gated pair (--combine gated).\n",
             functions.size());
}

std::string details(const gemmact_activation_info& f) {
  std::string out =
      fmt::format("{}\n  value       {}\n  derivative  {}\n  keeps       {}{}\n", call_text(f), f.formula, f.derivative,
                  core::name_of(f.needs),
                  f.needs != GEMMACT_KEEP_OUTPUT && f.has_grad_from_output != 0 ? "; output is possible too" : "");
  for (uint32_t i = 0; i < f.param_count; ++i) {
    const gemmact_param_info& p = f.params[i];
    out += fmt::format("  parameter   {}{}\n", p.name,
                       p.is_operand != 0  ? ": given as a tensor, one a row"
                       : p.trainable != 0 ? fmt::format(" = {}, trainable", p.default_value)
                                          : fmt::format(" = {}", p.default_value));
  }
  if (f.aliases[0] != '\0') out += fmt::format("  aliases     {}\n", f.aliases);
  if (f.note[0] != '\0') out += fmt::format("  {}\n", wrapped(f.note, 2));
  return out;
}

}  // namespace

void run_list(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  bool json = false;
  command_line line("list", "[FUNCTION...] [--json]",
                    "Lists the catalogue of activation functions: all in a table, or the named ones in full.",
                    "Examples:\n"
                    "  gemmact list\n"
                    "  gemmact list swish gelu\n"
                    "  gemmact list --json | jq -r '.[].name'\n");
  line.words("FUNCTION", "names or aliases", names);
  line.flag("--json", "every field, as a JSON array", json);
  if (!line.parse(arguments)) return;
  std::vector<gemmact_activation_info> functions;
  std::vector<described_function> described;
  for (const std::string& name : names) functions.push_back(described.emplace_back(name));
  if (names.empty()) functions = catalogue();

  std::string out;
  if (json) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const gemmact_activation_info& f : functions) rows.push_back(json_of(f));
    out = rows.dump(2) + "\n";
  } else if (names.empty()) {
    out = table(functions);
  } else {
    for (const gemmact_activation_info& f : functions) {
      if (!out.empty()) out += '\n';
      out += details(f);
    }
  }
  write_standard_output(out);
}

}  // namespace gemmact::api
