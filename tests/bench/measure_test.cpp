#include "bench/core/measure.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
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

// One that was right once and then writes nothing, which only a spoilt output shows.
TEST(measure, an_arm_that_writes_nothing_is_found) {
  bool right = false;
  int calls = 0;
  arm lazy = planted("fused", 20);
  lazy.call = [&, work = lazy.call] { work(), right = right || calls < 20, ++calls; };
  lazy.check = [&](unsigned) { return right ? 0.0 : 2.0; };
  EXPECT_EQ(run({lazy, {planted("unfused", 20)}, {}}).wrong_arm, "");
  right = false, calls = 0;
  lazy.spoil = [&] { right = false; };
  EXPECT_EQ(run({lazy, {planted("unfused", 20)}, {}}).wrong_arm, "fused");
  ASSERT_GT(calls, 20);
}

TEST(measure, all_other_arms_run_and_are_compared) {
  contest c{planted("fused", 100), {planted("unfused", 100)}, {planted("bare", 80)}};
  c.others = {planted("default", 200), planted("plain", 50)};
  const outcome o = run(c);
  ASSERT_EQ(o.others.size(), 2u);
  EXPECT_EQ(o.others[0].name, "default");
  EXPECT_NEAR(o.others[0].ratio.median, 2, 0.05);
  EXPECT_NEAR(o.others[1].ratio.median, 0.5, 0.02);
  EXPECT_NEAR(o.others[1].seconds.median, 50e-6, 2e-6);
  c.bare.clear();
  EXPECT_NEAR(run(c).others[0].ratio.median, 2, 0.05);
  c.others[1] = planted("plain", 50, 1.5);
  EXPECT_EQ(run(c).compared.result, verdict::wrong);
  EXPECT_EQ(run(c).wrong_arm, "plain");
}

TEST(measure, an_arm_that_is_missing_keeps_its_place) {
  contest c{planted("fused", 100), {planted("unfused", 100)}, {}};
  arm none;
  none.missing = "there is none";
  c.others = {planted("default", 200), none, planted("plain", 50)};
  c.bare_missing = "nothing runs it alone";
  const outcome o = run(c);
  ASSERT_EQ(o.others.size(), 3u);
  EXPECT_EQ(o.others[1].missing, "there is none");
  EXPECT_EQ(o.others[1].seconds.median, 0);
  EXPECT_NEAR(o.others[2].ratio.median, 0.5, 0.02);
  EXPECT_EQ(o.others[2].missing, "");
  EXPECT_EQ(o.bare_missing, "nothing runs it alone");
  EXPECT_EQ(o.bare.median, 0);
}

TEST(measure, a_turn_is_whole_cycles) {
  contest c{planted("fused", 100), {planted("unfused", 100)}, {}};
  c.cycle = 7;
  EXPECT_EQ(run(c).calls % 7, 0);
  EXPECT_GT(run(c).calls, 0);
}

TEST(measure, rounds_that_heat_or_hardware_slowed_say_nothing) {
  const auto with = [](uint64_t reasons, int slow_rounds) {
    measure_settings s{.least_rounds = 20, .most_rounds = 20, .case_seconds = 0, .slot_seconds = 4e-4};
    s.time = host_timer([] { return clock_seconds; });
    // The first reading is from before the rounds, and the worst.
    s.read_gauges = [=, round = -1]() mutable { return gauges{1500, 600, 60, round++ < slow_rounds ? reasons : 0}; };
    return measure({planted("fused", 100), {planted("unfused", 400)}, {}}, s, [](int, int) {});
  };
  EXPECT_EQ(with(0x4, 20).compared.result, verdict::faster);  // a power cap is the same for all arms
  EXPECT_EQ(with(0x40, 20).compared.result, verdict::cant_tell);
  EXPECT_EQ(with(0x8, 3).compared.result, verdict::cant_tell);
  EXPECT_EQ(with(0x8, 2).compared.result, verdict::faster);
  const std::vector<gauges> readings = with(0x40, 0).readings;
  EXPECT_EQ(readings.size(), 20u);
  EXPECT_EQ(std::count_if(readings.begin(), readings.end(), unusable), 0) << "of the case before";
}

