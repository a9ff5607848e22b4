#include "bench/core/timer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "bench/core/measure.hpp"
#include "tests/bench/fake_queue.hpp"

using namespace gemmact_bench;

namespace {

arm planted(fake_queue& queue, const std::string& name, double seconds, double error = 0) {
  return {name, [&queue, seconds] { queue.add(seconds); }, [error](unsigned) { return error; }};
}

outcome run(fake_queue& queue, const contest& c) {
  measure_settings settings{.least_rounds = 20, .most_rounds = 20, .case_seconds = 0, .slot_seconds = 1e-3};
  settings.time = queue_timer(queue, 20);
  return measure(c, settings, [](int, int) {});
}

}  // namespace

TEST(timer, the_host_is_timed_by_its_clock) {
  double clock = 0;
  int calls = 0;
  const auto call = [&] { clock += ++calls == 1 ? 100 : 2; };
  const timer time = host_timer([&] { return clock; });
  EXPECT_EQ(time(call, 5, true), 2);  // the first wakes threads and is not timed
  EXPECT_EQ(calls, 6);
  calls = 0;
  EXPECT_EQ(time(call, 2, false), 51);
}

TEST(timer, a_queue_is_timed_by_its_own_clock) {
  fake_queue queue;
  int calls = 0;
  const auto call = [&] { queue.add(++calls == 1 ? 100 : 3); };
  EXPECT_EQ(queue_timer(queue, 10)(call, 4, true), 3);
  EXPECT_EQ(calls, 5);
  EXPECT_EQ(queue.collections, 0);
  EXPECT_TRUE(queue.waiting.empty());
}

TEST(timer, many_short_calls_are_added_at_once_and_done_before_they_are_timed) {
  fake_queue queue;
  int calls = 0;
  const auto call = [&] { ++calls, queue.add(0.25); };
  EXPECT_EQ(queue_timer(queue, 10)(call, 10, true), 0.25);  // no cold start in it
  EXPECT_EQ(calls, 10);                                     // so what they rotate through has turned by 10
  EXPECT_EQ(queue.collections, 1);
  EXPECT_EQ(queue.additions, 2);
  EXPECT_TRUE(queue.waiting.empty());
}

TEST(timer, what_cannot_be_collected_throws) {
  fake_queue queue;
  const auto call = [] { throw std::runtime_error("refused while capturing"); };
  EXPECT_THROW(queue_timer(queue, 1)(call, 4, true), std::runtime_error);
}

TEST(timer, planted_arms_of_a_device_are_found) {
  fake_queue queue;
  for (const double seconds : {5e-6, 3e-4}) {  // collected, and one by one
    const auto fused = [&](double times, double error) { return planted(queue, "fused", times * seconds, error); };
    const arm other = planted(queue, "unfused", seconds), bare = planted(queue, "bare", seconds / 2);
    EXPECT_EQ(run(queue, {fused(1.3, 0), {other}, {bare}}).compared.result, verdict::slower) << seconds;
    EXPECT_EQ(run(queue, {fused(0.7, 0), {other}, {bare}}).compared.result, verdict::faster) << seconds;
    EXPECT_EQ(run(queue, {fused(1.0, 0), {other}, {bare}}).compared.result, verdict::same) << seconds;
    EXPECT_EQ(run(queue, {fused(0.7, 1.5), {other}, {bare}}).compared.result, verdict::wrong) << seconds;
    contest c{fused(1, 0), {other}, {bare}};
    c.others = {planted(queue, "default", 2 * seconds), planted(queue, "plain", seconds, NAN)};
    const outcome o = run(queue, c);
    EXPECT_EQ(o.wrong_arm, "plain");
    EXPECT_NEAR(o.others[0].ratio.median, 2, 1e-6);
  }
}
