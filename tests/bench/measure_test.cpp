#include "bench/core/measure.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "bench/baselines/pool.hpp"

using namespace gemmact_bench;

namespace {

// A clock that only the arms move, so that a loaded machine changes nothing.
double clock_seconds = 0;

// An arm that takes that long, give or take 1 %, and is right, or as wrong as `error` says.
arm planted(const std::string& name, double microseconds, double error = 0) {
  const auto work = [microseconds, calls = 0]() mutable {
    clock_seconds += microseconds * 1e-6 * (1 + 0.01 * (++calls % 3 - 1));
  };
  return {name, work, [error](unsigned) { return error; }};
}

outcome run(const contest& c) {
  return measure(
      c, {.least_rounds = 20, .most_rounds = 20, .case_seconds = 0, .slot_seconds = 4e-4, .time = host_timer([] {
                                                                                            return clock_seconds;
                                                                                          })},
      [](int, int) {});
}

}  // namespace

TEST(measure, a_planted_slow_arm_is_found) {
  EXPECT_EQ(run({planted("fused", 400), {planted("unfused", 100)}, {}}).compared.result, verdict::slower);
  const outcome o = run({planted("fused", 100), {planted("unfused", 400)}, {planted("bare", 50)}});
  EXPECT_EQ(o.compared.result, verdict::faster);
  EXPECT_NEAR(o.compared.ratio.median, 4, 0.1);
  EXPECT_EQ(run({planted("fused", 100), {planted("unfused", 100)}, {}}).compared.result, verdict::same);
  EXPECT_EQ(o.rounds, 20);
  EXPECT_GE(o.calls, 8);  // turns of 400 us with calls of 50
  EXPECT_GT(o.bare.median, 0);
}

TEST(measure, the_fastest_candidate_runs) {
  const outcome o = run({planted("fused", 100),
                         {planted("slow", 500), planted("quick", 100)},
                         {planted("quick product", 50), planted("slow product", 400)}});
  EXPECT_EQ(o.unfused_name, "quick");
  EXPECT_EQ(o.bare_name, "quick product");
}

TEST(measure, a_planted_wrong_arm_is_found_whichever_it_is) {
  const auto wrong = [](double fused, double unfused, double bare) {
    const outcome o =
        run({planted("fused", 20, fused), {planted("unfused", 20, unfused)}, {planted("bare", 20, bare)}});
    return std::string(name_of(o.compared.result)) + " " + o.wrong_arm;
  };
  EXPECT_EQ(wrong(1.5, 0, 0), "WRONG fused");
  EXPECT_EQ(wrong(0, 1.5, 0), "WRONG unfused");
  EXPECT_EQ(wrong(0, 0, INFINITY), "WRONG bare");
  EXPECT_EQ(wrong(NAN, 0, 0), "WRONG fused");
  EXPECT_EQ(wrong(1, 1, 1).find("WRONG"), std::string::npos);
}

TEST(measure, a_result_that_goes_wrong_later_is_found) {
  int calls = 0;
  arm late = planted("fused", 20);
  late.call = [&calls, work = late.call] { work(), ++calls; };
  late.check = [&calls](unsigned) { return calls > 300 ? 2.0 : 0.0; };
  const outcome o = run({late, {planted("unfused", 20)}, {}});
  ASSERT_GT(calls, 300);
  EXPECT_EQ(o.compared.result, verdict::wrong);
}

TEST(measure, progress_is_told_each_round) {
  std::vector<int> rounds;
  measure({planted("fused", 20), {planted("unfused", 20)}, {}},
          {.least_rounds = 7, .most_rounds = 7, .case_seconds = 0, .slot_seconds = 1e-4, .time = host_timer([] {
                                                                                           return clock_seconds;
                                                                                         })},
          [&](int round, int all) { rounds.push_back(all == 7 ? round : -1); });
  std::vector<int> expected(7);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(rounds, expected);
}

TEST(pool, every_element_once) {
  for (const int threads : {1, 2, 3, 5}) {
    pool p(threads);
    for (const int64_t count : {1, 15, 16, 17, 1000}) {
      std::vector<int> touched(size_t(count), 0);
      p.share(count, 16, 1, 0, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) ++touched[size_t(i)];
      });
      EXPECT_EQ(touched, std::vector<int>(size_t(count), 1)) << threads << " threads, " << count;
    }
  }
}

TEST(pool, many_jobs_and_pauses) {
  pool p(2);
  int64_t sum[2] = {};
  for (int i = 0; i < 2000; ++i) p.run(2, [&](int part, int) { sum[part] += i; });
  EXPECT_EQ(sum[0], 1999000);
  EXPECT_EQ(sum[1], 1999000);
}
