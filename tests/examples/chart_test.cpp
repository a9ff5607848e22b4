// The gradient's norm by depth, as text and as a picture.
#include <gtest/gtest.h>

#include <cmath>

#include "host/examples/digits/depth_chart.hpp"
#include "tests/host/command/xml_check.hpp"

namespace gemmact::test {
namespace {

using examples::depth_curve;

const std::vector<depth_curve> curves = {{"one", {1e-6, 1e-3, 1}, {1e-4, 1e-4, 1e-4}, 0},
                                         {"two", {1, 1, 1}, {0, NAN, INFINITY}, 0}};

TEST(depth_chart, bars_are_logarithmic_and_the_last_layer_is_first) {
  EXPECT_EQ(examples::depth_bars(curves, &depth_curve::untrained),
            "  layer  one                    two\n"
            "      3   1.0e+00 ############   1.0e+00 ############\n"
            "      2   1.0e-03 ######         1.0e+00 ############\n"
            "      1   1.0e-06                1.0e+00 ############\n");
}

TEST(depth_chart, what_has_no_logarithm_has_no_bar) {
  const std::string bars = examples::depth_bars(curves, &depth_curve::trained);
  EXPECT_NE(bars.find("      1   1.0e-04 ####           0.0e+00\n"), std::string::npos) << bars;
  EXPECT_NE(bars.find("      2   1.0e-04 ####               nan\n"), std::string::npos) << bars;
}

TEST(depth_chart, the_picture_has_each_curve_twice_and_is_well_formed) {
  const std::string svg = examples::depth_svg(curves);
  EXPECT_EQ(xml_trouble(svg), "") << svg;
  const auto count = [&](const std::string& part) {
    int found = 0;
    for (size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++found;
    return found;
  };
  EXPECT_EQ(count("<polyline"), 4);
  EXPECT_EQ(count("stroke-dasharray"), 2);
  EXPECT_EQ(count("class=\"grid\""), 7);  // 1e-6 to 1
  EXPECT_EQ(count("nan"), 0);
  EXPECT_EQ(count("inf"), 0);
  EXPECT_NE(svg.find("points=\"70.0,330.0 305.0,185.0 540.0,40.0\""), std::string::npos) << svg;
}

TEST(depth_chart, without_a_norm_there_is_no_picture) {
  EXPECT_EQ(examples::depth_svg({{"none", {0, 0}, {0, 0}, 0}}), "");
  EXPECT_EQ(examples::depth_svg({}), "");
}

}  // namespace
}  // namespace gemmact::test
