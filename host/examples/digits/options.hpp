// The command line of example_digits.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace examples {

struct options {
  std::string device = "cpu";
  std::optional<std::string> data;      // folder of IDX files; none: digits are drawn
  std::optional<std::string> function;  // only this one
  std::optional<std::string> svg;       // file for the gradient norms
  std::optional<uint32_t> steps;        // of a network of the first part, or of the one function
  uint32_t seed = 1;
  bool quick = false, help = false;
};

// A wrong command line: one sentence.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws usage_error.
options parse_options(int count, const char* const* words);

extern const char* const help_text;

}  // namespace examples
