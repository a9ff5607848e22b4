#include "tests/layer/ratio_table.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/layer/fill.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

double median(std::vector<double>& all) {
  std::nth_element(all.begin(), all.begin() + ptrdiff_t(all.size() / 2), all.end());
  return all[all.size() / 2];
}

}  // namespace

void ratio_table::run(uint64_t index, const factor_row& row, const std::string& line) {
  if (case_selected(index)) run(index, make_case(operation_, row, mix(index)), line);
}

void ratio_table::run(uint64_t index, layer l, const std::string& line) {
  fill_random(l, index);
  const std::string failure = check_layer(device_under_test(), l, {}, &lines_[line]);
  if (!failure.empty() && failures_++ < 10) ADD_FAILURE() << failure << "\n  " << replay_line(index);
}

void ratio_table::report() {
  for (auto& [line, log] : lines_)
    for (auto& [type, all] : log) {
      const double middle = median(all), worst = *std::max_element(all.begin(), all.end());
      fmt::print("error / bound  {:<15} {:<9} {:<5} {:>9} elements  median {:.4f}  largest {:.4f}\n",
                 operation_name(operation_), line, type_name(type), all.size(), middle, worst);
      // Of the whole table: a few cases may be of one function whose error is near its bound.
      if (case_share() == 1) {
        EXPECT_LE(middle, 0.1) << operation_name(operation_) << " " << line;
      }
      EXPECT_LE(worst, 1.0) << operation_name(operation_) << " " << line;
    }
}

const char* accuracy_name(int accuracy) { return accuracy == GEMMACT_ACCURATE ? "accurate" : "fast"; }

factor_row middling_row(gemmact_operation operation, uint64_t seed) {
  factor_row row = random_row(operation, seed);
  random_source random(~seed);
  for (const char* size : {"m", "n", "k"})
    if (operation != GEMMACT_ACTIVATION_GRAD || *size != 'k') row.set(size, int(random.between(3, size_count() - 2)));
  return row;
}

void check_ratios(gemmact_operation operation, activation_range functions, const char* type_factor, int types) {
  ratio_table table(operation);
  for (uint64_t index = 0; index < case_count(functions.count * uint64_t(types) * 4); ++index) {
    const int accuracy = index / 2 % 2 == 0 ? GEMMACT_ACCURATE : GEMMACT_FAST;
    factor_row row = middling_row(operation, index);
    row.set("activation", int(functions.first + index / (4 * uint64_t(types)) % functions.count));
    row.set(type_factor, int(index / 4 % uint64_t(types)));
    row.set("accuracy", accuracy);
    row.set("combine", index % 2 == 0 ? GEMMACT_PLAIN : int(index / 2 % 3));
    if (operation == GEMMACT_INPUT_GRAD) row.set("below", 1 + int(index % 3));
    table.run(index, row, accuracy_name(accuracy));
  }
  table.report();
}

}  // namespace gemmact::test
