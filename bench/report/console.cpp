#include "bench/report/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace gemmact_bench {
namespace {

constexpr std::chrono::milliseconds terminal_pause{100}, other_pause{15000};

}  // namespace

console::console()
    : terminal_(isatty(STDOUT_FILENO) != 0 && std::getenv("TERM") != nullptr),
      colours_(terminal_ && std::getenv("NO_COLOR") == nullptr),
      last_(clock::now()) {}

void console::clear() {
  if (shown_) fmt::print("\r\033[K");
  shown_ = false;
}

void console::say(const std::string& line) {
  clear();
  fmt::print("{}\n", line);
  std::fflush(stdout);
  last_ = clock::now();
}

void console::say_row(const std::string& line, const std::string& verdict) {
  const size_t at = line.rfind(verdict);
  if (!colours_ || at == std::string::npos) return say(line);
  const int colour = verdict == "FASTER" ? 32 : verdict == "SAME" ? 36 : verdict == "CAN'T TELL" ? 33 : 31;
  say(fmt::format("{}\033[{}m{}\033[0m{}", line.substr(0, at), colour, verdict, line.substr(at + verdict.size())));
}

void console::progress(const std::string& text) {
  const auto now = clock::now();
  if (now - last_ < (terminal_ ? terminal_pause : other_pause)) return;
  if (!terminal_) return say(text);
  fmt::print("\r\033[K{}", text.substr(0, 118));
  std::fflush(stdout);
  shown_ = true;
  last_ = now;
}

}  // namespace gemmact_bench
