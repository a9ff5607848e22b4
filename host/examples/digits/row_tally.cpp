#include "host/examples/digits/row_tally.hpp"

namespace examples {

void row_tally::take(const std::string& name, double accuracy, double line) {
  const bool stays = name == "linear" || name == "step";
  ++ran_;
  otherwise_ += stays != (accuracy < line + 0.05);
}

std::string row_tally::claim() const {
  const std::string what = "All but linear, which stays a line, and step are better than s = W x";
  if (refused_ == 0) return what + ".";
  return what + ", of the " + std::to_string(ran_) + " that have a kernel here; " + std::to_string(refused_) +
         " have none.";
}

}  // namespace examples
