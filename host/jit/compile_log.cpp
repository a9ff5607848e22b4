#include "host/jit/compile_log.hpp"

#include <charconv>
#include <initializer_list>

namespace gemmact::jit {
namespace {

constexpr size_t max_complaints = 4, max_line = 400;

template <class Visit>
void each_line(std::string_view log, Visit&& visit) {
  while (!log.empty()) {
    const size_t end = log.find('\n');
    visit(log.substr(0, end));
    log = end == log.npos ? std::string_view{} : log.substr(end + 1);
  }
}

// The number that stands right before `words`, "0" of "0 bytes stack frame"; false where they are not there.
bool number_before(std::string_view line, std::string_view words, uint32_t& value) {
  const size_t at = line.find(words);
  if (at == line.npos || at < 2 || line[at - 1] != ' ') return false;
  size_t from = at - 1;
  while (from > 0 && line[from - 1] >= '0' && line[from - 1] <= '9') --from;
  return std::from_chars(line.data() + from, line.data() + at - 1, value).ec == std::errc{};
}

bool has_any(std::string_view line, std::initializer_list<const char*> words) {
  for (const char* word : words)
    if (line.find(word) != line.npos) return true;
  return false;
}

bool is_error(std::string_view line) {
  return has_any(line, {"error", "(C76"}) && !has_any(line, {"detected in the compilation of"});
}

bool is_flaw(std::string_view line) {
  for (const char* words :
       {"bytes stack frame", "bytes spill stores", "bytes spill loads", "bytes cumulative stack size"})
    if (uint32_t bytes = 0; number_before(line, words, bytes) && bytes != 0) return true;
  return has_any(line, {"(C7", "warning", "Warning", "Potential Performance Loss"}) && !has_any(line, {"Remark:"});
}

// Names are the kernels' own and may hold any word.
bool has_name(std::string_view line) { return has_any(line, {"Compiling entry function", "Function properties for"}); }

}  // namespace

std::string complaints(std::string_view log) {
  std::string text;
  for (const auto unfit : {is_error, is_flaw}) {  // beside an error, warnings are noise
    size_t count = 0;
    each_line(log, [&](std::string_view line) {
      if (has_name(line) || !unfit(line) || ++count > max_complaints) return;
      text.append(text.empty() ? "" : "; ").append(line.substr(line.find_first_not_of(' ')).substr(0, max_line));
    });
    if (count > max_complaints) text += "; and more";
    if (count > 0) break;
  }
  return text;
}

bool read_resources(std::string_view log, resources& used) {
  bool found = false;
  each_line(log, [&](std::string_view line) {
    if (line.find("Used ") == line.npos || !number_before(line, "registers", used.registers)) return;
    found = true;
    number_before(line, "barriers", used.barriers);
    number_before(line, "bytes smem", used.shared_bytes);
  });
  return found;
}

}  // namespace gemmact::jit
