#include "bench/core/first_run.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

using namespace gemmact_bench;
namespace fs = std::filesystem;

namespace {

constexpr const char* cache_variable = "GEMMACT_CACHE_DIR";

std::string set_now() {
  const char* value = std::getenv(cache_variable);
  return value == nullptr ? "not set" : value;
}

void nap(int milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

}  // namespace

TEST(first_run, two_contexts_share_a_folder_that_was_empty) {
  for (const char* before : {"", "/somewhere/else"}) {
    if (*before == '\0') unsetenv(cache_variable);
    else setenv(cache_variable, before, 1);
    const std::string was = set_now();
    std::vector<fs::path> folders;
    std::vector<gemmact_context*> contexts;
    int waits = 0;
    const auto launch = [&](const context& opened) {
      folders.emplace_back(set_now());
      contexts.push_back(opened.get());
      EXPECT_EQ(opened.device(), "cpu");
      EXPECT_EQ(fs::is_empty(folders.back()), folders.size() == 1);
      std::ofstream(folders.back() / "a_kernel") << "compiled";
      return std::make_shared<int>(1);
    };
    time_first_run("cpu", launch, [&] { ++waits; });
    ASSERT_EQ(folders.size(), 2u);
    EXPECT_EQ(folders[0], folders[1]);
    EXPECT_EQ(waits, 2);
    EXPECT_FALSE(fs::exists(folders[0])) << "it is left behind";
    EXPECT_EQ(set_now(), was);
  }
  unsetenv(cache_variable);
}

TEST(first_run, only_the_launch_is_timed_and_what_it_made_lives_until_it_is_done) {
  int launches = 0;
  std::weak_ptr<int> made;
  const auto launch = [&](const context&) {
    nap(launches++ == 0 ? 60 : 20);
    auto layer = std::make_shared<int>(1);
    made = layer;
    return layer;
  };
  const auto wait = [&] {
    EXPECT_FALSE(made.expired());
    nap(500);
  };
  const first_run r = time_first_run("cpu", launch, wait);
  EXPECT_GE(r.compiled, 0.06);
  EXPECT_LT(r.compiled, 0.5);
  EXPECT_GE(r.from_disk, 0.02);
  EXPECT_LT(r.from_disk, 0.5);
  EXPECT_TRUE(made.expired());
}

TEST(first_run, a_launch_that_fails_leaves_nothing_behind) {
  unsetenv(cache_variable);
  fs::path folder;
  const auto fails = [&](const context&) -> std::shared_ptr<void> {
    folder = set_now();
    throw std::runtime_error("planted");
  };
  EXPECT_THROW(time_first_run("cpu", fails, [] {}), std::runtime_error);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_EQ(set_now(), "not set");
}
