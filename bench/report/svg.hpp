// Charts as SVG text for the report's page; colours are classes of the page's style sheet.
#pragma once
#include <string>
#include <vector>

namespace gemmact_bench {

struct mark {
  double x = 1, y = 1;
  double low = 0, high = 0;  // of y: a bar is drawn where high > low
  int series = 0;            // 0, 1, 2: circle, square, triangle
  std::string tip;           // shown when pointed at
};

struct chart {
  std::string title, x_label, y_label;
  std::vector<std::string> series;  // names for the legend
  std::vector<mark> marks;          // x and y above 0: both axes are logarithmic
  bool x_percent = false;           // label x as a percentage
  bool noise_wedge = false;         // shade where |y - 1| is less than x
};
std::string scatter(const chart& c);

// A line a row: the ratio with its interval, and the share of the bare product's speed as a hollow mark.
struct lane_row {
  std::string label, tip;
  double ratio = 1, low = 1, high = 1, share = 0;  // share 0: none
  std::string kind;                                // class of the mark: faster, slower, same, cant
};
std::string lanes(const std::string& title, const std::vector<lane_row>& rows);

// Text with the characters that markup gives a meaning escaped.
std::string escaped(const std::string& text);

}  // namespace gemmact_bench
