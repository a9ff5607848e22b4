// Pictures: well-formed, broken where they must be, the same each time.
#include "host/api/plot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "tests/host/command/command_support.hpp"
#include "tests/host/command/xml_check.hpp"

namespace gemmact::test {
namespace {

using api::plot_curve;
using api::plot_request;

constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();

plot_request picture_of(const std::function<float(float)>& f, double from = -6, double to = 6, int count = 1201) {
  plot_request r;
  r.from = from;
  r.to = to;
  plot_curve curve;
  curve.label = "f";
  for (const float x : api::plot_points(from, to, count)) curve.y.push_back(f(x));
  r.curves.push_back(curve);
  return r;
}

// The path of the only curve (the legend's line comes after it).
std::string path_of(const std::string& svg) {
  const size_t group = svg.find("<g clip-path");
  const size_t begin = svg.find(" d=\"", group);
  const size_t end = svg.find("</g>", group);
  if (begin == svg.npos || begin > end) return "";
  return svg.substr(begin + 4, svg.find('"', begin + 4) - begin - 4);
}

long pieces_of(const std::function<float(float)>& f) {
  const std::string path = path_of(api::plot_svg(picture_of(f)));
  return std::count(path.begin(), path.end(), 'M');
}

TEST(plot, lines_break_at_jumps_and_only_there) {
  EXPECT_EQ(pieces_of([](float x) { return x >= 0 ? 1.0f : 0.0f; }), 2);
  EXPECT_EQ(pieces_of([](float x) { return x > 6 || x < -6 ? 0.0f : std::floor(x / 4); }), 4);
  EXPECT_EQ(pieces_of([](float x) { return x > 0 ? x : 0.0f; }), 1);
  EXPECT_EQ(pieces_of([](float x) { return 1 / (1 + std::exp(-20 * x)); }), 1);
  EXPECT_EQ(pieces_of([](float x) { return x * x; }), 1);
  EXPECT_EQ(pieces_of([](float x) { return std::abs(x) < 1 ? nan_value : x; }), 2);
  EXPECT_EQ(pieces_of([](float x) { return x < 0 ? -std::numeric_limits<float>::infinity() : x; }), 1);
  EXPECT_EQ(pieces_of([](float) { return nan_value; }), 0);
}

TEST(plot, a_straight_line_has_two_points) {
  EXPECT_EQ(path_of(api::plot_svg(picture_of([](float x) { return 2 * x; }))).find('L'),
            path_of(api::plot_svg(picture_of([](float x) { return 2 * x; }))).rfind('L'));
}

TEST(plot, simplified_lines_stay_near_the_samples) {
  const plot_request r = picture_of([](float x) { return std::sin(x); });
  const std::string path = path_of(api::plot_svg(r));
  const long points = std::count(path.begin(), path.end(), 'L');
  EXPECT_GT(points, 20);
  EXPECT_LT(points, 200);
}

TEST(plot, the_same_request_gives_the_same_text) {
  const plot_request r = picture_of([](float x) { return std::tanh(x); });
  EXPECT_EQ(api::plot_svg(r), api::plot_svg(r));
}

TEST(plot, texts_are_escaped) {
  plot_request r = picture_of([](float x) { return x; });
  r.title = "a < b & \"c\"\x01";
  r.curves[0].label = "</text><script>";
  const std::string svg = api::plot_svg(r);
  EXPECT_EQ(xml_trouble(svg), "");
  EXPECT_EQ(svg.find("<script"), svg.npos);
  EXPECT_NE(svg.find("a &lt; b &amp; &quot;c&quot; "), svg.npos);
}

TEST(plot, without_a_title_is_called_by_its_curves) {
  plot_request r = picture_of([](float x) { return x; });
  r.title.clear();
  r.curves.push_back(r.curves[0]);
  r.curves[0].label = "f", r.curves[1].label = "f'";
  EXPECT_NE(api::plot_svg(r).find("<title>f, f'</title>"), std::string::npos);
}

TEST(plot, odd_ranges_and_values_are_well_formed) {
  const std::pair<double, double> ranges[] = {{-6, 6}, {-1e30, 1e30}, {1e6, 1e6 + 200}, {0, 1e-20}, {3, 4}};
  for (const auto& [from, to] : ranges) {
    ASSERT_TRUE(api::plot_range_ok(from, to)) << from << " " << to;
    for (const float scale : {0.0f, 1.0f, 1e-38f, 3e38f}) {
      const std::string svg = api::plot_svg(picture_of([&](float x) { return x > 0 ? scale : -scale; }, from, to, 50));
      EXPECT_EQ(xml_trouble(svg), "") << from << " " << to << " " << scale;
      EXPECT_EQ(svg.find("nan"), svg.npos) << svg;
      EXPECT_EQ(svg.find("inf"), svg.npos) << svg;
    }
  }
  EXPECT_FALSE(api::plot_range_ok(1, 1));
  EXPECT_FALSE(api::plot_range_ok(2, 1));
  EXPECT_FALSE(api::plot_range_ok(1e6, 1e6 + 1));
  EXPECT_FALSE(api::plot_range_ok(0, INFINITY));
  EXPECT_FALSE(api::plot_range_ok(NAN, 1));
  EXPECT_FALSE(api::plot_range_ok(-1e300, 1e300));
}

TEST(plot, points_include_both_ends) {
  const std::vector<float> x = api::plot_points(-6, 6, 1201);
  EXPECT_EQ(x.front(), -6.0f);
  EXPECT_EQ(x.back(), 6.0f);
  EXPECT_EQ(x[600], 0.0f);
}

// The checker must see what is wrong, or its silence means nothing.
TEST(plot, xml_check_sees_faults) {
  EXPECT_EQ(xml_trouble("<a><b x=\"1\"/>t</a>\n"), "");
  for (const char* bad : {"<a><b></a></b>", "<a>", "</a>", "<a x=1></a>", "<a x=\"1></a>", "<a>&nope;</a>",
                          "<a>1 < 2</a>", "text", "<a></a><b></b>", "<a x=\"<\"></a>", "<a x=\"1\" x=\"2\"></a>"})
    EXPECT_NE(xml_trouble(bad), "") << bad;
}

}  // namespace
}  // namespace gemmact::test