TEST(measure, names_of_what_slows_a_device) {
  EXPECT_TRUE(throttle_names(0).empty());
  EXPECT_EQ(throttle_names(0x44), (std::vector<std::string>{"software power cap", "hardware thermal slowdown"}));
  EXPECT_EQ(throttle_names(0x4001), (std::vector<std::string>{"idle", "0x4000"}));
}

TEST(choose, the_fastest_that_runs_and_is_right) {
  const auto refused = [](const std::string& name) {
    return arm{name, [] { throw std::runtime_error("not supported here"); }, [](unsigned) { return 0.0; }};
  };
  const measure_settings settings{.slot_seconds = 4e-4, .time = host_timer([] { return clock_seconds; })};
  const heat h = choose({refused("a"), planted("slow", 300), planted("wrong", 10, 2), planted("best", 90),
                         planted("NaN", 20, NAN), refused("b"), planted("near", 100)},
                        settings);
  EXPECT_EQ(h.best, 3u);
  EXPECT_FALSE(h.first_usable);
  EXPECT_TRUE(choose({planted("first", 300), refused("b")}, settings).first_usable);
  EXPECT_EQ(h.timed, 3);
  EXPECT_EQ(h.refused, 2);
  EXPECT_EQ(h.wrong, 2);
  EXPECT_EQ(choose({refused("a"), planted("only", 5)}, settings).best, 1u);
  EXPECT_THROW(choose({}, settings), std::runtime_error);
  try {
    choose({refused("a")}, settings);
    ADD_FAILURE() << "nothing could be chosen";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("not supported here"), std::string::npos) << e.what();
  }
}

// Of a product on threads that sleep the first calls after a pause say nothing of those that follow.
TEST(choose, what_is_slow_to_wake_is_not_left_out) {
  int slow_calls = 2;
  arm threads = planted("threads", 25);
  threads.call = [&, work = threads.call] { clock_seconds += slow_calls-- > 0 ? 300e-6 : 0, work(); };
  threads.spoil = [&] { slow_calls = 2; };
  const measure_settings settings{.slot_seconds = 4e-3, .time = host_timer([] { return clock_seconds; })};
  EXPECT_EQ(choose({planted("one thread", 60), threads, planted("slow", 70)}, settings).best, 1u);
}

TEST(choose, much_slower_ones_of_long_calls_are_called_but_thrice) {
  int calls = 0;
  arm slow = planted("slow", 40000);
  slow.call = [&, work = slow.call] { ++calls, work(); };
  const measure_settings settings{.slot_seconds = 4e-4, .time = host_timer([] { return clock_seconds; })};
  EXPECT_EQ(choose({planted("quick", 10000), slow}, settings).best, 0u);
  EXPECT_EQ(calls, 3);
}

// Of many candidates the heat has only those that were quick at once.
TEST(choose, many_candidates_have_few_finalists) {
  std::vector<arm> all;
  std::vector<int> calls(40, 0);
  for (int i = 0; i < 40; ++i) {
    all.push_back(planted(fmt::format("{}", i), 100 + 2 * (i + 20) % 40));
    all.back().call = [&calls, i, work = all.back().call] { ++calls[size_t(i)], work(); };
  }
  const measure_settings settings{.slot_seconds = 4e-3, .time = host_timer([] { return clock_seconds; })};
  const heat h = choose(all, settings);
  EXPECT_EQ(h.timed, 40);
  EXPECT_EQ(std::count_if(calls.begin(), calls.end(), [](int n) { return n > 40; }), int(most_finalists));
  EXPECT_GT(calls[h.best], 40);
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
