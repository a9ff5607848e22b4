// How a failure travels inside the library: thrown as `failure`, turned into a status and a message at the C boundary.
#pragma once
#include <fmt/format.h>

#include <exception>
#include <string>
#include <utility>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

class failure : public std::exception {
 public:
  failure(gemmact_status status, std::string message) : status_(status), message_(std::move(message)) {}
  gemmact_status status() const noexcept { return status_; }
  const std::string& message() const noexcept { return message_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  gemmact_status status_;
  std::string message_;
};

// Throws `status` with one sentence: the argument, its value and the rule.
template <class... Args>
[[noreturn]] void fail(gemmact_status status, fmt::format_string<Args...> text, Args&&... args) {
  throw failure(status, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace gemmact::core
