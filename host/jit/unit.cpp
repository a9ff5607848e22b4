#include "host/jit/unit.hpp"

#include <fmt/format.h>

#include <string_view>

#include "host/core/status.hpp"

namespace gemmact::jit {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
constexpr std::string_view digits = "0123456789";

bool only(std::string_view text, std::string_view a, std::string_view b, std::string_view c = {}) {
  for (char letter : text)
    if (a.find(letter) == a.npos && b.find(letter) == b.npos && c.find(letter) == c.npos) return false;
  return !text.empty();
}

}  // namespace

void check_unit_name(std::string_view name) {
  if (!only(name, letters, digits) || digits.find(name.front()) != digits.npos || name.size() > max_unit_name)
    core::fail(GEMMACT_INTERNAL, "kernel name \"{}\" is no C identifier of at most {} characters", name, max_unit_name);
}

std::string make_unit_text(const unit_parts& parts) {
  check_unit_name(parts.name);
  std::string text = "#include \"kernels/entry.cuh\"\n";
  for (const std::string& path : parts.includes) {
    if (!only(path, letters, digits, "/.-"))
      core::fail(GEMMACT_INTERNAL, "kernel {} includes \"{}\", which is no plain path", parts.name, path);
    text += fmt::format("#include \"{}\"\n", path);
  }
  if (!parts.activation.empty()) text += fmt::format("namespace gemmact::activation {{\n{}}}\n", parts.activation);
  text += fmt::format("namespace gemmact {{\nusing unit = {};\n", parts.kernel);
  text +=
      fmt::format("static_assert(unit::threads == {}, \"threads of a block, as the host has it\");\n", parts.threads);
  text += fmt::format("static_assert(unit::shared_bytes == {}, \"dynamic shared memory, as the host has it\");\n",
                      parts.shared_bytes);
  text += fmt::format("static_assert(sizeof(unit::params) == {}, \"the argument's bytes, as the host has it\");\n",
                      parts.params_bytes);
  text += fmt::format("}}\nGEMMACT_ENTRY({}, gemmact::unit)\n", parts.name);
  return text;
}

}  // namespace gemmact::jit
