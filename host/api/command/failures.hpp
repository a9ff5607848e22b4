// How a command ends badly: what() is shown, as one line; only the text of an equation and the caret under it, where a
// message ends with them, stay lines of their own.
#pragma once
#include <fmt/format.h>

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

// The command line is wrong: exit status 2.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What was asked could not be done: exit status 1.
struct run_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class... Args>
[[noreturn]] void usage_fail(fmt::format_string<Args...> text, Args&&... args) {
  throw usage_error(fmt::format(text, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void run_fail(fmt::format_string<Args...> text, Args&&... args) {
  throw run_error(fmt::format(text, std::forward<Args>(args)...));
}

// Throws the library's last message unless the status is GEMMACT_OK: as usage_error where the command line's own words
// are wrong, else as run_error.
void check(gemmact_status status);

// The function that a text means; usage_error when it means none.
class described_function : public gemmact_activation_info {
 public:
  explicit described_function(const std::string& text);
  bool is_equation = false;

 private:
  std::unique_ptr<std::byte[]> memory_;  // what the base points to
};

}  // namespace gemmact::api
