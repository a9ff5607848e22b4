// What a function says of itself, recomputed from its reference.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "host/include/gemmact/gemmact.h"
#include "tests/kernels/functions.hpp"

namespace gemmact::test {
namespace {

using activation::needs;

TEST(traits, every_shipped_function_has_an_independent_reference) {
  const std::filesystem::path root = GEMMACT_SOURCE_DIR;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "kernels/activation")) {
    if (entry.path().filename() == "activation.hpp") continue;
    ++count;
    EXPECT_TRUE(std::filesystem::exists(root / "tests/reference" / entry.path().filename()))
        << entry.path() << " is shipped and has no tests/reference/" << entry.path().filename().string();
  }
  EXPECT_GE(count, 22);
}

TEST(traits, references_do_not_lean_on_the_kernels) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(GEMMACT_SOURCE_DIR) / "tests/reference")) {
    if (entry.path().extension() != ".hpp") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    EXPECT_EQ(text.str().find("\"kernels/"), std::string::npos) << entry.path();
  }
}

TEST(traits, names_are_told_once) {
  std::set<std::string> names;
  for (const function& f : functions()) {
    std::istringstream words(std::string(f.name) + " " + f.info->aliases);
    for (std::string word; words >> word;) EXPECT_TRUE(names.insert(word).second) << word << " is two functions' name";
  }
}

TEST(traits, are_complete) {
  for (const function& f : functions()) {
    const activation::traits& t = *f.info;
    EXPECT_NE(std::string(t.formula), "") << f.name;
    EXPECT_NE(std::string(t.derivative), "") << f.name;
    EXPECT_LE(t.param_count, GEMMACT_MAX_PARAMS) << f.name;
    EXPECT_TRUE(t.keeps != needs::bit || f.has_bit) << f.name;
    EXPECT_TRUE(t.keeps != needs::output || f.has_grad_from_output) << f.name;
    bool trainable = false;
    for (int i = 0; i < t.param_count; ++i) trainable |= t.params[i].trainable;
    EXPECT_EQ(trainable, f.has_param_grad) << f.name;
    EXPECT_EQ(f.invalid(settings(f)[0].p), nullptr) << f.name << "'s defaults are refused";
  }
}

TEST(traits, are_the_references_bounds) {
  for (const function& f : functions()) {
    if (f.ref == nullptr || !f.ref->own_file) continue;
    bool zero = true;  // whatever the parameters
    for (const setting& s : settings(f)) {
      if (std::isfinite(f.ref->lipschitz(s.exact))) {
        EXPECT_NEAR(f.lipschitz(s.p), f.ref->lipschitz(s.exact), 1e-6) << s.text();
      } else {
        EXPECT_EQ(f.lipschitz(s.p), f.ref->lipschitz(s.exact)) << s.text();
      }
      EXPECT_NEAR(f.curvature(s.p), f.ref->curvature(s.exact), 1e-6) << s.text();
      for (const double x : {-30.0, -3.3, -1.0, 0.0, 0.7, 12.0}) {
        const double ulps = f.ref->value_ulps(x, s.exact);
        EXPECT_NEAR(f.info->accurate_ulps + f.more_ulps(x, s.p), ulps, 1e-9 * ulps) << s.text() << " at " << x;
      }
      zero &= f.ref->value(0, s.exact) == 0;
    }
    EXPECT_EQ(f.info->zero_at_zero, zero) << f.name;
  }
}

bool near_breakpoint(const setting& s, double x, double distance) {
  const activation::points all = s.f->breakpoints(s.p);
  for (int i = 0; i < all.count; ++i)
    if (std::abs(x - all.at[i]) <= distance) return true;
  return false;
}

struct extremes {
  double slope = 0, curvature = 0;
};

// The largest |f'| and |f''| (by differences) on a grid over [-25, 25], breakpoints left out.
extremes recompute(const setting& s) {
  extremes seen;
  constexpr double h = 1e-6;
  for (int i = -25000; i <= 25000; ++i) {
    const double x = i * 1e-3 + 3e-7;
    if (near_breakpoint(s, x, 2 * h)) continue;
    const double before = s.f->ref->grad(x - h, s.exact), after = s.f->ref->grad(x + h, s.exact);
    seen.slope = std::fmax(seen.slope, std::abs(s.f->ref->grad(x, s.exact)));
    if (!(x - h < 0 && x + h > 0)) seen.curvature = std::fmax(seen.curvature, std::abs(after - before) / (2 * h));
  }
  return seen;
}

TEST(traits, largest_slope_and_curvature_are_those_of_the_reference) {
  for (const function& f : functions()) {
    if (f.ref == nullptr) continue;
    const double slack = f.ref->own_file ? 1e-6 : 1e-3;  // derivatives by differences are good to that
    for (const setting& s : settings(f)) {
      const extremes seen = recompute(s);
      const double lipschitz = f.lipschitz(s.p), curvature = f.curvature(s.p);
      EXPECT_LE(seen.slope, lipschitz * (1 + slack)) << s.text();
      EXPECT_LE(seen.curvature, curvature * (1 + slack) + slack / 100) << s.text();
      // Not needlessly large either; but a function may be flat with some parameters (a slope or alpha of 0).
      const bool flat = seen.slope == 0 || (s.p[0] == 0 && f.info->param_count > 0) || f.name == "clip";
      if (std::isfinite(lipschitz) && !flat) {
        EXPECT_LE(lipschitz, 1.01 * seen.slope) << s.text();
      }
      if (seen.curvature > 0.01) {
        EXPECT_LE(curvature, 1.01 * seen.curvature) << s.text();
      }
    }
  }
}

TEST(traits, clip_refuses_crossed_bounds) {
  for (const function& f : functions()) {
    if (f.name != "clip") continue;
    const float crossed[activation::max_params] = {1, -1}, one_point[activation::max_params] = {2, 2};
    EXPECT_NE(f.invalid(crossed), nullptr);
    EXPECT_EQ(f.invalid(one_point), nullptr);
  }
}

}  // namespace
}  // namespace gemmact::test
