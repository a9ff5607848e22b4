// Random data: each element's error divided by its derived bound, for every function, operation, type and accuracy.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

// Random values of every factor, with sizes of some length that are not beyond the tiles, which would take long.
factor_row middling_row(gemmact_operation operation, uint64_t seed) {
  factor_row row = random_row(operation, seed);
  random_source random(~seed);
  for (const char* size : {"m", "n", "k"})
    if (operation != GEMMACT_ACTIVATION_GRAD || *size != 'k') row.set(size, int(random.between(3, size_count() - 2)));
  return row;
}

double median(std::vector<double>& all) {
  std::nth_element(all.begin(), all.begin() + ptrdiff_t(all.size() / 2), all.end());
  return all[all.size() / 2];
}

// Error / bound of one operation, by accuracy and the type of the output.
class ratio_table {
 public:
  explicit ratio_table(gemmact_operation operation) : operation_(operation) {}

  void run(uint64_t index, const factor_row& row, const std::string& line) {
    if (case_selected(index)) run(index, make_case(operation_, row, mix(index)), line);
  }

  void run(uint64_t index, layer l, const std::string& line) {
    fill_random(l, index);
    const std::string failure = check_layer(device_under_test(), l, {}, &lines_[line]);
    if (!failure.empty() && failures_++ < 10) ADD_FAILURE() << failure << "\n  " << replay_line(index);
  }

  void report() {
    for (auto& [line, log] : lines_)
      for (auto& [type, all] : log) {
        const double middle = median(all), worst = *std::max_element(all.begin(), all.end());
        fmt::print("error / bound  {:<15} {:<9} {:<5} {:>9} elements  median {:.4f}  largest {:.4f}\n",
                   operation_name(operation_), line, type_name(type), all.size(), middle, worst);
        EXPECT_LE(middle, 0.1) << operation_name(operation_) << " " << line;
        EXPECT_LE(worst, 1.0) << operation_name(operation_) << " " << line;
      }
  }

 private:
  gemmact_operation operation_;
  std::map<std::string, ratio_log> lines_;
  int failures_ = 0;
};

const char* accuracy_name(int accuracy) { return accuracy == GEMMACT_ACCURATE ? "accurate" : "fast"; }

void every_activation(gemmact_operation operation, const char* type_factor, int types) {
  ratio_table table(operation);
  const uint64_t activations = activation_cases().size();
  for (uint64_t index = 0; index < case_count(activations * uint64_t(types) * 4); ++index) {
    const int accuracy = index / 2 % 2 == 0 ? GEMMACT_ACCURATE : GEMMACT_FAST;
    factor_row row = middling_row(operation, index);
    row.set("activation", int(index / (4 * uint64_t(types)) % activations));
    row.set(type_factor, int(index / 4 % uint64_t(types)));
    row.set("accuracy", accuracy);
    row.set("combine", index % 2 == 0 ? GEMMACT_PLAIN : int(index / 2 % 3));
    if (operation == GEMMACT_INPUT_GRAD) row.set("below", 1 + int(index % 3));
    table.run(index, row, accuracy_name(accuracy));
  }
  table.report();
}

TEST(random, forward) { every_activation(GEMMACT_FORWARD, "operands", 4); }
TEST(random, activation_grad) { every_activation(GEMMACT_ACTIVATION_GRAD, "type_dy", 3); }
TEST(random, input_grad) { every_activation(GEMMACT_INPUT_GRAD, "operands", 4); }

TEST(random, tiles_of_tensor_cores) {
  ratio_table table(GEMMACT_FORWARD);
  for (uint64_t index = 0; index < tile_case_count(); ++index) {
    if (!case_selected(index)) continue;
    const forced_tile tile(index);
    layer l = make_tile_case(index);
    const char* line = accuracy_name(l.accuracy);
    table.run(index, std::move(l), line);
  }
  table.report();
}

TEST(random, weight_grad) {
  ratio_table table(GEMMACT_WEIGHT_GRAD);
  for (uint64_t index = 0; index < case_count(160); ++index) {
    factor_row row = middling_row(GEMMACT_WEIGHT_GRAD, index);
    row.set("operands", int(index % 4));
    table.run(index, row, "accurate");
  }
  table.report();
}

// The last one.
TEST(random, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
