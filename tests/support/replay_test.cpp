// Which cases run: all, a share, one, or many more.
#include "tests/support/replay.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

namespace gemmact::test {
namespace {

// Sets a variable of the environment, or removes it, as long as it lives.
class environment {
 public:
  environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    set(value);
  }
  ~environment() { set(before_ ? before_->c_str() : nullptr); }
  environment(const environment&) = delete;
  environment& operator=(const environment&) = delete;

 private:
  void set(const char* value) {
    if (value == nullptr) unsetenv(name_);
    else setenv(name_, value, 1);
  }
  const char* name_;
  std::optional<std::string> before_;
};

// What a test over a table of 1000 cases runs.
uint64_t cases_run() {
  uint64_t ran = 0;
  for (uint64_t i = 0; i < case_count(1000); ++i) ran += case_selected(i);
  return ran;
}

TEST(replay, full_runs_more_cases) {
  const environment no_case("GEMMACT_TEST_CASE", nullptr);
  {
    const environment usual("GEMMACT_TEST_FULL", nullptr), all("GEMMACT_TEST_SHARE", nullptr);
    EXPECT_EQ(cases_run(), 1000u);
  }
  const environment full("GEMMACT_TEST_FULL", "1");
  {
    const environment all("GEMMACT_TEST_SHARE", nullptr);
    EXPECT_EQ(cases_run(), 10000u);
    EXPECT_EQ(case_count(1000, 100), 100000u);
  }
  const environment tenth("GEMMACT_TEST_SHARE", "0.1");
  EXPECT_GT(cases_run(), 900u);
  EXPECT_LT(cases_run(), 1100u);
}

TEST(replay, one_case_runs_alone_wherever_it_was_drawn) {
  const environment no_full("GEMMACT_TEST_FULL", nullptr), all("GEMMACT_TEST_SHARE", nullptr);
  for (const char* index : {"0", "999", "7777"}) {
    const environment only("GEMMACT_TEST_CASE", index);
    EXPECT_EQ(cases_run(), 1u) << index;
  }
}

}  // namespace
}  // namespace gemmact::test
