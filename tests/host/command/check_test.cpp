// `gemmact equation --check` beside a device that computes something else: it says so, and where.
#include <gtest/gtest.h>

#include <cmath>

#include "host/api/command/equation_report.hpp"

namespace gemmact::test {
namespace {

using namespace gemmact::api;

// The check of one text against what the device makes of another.
struct checked_text {
  checked_text(const std::string& text, const std::string& computed) : facts(text) {
    facts.text = computed;
    report.checked = check_equation(facts, -10, 10);
    said = report_text(report);
    said.erase(0, said.find("\nChecked"));
  }
  const equation::tally& of(size_t quantity) const { return report.checked.at(quantity).found; }

  equation_facts facts;
  equation_report report{facts, {}, {}, {}};
  std::string said;
};

TEST(equation_check, agrees_with_what_is_right) {
  const checked_text right("f(x; a=2) = a * x * sin(x)", "f(x; a=2) = a * sin(x) * x");
  EXPECT_TRUE(passed(right.report)) << right.said;
  EXPECT_EQ(right.said.find("DIFFER"), right.said.npos) << right.said;
}

TEST(equation_check, tells_a_wrong_derivative_from_a_right_value) {
  const checked_text wrong("x", "x + 0.0000001 * sin(1000 * x)");
  EXPECT_FALSE(passed(wrong.report));
  EXPECT_GT(wrong.of(0).agree, 2000) << wrong.said;
  EXPECT_GT(wrong.of(1).differ, 2000) << wrong.said;
}

TEST(equation_check, says_where_it_is_worst) {
  const checked_text wrong("x * x", "x == 4 ? 17 : x * x");
  EXPECT_FALSE(passed(wrong.report));
  EXPECT_EQ(wrong.of(0).differ, 1) << wrong.said;
  EXPECT_EQ(wrong.of(0).worst_at, 4);
  EXPECT_NE(wrong.said.find("1 DIFFER; most ulps: 5.24e+05 at x = 4;"), wrong.said.npos) << wrong.said;
  EXPECT_NE(wrong.said.find("where 17 is computed, and it is 16"), wrong.said.npos) << wrong.said;
  const checked_text parameter("f(x; a=2) = a * x", "f(x; a=2) = (a + 0.001 * (a - 2)) * x");
  EXPECT_EQ(parameter.of(0).differ, 0) << "at a = 2 the value is right";
  EXPECT_GT(parameter.of(2).differ, 2000) << "and its derivative by a is not";
}

// What f32 overflows in on the way is told apart from where nothing can be said.
TEST(equation_check, names_what_overflows_on_the_way) {
  const checked_text far("exp(x) * (x / exp(x))", "exp(x) * (x / exp(x))");
  EXPECT_GT(far.of(0).overflow, 5) << far.said;
  EXPECT_GT(std::abs(far.of(0).overflow_at), 80) << "exp(88.7) is the largest of f32";
  EXPECT_LT(std::abs(far.of(0).overflow_at), 200);
  EXPECT_NE(far.said.find("are INFINITE or NaN"), far.said.npos) << far.said;
  const checked_text right("x^2 * x", "x^3");
  EXPECT_EQ(right.of(0).overflow, 0) << right.said;
}

}  // namespace
}  // namespace gemmact::test
