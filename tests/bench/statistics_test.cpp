#include "bench/core/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

using namespace gemmact_bench;

namespace {

std::vector<double> noisy(double value, double deviation, unsigned seed, size_t count = 24) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, deviation);
  std::vector<double> times(count);
  for (double& t : times) t = value * std::exp(normal(random));
  return times;
}

verdict verdict_of(double baseline, double deviation, unsigned seed = 1) {
  return compare(noisy(1, deviation, seed), noisy(1, deviation, seed + 1), noisy(baseline, deviation, seed + 2)).result;
}

}  // namespace

TEST(statistics, quartiles_and_median) {
  const summary s = summarize({5, 1, 4, 2, 3});
  EXPECT_EQ(s.median, 3);
  EXPECT_EQ(s.lower_quartile, 2);
  EXPECT_EQ(s.upper_quartile, 4);
  EXPECT_EQ(summarize({7}).median, 7);
  EXPECT_EQ(summarize({1, 2}).median, 1.5);
}

// The ranks of the textbooks' tables of the sign test, at most 2.5 % on either side.
TEST(statistics, confidence_interval_of_the_median_by_order) {
  const auto interval = [](size_t n) {
    std::vector<double> values(n);
    std::iota(values.begin(), values.end(), 1.0);
    const summary s = summarize(values);
    return std::pair(int(s.low), int(s.high));
  };
  EXPECT_EQ(interval(5), std::pair(1, 5));
  EXPECT_EQ(interval(6), std::pair(1, 6));
  EXPECT_EQ(interval(8), std::pair(1, 8));
  EXPECT_EQ(interval(9), std::pair(2, 8));
  EXPECT_EQ(interval(20), std::pair(6, 15));
  EXPECT_EQ(interval(30), std::pair(10, 21));
  EXPECT_EQ(interval(100), std::pair(40, 61));
}

TEST(statistics, verdicts_of_clear_cases) {
  EXPECT_EQ(verdict_of(1.2, 0.01), verdict::faster);
  EXPECT_EQ(verdict_of(1 / 1.2, 0.01), verdict::slower);
  EXPECT_EQ(verdict_of(1.0, 0.003), verdict::same);
  EXPECT_EQ(verdict_of(1.0, 0.3), verdict::cant_tell);
}

TEST(statistics, noise_hides_what_is_smaller) {
  EXPECT_EQ(verdict_of(1.05, 0.25), verdict::cant_tell);
  // One slow half of the machine's time: the same arm differs from itself as much as from the other.
  const std::vector<double> ours = noisy(1, 0.001, 1), again = noisy(1.1, 0.001, 2), baseline = noisy(1.08, 0.001, 3);
  const comparison c = compare(ours, again, baseline);
  EXPECT_GT(c.noise, 0.09);
  EXPECT_EQ(c.result, verdict::cant_tell);
}

// Of true ties hardly any may be called a win or a loss.
TEST(statistics, ties_are_seldom_called_wins) {
  int called = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    const verdict v = verdict_of(1.0, 0.05, 10 * seed + 1);
    called += v == verdict::faster || v == verdict::slower;
  }
  EXPECT_LE(called, 10);
}

TEST(statistics, every_verdict_has_a_name_and_is_explained) {
  for (const verdict v :
       {verdict::faster, verdict::slower, verdict::same, verdict::cant_tell, verdict::wrong, verdict::failed})
    EXPECT_NE(verdict_rule().find(name_of(v)), std::string::npos) << name_of(v);
}

TEST(statistics, geometric_mean) {
  EXPECT_NEAR(geometric_mean({2, 0.5, 4}), std::cbrt(4.0), 1e-12);
  EXPECT_EQ(geometric_mean({}), 1);
}
