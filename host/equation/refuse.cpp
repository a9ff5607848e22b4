// How a text is refused: a sentence, the column, and the part of the text around it with a caret.
#include "host/core/status.hpp"
#include "host/equation/syntax.hpp"

namespace gemmact::equation {

void refuse_at(std::string_view text, size_t at, const std::string& sentence) {
  constexpr size_t around = 40;  // characters shown on each side
  const size_t from = at > around ? at - around : 0;
  std::string line(text.substr(from, 2 * around));
  for (char& c : line)
    if (c < ' ' || c > '~') c = '?';
  core::fail(GEMMACT_BAD_ACTIVATION_TEXT, "{} (column {})\n  {}{}{}\n  {}^", sentence, at + 1, from > 0 ? "..." : "",
             line, from + line.size() < text.size() ? "..." : "", std::string(at - from + (from > 0 ? 3 : 0), ' '));
}

}  // namespace gemmact::equation
