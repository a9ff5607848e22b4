// Pictures of functions as SVG text: curves over one axis range, with axes, ticks and a legend; readable on light and
// dark pages. The same request gives the same text.
#pragma once
#include <string>
#include <vector>

namespace gemmact::api {

struct plot_curve {
  std::string label;
  std::vector<float> y;  // at the points of plot_points(from, to, y.size()); where not finite, the line is broken
  bool dashed = false;
  int colour = 0;  // a function and its derivative share one
};

struct plot_request {
  std::string title;  // UTF-8, as the labels
  double from = -6.0, to = 6.0;
  std::vector<plot_curve> curves;
  int width = 640, height = 400;  // pixels, at least 160 x 120
};

// `count` (at least 2) evenly spaced points, both ends included.
std::vector<float> plot_points(double from, double to, int count);

// Whether [from, to] can be drawn: finite, in order, and wide enough to be told apart in float.
bool plot_range_ok(double from, double to);

// The picture. A line is broken where a function jumps: where one step is far larger than those on either side.
// Requires plot_range_ok.
std::string plot_svg(const plot_request& request);

}  // namespace gemmact::api
