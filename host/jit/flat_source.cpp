#include "host/jit/flat_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace gemmact::jit {
namespace {

struct directive {
  std::string_view word, rest;  // of "#  include  x": "include", "x"; empty where the line has none
};

directive directive_of(std::string_view line) {
  const auto skip_blanks = [&line] { line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size())); };
  skip_blanks();
  if (!line.starts_with('#')) return {};
  line.remove_prefix(1);
  skip_blanks();
  const size_t end = std::min(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  skip_blanks();
  return {word, line};
}

class flattener {
 public:
  explicit flattener(std::span<const header> headers) : headers_(headers), states_(headers.size()) {}

  std::string take() { return std::move(out_); }

  // `depth` conditions (#if) surround the text.
  void add(std::string_view text, int depth) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const auto [word, rest] = directive_of(line);
      if (word == "if" || word == "ifdef" || word == "ifndef") ++depth;
      if (word == "endif") --depth;
      if (word == "pragma" && rest.starts_with("once")) continue;
      if (word != "include" || !add_include(rest, depth)) out_.append(line).append("\n");
    }
  }

 private:
  enum class state { absent, open, present };

  bool add_include(std::string_view path, int depth) {
    if (!path.starts_with('"')) return false;
    path = path.substr(1, path.find('"', 1) - 1);
    const auto found = std::find_if(headers_.begin(), headers_.end(), [&](const header& h) { return h.name == path; });
    if (found == headers_.end()) return false;
    const size_t index = size_t(found - headers_.begin());
    if (states_[index] != state::absent) return true;
    states_[index] = state::open;
    out_ += fmt::format("#ifndef GEMMACT_FLAT_{0}\n#define GEMMACT_FLAT_{0}  // {1}\n", index, path);
    add(found->text, depth);
    out_ += fmt::format("#endif  // {}\n", path);
    states_[index] = depth == 0 ? state::present : state::absent;
    return true;
  }

  std::span<const header> headers_;
  std::vector<state> states_;
  std::string out_;
};

}  // namespace

std::string flat_source(const unit& unit, std::span<const header> headers) {
  flattener all(headers);
  all.add(unit.text, 0);
  return all.take();
}

}  // namespace gemmact::jit
