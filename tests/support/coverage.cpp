#include "tests/support/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace gemmact::test {
namespace {

constexpr std::string_view operations[] = {"forward", "activation_grad", "input_grad",
                                           "input_grad_below",  // with the gradient of the layer below
                                           "weight_grad"};
constexpr std::string_view combines[] = {"plain", "gated", "maxout"};

template <size_t count>
bool has(const std::string_view (&names)[count], std::string_view name) {
  return std::find(names, names + count, name) != names + count;
}

bool is_name(std::string_view name) {
  const size_t dot = name.find('.');
  if (dot != name.npos) return has(operations, name.substr(0, dot)) && has(combines, name.substr(dot + 1));
  return name == "covered" || has(operations, name) || has(combines, name);
}

}  // namespace

void coverage::count(const std::string& operation, const std::string& combine, outcome what) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++rows_[{operation, combine}][size_t(what)];
}

int64_t coverage::counted(outcome what) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t sum = 0;
  for (const auto& [name, row] : rows_) sum += row[size_t(what)];
  return sum;
}

std::string coverage::table() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string text = fmt::format("{:<24} {:>8} {:>8} {:>12}\n", "problems", "covered", "refused", "not sampled");
  for (const auto& [name, row] : rows_)
    text += fmt::format("{:<24} {:>8} {:>8} {:>12}\n", name.first + "." + name.second, row[0], row[1], row[2]);
  return text;
}

int64_t coverage::covered(std::string_view name) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t sum = 0;
  for (const auto& [of, row] : rows_)
    if (name == "covered" || name == of.first || name == of.second || name == of.first + "." + of.second)
      sum += row[size_t(outcome::covered)];
  return sum;
}

std::string coverage::shortfall(std::string_view least) const {
  std::string text;
  for (std::string_view rest = least; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size()), colon = std::min(rest.find(':'), comma);
    const std::string_view name = rest.substr(0, colon), number = rest.substr(colon, comma - colon);
    int64_t wanted = 0;
    const auto [end, error] = std::from_chars(number.data() + !number.empty(), number.data() + number.size(), wanted);
    if (!is_name(name) || error != std::errc{} || end != number.data() + number.size())
      throw std::invalid_argument(
          fmt::format("\"{}\" of the least counts is no operation or combine with a number", rest.substr(0, comma)));
    if (const int64_t got = covered(name); got < wanted)
      text += fmt::format("{}{}: {} instead of {} or more", text.empty() ? "" : ", ", name, got, wanted);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return text;
}

}  // namespace gemmact::test
