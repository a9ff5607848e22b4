#include "tests/support/emulated_gpu/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"

namespace gemmact::emulated_gpu {
namespace {

std::vector<kernel_row>& kernels() {
  static std::vector<kernel_row> all;
  return all;
}

const kernel_row* find_kernel(const std::string& type) {
  const auto found =
      std::find_if(kernels().begin(), kernels().end(), [&](const kernel_row& row) { return row.type == type; });
  return found == kernels().end() ? nullptr : &*found;
}

template <class... Arguments>
[[noreturn]] void refuse(fmt::format_string<Arguments...> text, Arguments&&... arguments) {
  throw std::invalid_argument("the emulated GPU " + fmt::format(text, std::forward<Arguments>(arguments)...));
}

// What lies between two words.
std::string between(const std::string& text, std::string_view before, std::string_view after) {
  const size_t at = text.find(before);
  const size_t end = at == text.npos ? text.npos : text.find(after, at + before.size());
  if (end == text.npos) refuse("finds no \"{}\" in a unit's text", before);
  return text.substr(at + before.size(), end - at - before.size());
}

bool opens(char c) { return c == '<' || c == '(' || c == '{'; }
bool closes(char c) { return c == '>' || c == ')' || c == '}'; }

// The place of the bracket that closes the one at `open`.
size_t closing(const std::string& text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += opens(text[i]) ? 1 : closes(text[i]) ? -1 : 0;
    if (depth == 0) return i;
  }
  refuse("finds no end of {}", text.substr(open));
}

// Takes activation::NAME<accuracy::MODE> out of a step's text, any number of times.
std::string take_function(std::string step, program& p) {
  constexpr std::string_view prefix = "activation::";
  for (size_t at = step.find(prefix); at != step.npos; at = step.find(prefix)) {
    const size_t open = step.find('<', at), close = closing(step, open);
    const std::string name = step.substr(at + prefix.size(), open - at - prefix.size());
    const std::string mode = step.substr(open + 1, close - open - 1);
    if (mode != "accuracy::fast" && mode != "accuracy::accurate") refuse("knows no mode {} of {}", mode, name);
    const function_row* found = find_function(name, mode == "accuracy::fast" ? accuracy::fast : accuracy::accurate);
    if (found == nullptr)
      refuse("knows no function {}: it has the catalogue, and the equations of sample_equations.inc", name);
    if (p.function != nullptr && p.function != found) refuse("finds two functions in one kernel, {} is one", name);
    p.function = found;
    step.replace(at, close + 1 - at, "any_function");
  }
  return step;
}

const step_row* step_of(const std::string& text) {
  const step_row* step = find_step(text);
  if (step == nullptr) refuse("has no step {}: steps.cpp needs a row", text);
  return step;
}

// Takes the steps of an each_product out of its text.
std::string take_product_steps(std::string step, program& p) {
  constexpr std::string_view prefix = "epilogue::each_product<";
  if (step.compare(0, prefix.size(), prefix) != 0) return step;
  const std::vector<std::string> parts = split_list(step.substr(prefix.size(), step.size() - prefix.size() - 1));
  for (size_t i = 2; i < parts.size(); ++i) p.product_steps.push_back(step_of(parts[i]));
  return std::string(prefix) + parts[0] + "," + parts[1] + ",any_steps>";
}

// Registers, which nothing here has, follow from the blocks on a multiprocessor: a row may leave them open.
std::string without_register_bound(std::string type) {
  const size_t at = type.find(".min_blocks=");
  return at == type.npos ? type : type.erase(at, type.find_first_of(",}", at) - at + 1);
}

// Takes the chain out of the kernel's type.
std::string take_chain(std::string type, program& p) {
  constexpr std::string_view prefix = "epilogue::chain<";
  const size_t at = type.find(prefix);
  if (at == type.npos) refuse("finds no epilogue::chain in {}", type);
  const size_t open = at + prefix.size() - 1, close = closing(type, open);
  for (const std::string& part : split_list(type.substr(open + 1, close - open - 1)))
    p.steps.push_back(step_of(take_product_steps(take_gradient_parts(take_function(part, p), p.gradient), p)));
  return type.replace(at, close + 1 - at, "any_chain");
}

// A unit brings an equation's struct along, which must be the very text that was compiled here; a function of the catalogue
// is a file.
void check_function(const std::string& unit_text, const function_row& f) {
  constexpr std::string_view before = "namespace gemmact::activation {\n";
  const bool brings_one = unit_text.find(before) != unit_text.npos;
  const char* own = source_of(f);
  if (own == nullptr && brings_one) refuse("was given the text of a function that the catalogue has");
  if (own != nullptr && between(unit_text, before, "}\nnamespace gemmact {\nusing unit") != own)
    refuse("was given another text of an equation than it has compiled:\n{}", own);
}

void check(const std::string& unit_text, const char* what, std::string_view before, u32 own) {
  const std::string said = between(unit_text, before, ",");
  if (said != std::to_string(own)) refuse("was told {} {} of a kernel that has {}", said, what, own);
}

}  // namespace

std::string without_spaces(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, [](char c) { return c == ' ' || c == '\n'; });
  return rest;
}

std::vector<std::string> split_list(const std::string& list) {
  std::vector<std::string> parts;
  int depth = 0;
  std::string part;
  for (const char c : list) {
    depth += opens(c) ? 1 : closes(c) ? -1 : 0;
    if (c == ',' && depth == 0) parts.push_back(std::exchange(part, {}));
    else part += c;
  }
  if (!part.empty()) parts.push_back(part);
  return parts;
}

add_kernels::add_kernels(const std::vector<kernel_row>& rows) {
  kernels().insert(kernels().end(), rows.begin(), rows.end());
}

std::vector<std::string> kernel_types() {
  std::vector<std::string> all;
  for (const kernel_row& row : kernels()) all.push_back(row.type);
  return all;
}

unit_head read_head(const std::string& unit_text) {
  return {between(unit_text, "GEMMACT_ENTRY(", ","),
          u32(std::stoul(between(unit_text, "sizeof(unit::params) == ", ",")))};
}

program read_program(const std::string& unit_text) {
  program p;
  p.name = read_head(unit_text).name;
  p.architecture = between(unit_text, "--gpu-architecture=", "\n");
  const std::string whole = without_spaces(between(unit_text, "using unit = ", ";\n"));
  p.kernel = find_kernel(whole);
  if (p.kernel == nullptr) {
    const std::string type = take_chain(whole, p);
    p.kernel = find_kernel(type);
    if (p.kernel == nullptr) p.kernel = find_kernel(without_register_bound(type));
    if (p.kernel == nullptr)
      refuse("has no kernel {}: its family's file in tests/support/emulated_gpu needs a row", type);
  }
  if (p.function != nullptr) check_function(unit_text, *p.function);
  check(unit_text, "threads", "unit::threads == ", p.kernel->threads);
  check(unit_text, "bytes of shared memory", "unit::shared_bytes == ", p.kernel->shared_bytes);
  check(unit_text, "bytes of its argument", "sizeof(unit::params) == ", p.kernel->params_bytes);
  return p;
}

}  // namespace gemmact::emulated_gpu
