// The order in which configurations are preferred when some have been timed.
#include "host/plan/functions.hpp"
#include "tests/host/plan/gpu_fixture.hpp"

namespace gemmact::test {
namespace {

core::timing timing(const char* family, const char* tile, double us, double noise = 0) {
  core::timing t;
  t.family = family, t.tile = tile;
  t.median = us, t.low = us - noise, t.high = us + noise;
  t.runs = 9;
  return t;
}

class tuned_choices : public ::testing::Test {
 protected:
  std::vector<std::string> order(const std::vector<core::timing>& timings, const plan::plan_override& wanted = {}) {
    sample_layer layer = forward_layer();
    layer.problem.flags = flags_;
    core::problem p = core::check_problem(layer.link(), plan::functions());
    p.avoids_workspace = avoids_workspace_;
    const plan::gpu_choice choice(rows_, gpu_, p);
    std::vector<std::string> tiles;
    for (const plan::gpu_pick& pick : choice.picks(wanted, timings)) tiles.push_back(pick.candidate->tile);
    return tiles;
  }
  using list = std::vector<std::string>;
  const families::gpu gpu_ = plan::gpu_of_architecture(90);
  std::span<const plan::gpu_family> rows_ = toy::rows();
  uint64_t flags_ = 0;
  bool avoids_workspace_ = false;
};

TEST_F(tuned_choices, the_fastest_then_what_nobody_timed) {
  EXPECT_EQ(order({}), (list{"64x64", "16", "64x32", "128x128"}));
  EXPECT_EQ(order({timing("toy", "128x128", 50)}), (list{"128x128", "64x64", "16", "64x32"}));
  EXPECT_EQ(order({timing("toy", "64x64", 50), timing("toy", "128x128", 40)}),
            (list{"128x128", "64x64", "16", "64x32"}));
  EXPECT_EQ(order({timing("toy", "128x128", 3), timing("toy", "64x32", 2), timing("toy", "64x64", 4),
                   timing("toy_skinny", "16", 1)}),
            (list{"16", "64x32", "128x128", "64x64"}));
}

TEST_F(tuned_choices, what_the_device_does_not_offer_is_ignored) {
  EXPECT_EQ(order({timing("toy", "16", 1), timing("gone", "64x32", 1), timing("toy", "256x256", 1)}), order({}));
}

TEST_F(tuned_choices, ties_go_to_the_cheapest_by_the_model) {
  EXPECT_EQ(order({timing("toy", "128x128", 10), timing("toy", "64x32", 10.1)}).front(), "64x32");
  EXPECT_EQ(order({timing("toy", "128x128", 10), timing("toy", "64x32", 10.11)}).front(), "128x128");
  EXPECT_EQ(order({timing("toy", "128x128", 10, 1), timing("toy", "64x32", 11.5, 0.5)}).front(), "64x32")
      << "bounds meet";
  EXPECT_EQ(order({timing("toy", "128x128", 10, 1), timing("toy", "64x32", 11.5, 0.4)}).front(), "128x128");
  // What ties with what ties with the fastest need not tie with it.
  EXPECT_EQ(order({timing("toy", "128x128", 10), timing("toy", "64x32", 10.09), timing("toy", "64x64", 10.18)}),
            (list{"64x32", "128x128", "64x64", "16"}));
}

TEST_F(tuned_choices, times_of_other_rounds_rank_behind) {
  core::timing behind = timing("toy", "64x64", 1), another = timing("toy", "64x32", 0.5);
  behind.behind = another.behind = true;
  EXPECT_EQ(order({behind, another, timing("toy", "128x128", 10)}), (list{"128x128", "64x32", "64x64", "16"}));
  EXPECT_EQ(order({behind, another}), (list{"64x32", "64x64", "16", "128x128"})) << "where there are no others";
}

TEST_F(tuned_choices, failures_come_last) {
  core::timing failed = timing("toy", "64x64", 1);
  failed.failure = "it would not start";
  EXPECT_EQ(order({failed, timing("toy", "128x128", 10)}), (list{"128x128", "16", "64x32", "64x64"}));
}

TEST_F(tuned_choices, the_override_and_the_flags_stay) {
  const std::vector<core::timing> timings{timing("toy_skinny", "16", 1), timing("toy", "64x32", 2)};
  EXPECT_EQ(order(timings), (list{"16", "64x32", "64x64", "128x128"}));
  EXPECT_EQ(order(timings, plan::plan_override("toy")), (list{"64x32", "64x64", "128x128"}));
  EXPECT_EQ(order(timings, plan::plan_override("toy:128x128")), (list{"128x128"}));
  flags_ = GEMMACT_BATCH_INVARIANT;
  EXPECT_EQ(order(timings), (list{"64x32", "64x64", "128x128"})) << "the first family alone";
}

// A slower one without a workspace where that is asked for.
TEST_F(tuned_choices, workspaces_stay_unwelcome) {
  std::vector<plan::gpu_family> rows(rows_.begin(), rows_.end());
  rows[1].workspace_bytes = [](const families::layer&, const families::gpu&, const families::candidate& c) {
    return c.tile == "64x32" ? size_t{256} : 0;
  };
  rows_ = rows;
  const std::vector<core::timing> timings{timing("toy", "128x128", 3), timing("toy", "64x32", 1)};
  EXPECT_EQ(order(timings), (list{"64x32", "128x128", "64x64", "16"}));
  avoids_workspace_ = true;
  EXPECT_EQ(order(timings), (list{"128x128", "64x64", "16", "64x32"}));
}

// The cheapest eight, and what each family thinks best unless that is far dearer.
TEST(worth_timing, the_cheapest_and_each_familys_best) {
  plan::gpu_family a{}, b{}, c{};
  std::vector<families::candidate> candidates(12);
  for (size_t i = 0; i < candidates.size(); ++i) candidates[i].cost.total = 10 + double(i);
  std::vector<plan::gpu_pick> picks;
  for (size_t i = 0; i < 10; ++i) picks.push_back({&a, &candidates[i]});
  candidates[11].cost.total = 20.5;
  picks.push_back({&b, &candidates[10]});  // 20: twice the cheapest
  picks.push_back({&c, &candidates[11]});
  const std::vector<plan::gpu_pick> worth = plan::worth_timing(picks);
  ASSERT_EQ(worth.size(), 9u);
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(worth[i].candidate, picks[i].candidate);
  EXPECT_EQ(worth[8].family, &b);
  EXPECT_EQ(plan::worth_timing(picks, true).size(), picks.size());
}

}  // namespace
}  // namespace gemmact::test
