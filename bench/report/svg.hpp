// Charts as SVG text for the report's page; colours are classes of the page's style sheet.
#pragma once
#include <string>
#include <vector>

namespace gemmact_bench {

struct mark {
  double x = 1, y = 1;
  double low = 0, high = 0;  // of y: a bar is drawn where high > low
  int series = 0;            // 0 to 5: circle, square, triangle, rhombus, hollow circle, hollow square
  std::string tip;           // shown when pointed at
};

struct chart {
  std::string title, x_label, y_label;
  std::vector<std::string> series;  // names for the legend
  std::vector<mark> marks;          // x and y above 0: both axes are logarithmic
  bool x_percent = false;           // label x as a percentage
  bool x_binary = false;            // powers of two along x
  bool noise_wedge = false;         // shade where |y - 1| is less than x
  bool line_at_one = true;          // y = 1 is what matters
  bool joined = false;              // a line through the marks of each series, from left to right
};
std::string scatter(const chart& c);

// A line a row: a filled mark with its interval, and a hollow one.
struct lane_row {
  std::string label, tip;
  double ratio = 1, low = 1, high = 1;  // ratio 0: none
  double hollow = 0;                    // 0: none
  std::string kind;                     // class of the filled mark: faster, slower, same, cant
};
struct lane_titles {
  std::string title, filled, hollow;  // of the picture, and what the marks are
  std::string kind = "faster";        // class of the legend's filled mark
};
std::string lanes(const lane_titles& titles, const std::vector<lane_row>& rows);

// Text with the characters that markup gives a meaning escaped.
std::string escaped(const std::string& text);

}  // namespace gemmact_bench
