#include "bench/report/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gemmact_bench {
namespace {

// A logarithmic axis from `low` to `high` on pixels [from, to].
struct log_axis {
  double low, high, from, to;
  double at(double v) const {
    const double clamped = std::clamp(v, low, high);
    return from + (to - from) * std::log(clamped / low) / std::log(high / low);
  }
  // 1, 2, 5 times powers of ten; where the axis is short, about eight even steps of such a size.
  std::vector<double> ticks(double apart, bool binary = false) const {
    std::vector<double> all;
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
      for (const double step : {1.0, 2.0, 5.0}) all.push_back(decade * step);
    if (high / low < 4) {
      const double least = (high - low) / 8, decade = std::pow(10, std::floor(std::log10(least)));
      const double step = decade * (least <= 2 * decade ? 2 : least <= 5 * decade ? 5 : 10);
      all.clear();
      for (double n = std::ceil(low / step); n * step <= high; ++n) all.push_back(n * step);
    }
    if (binary) {
      all.clear();
      for (double power = std::exp2(std::floor(std::log2(low))); power <= high; power *= 2) all.push_back(power);
    }
    std::sort(all.begin(), all.end());
    std::vector<double> shown;
    for (const double v : all) {
      if (v < low * 0.999 || v > high * 1.001) continue;
      if (shown.empty() || std::abs(at(v) - at(shown.back())) > apart) shown.push_back(v);
    }
    return shown;
  }
};

// The range of the values with a margin, 1 within where it is the line that matters.
log_axis fitted(std::vector<double> values, bool with_one, double from, double to) {
  if (with_one) values.push_back(1);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double margin = std::clamp(std::pow(*high / *low, 0.1), 1.01, 1.12);
  return {*low / margin, *high * margin, from, to};
}

std::string shape_of(int series, double x, double y, const std::string& tip) {
  const std::string title = "<title>" + escaped(tip) + "</title>";
  if (series % 3 == 1)
    return fmt::format("<rect class='s{}' x='{:.1f}' y='{:.1f}' width='8' height='8'>{}</rect>\n", series, x - 4, y - 4,
                       title);
  if (series == 2) return fmt::format("<path class='s2' d='M{:.1f} {:.1f}l5 9h-10z'>{}</path>\n", x, y - 5.5, title);
  if (series == 3)
    return fmt::format("<path class='s3' d='M{:.1f} {:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5z'>{}</path>\n", x, y - 5.5,
                       title);
  return fmt::format("<circle class='s{}' cx='{:.1f}' cy='{:.1f}' r='4.5'>{}</circle>\n", series, x, y, title);
}

std::string text_at(double x, double y, const char* anchor, const std::string& text, const char* kind = "tick") {
  return fmt::format("<text class='{}' x='{:.1f}' y='{:.1f}' text-anchor='{}'>{}</text>\n", kind, x, y, anchor,
                     escaped(text));
}

std::string line(const char* kind, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class='{}' x1='{:.1f}' y1='{:.1f}' x2='{:.1f}' y2='{:.1f}'/>\n", kind, x1, y1, x2, y2);
}

std::string opening(double width, double height, const std::string& title) {
  return fmt::format(
      "<svg viewBox='0 0 {0} {1}' width='{0}' height='{1}' role='img' aria-label='{2}' "
      "xmlns='http://www.w3.org/2000/svg'>\n",
      width, height, escaped(title));
}

constexpr double width = 760, left = 58, right = 744, plot = 302, line_height = 18, letter = 6.6;

// Where a chart's parts are: the legend takes as many lines as it needs.
struct frame {
  double top = 0, bottom = 0, height = 0;
  std::string legend;
};

frame framed(const chart& c) {
  frame f;
  double x = left, y = 12;
  for (size_t s = 0; s < c.series.size(); ++s) {
    const double wide = letter * double(c.series[s].size()) + 30;
    if (x > left && x + wide > right) x = left, y += line_height;
    f.legend += shape_of(int(s), x + 6, y, c.series[s]) + text_at(x + 16, y + 4, "start", c.series[s], "label");
    x += wide;
  }
  f.top = y + 2 * line_height + 8;
  f.bottom = f.top + plot;
  f.height = f.bottom + 48;
  return f;
}

std::string axes(const chart& c, const frame& f, const log_axis& x, const log_axis& y) {
  std::string out;
  for (const double v : y.ticks(24))
    out +=
        line("grid", left, y.at(v), right, y.at(v)) + text_at(left - 8, y.at(v) + 4, "end", fmt::format("{:.3g}", v));
  for (const double v : x.ticks(46, c.x_binary))
    out += line("grid", x.at(v), f.bottom, x.at(v), f.bottom + 5) +
           text_at(x.at(v), f.bottom + 19, "middle",
                   c.x_percent ? fmt::format("{:.3g} %", 100 * v) : fmt::format("{:.7g}", v));
  out += line("axis", left, f.bottom, right, f.bottom);
  out += text_at((left + right) / 2, f.height - 8, "middle", c.x_label, "label");
  return out + text_at(left, f.top - 12, "start", c.y_label, "label") + f.legend;
}

// A line through each series.
std::string joints(const chart& c, const log_axis& x, const log_axis& y) {
  std::string out;
  for (size_t s = 0; s < c.series.size(); ++s) {
    std::vector<const mark*> points;
    for (const mark& m : c.marks)
      if (m.series == int(s)) points.push_back(&m);
    std::sort(points.begin(), points.end(), [](const mark* a, const mark* b) { return a->x < b->x; });
    if (points.size() < 2) continue;
    out += fmt::format("<polyline class='joint j{}' points='", s);
    for (const mark* m : points) out += fmt::format("{:.1f},{:.1f} ", x.at(m->x), y.at(m->y));
    out += "'/>\n";
  }
  return out;
}

// Where the difference from 1 is within the noise.
std::string wedge(const log_axis& x, const log_axis& y) {
  std::string upper, lower;
  for (int i = 0; i <= 40; ++i) {
    const double noise = x.low * std::pow(x.high / x.low, i / 40.0);
    upper += fmt::format("{:.1f},{:.1f} ", x.at(noise), y.at(1 + noise));
    lower = fmt::format("{:.1f},{:.1f} ", x.at(noise), y.at(1 / (1 + noise))) + lower;
  }
  return "<polygon class='wedge' points='" + upper + lower + "'/>\n";
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '\'') out += "&#39;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string scatter(const chart& c) {
  if (c.marks.empty()) return "";
  std::vector<double> xs, ys;
  for (const mark& m : c.marks) {
    xs.push_back(m.x);
    for (const double v : {m.y, m.low, m.high})
      if (v > 0) ys.push_back(v);
  }
  const frame f = framed(c);
  const log_axis x = fitted(xs, false, left + 12, right - 12), y = fitted(ys, c.line_at_one, f.bottom, f.top);
  std::string out = opening(width, f.height, c.title);
  if (c.noise_wedge) out += wedge(x, y);
  out += axes(c, f, x, y);
  if (c.line_at_one) out += line("one", left, y.at(1), right, y.at(1));
  if (c.joined) out += joints(c, x, y);
  for (const mark& m : c.marks) {
    if (m.high > m.low) out += line("bar", x.at(m.x), y.at(m.low), x.at(m.x), y.at(m.high));
    out += shape_of(m.series, x.at(m.x), y.at(m.y), m.tip);
  }
  return out + "</svg>\n";
}

std::string lanes(const lane_titles& titles, const std::vector<lane_row>& rows) {
  if (rows.empty()) return "";
  constexpr double pitch = 19, labels = 366, end = 744;
  const double lowest = 40 + pitch * double(rows.size());
  std::vector<double> values;
  for (const lane_row& r : rows)
    for (const double v : {r.low, r.high, r.hollow})
      if (v > 0) values.push_back(v);
  const log_axis x = fitted(values, true, labels + 10, end - 10);
  std::string out = opening(width, lowest + 34, titles.title);
  for (const double v : x.ticks(30))
    out +=
        line("grid", x.at(v), 32, x.at(v), lowest) + text_at(x.at(v), lowest + 18, "middle", fmt::format("{:.3g}", v));
  out += line("one", x.at(1), 32, x.at(1), lowest);
  const double second = 406 + letter * double(titles.filled.size());
  out += fmt::format("<circle class='{}' cx='376' cy='16' r='4.5'/>", titles.kind) +
         text_at(386, 20, "start", titles.filled, "label");
  if (!titles.hollow.empty())
    out += fmt::format("<circle class='hollow' cx='{:.1f}' cy='16' r='4.5'/>", second) +
           text_at(second + 10, 20, "start", titles.hollow, "label");
  for (size_t i = 0; i < rows.size(); ++i) {
    const lane_row& r = rows[i];
    const double y = 44 + pitch * double(i);
    const std::string tip = "<title>" + escaped(r.tip) + "</title>";
    out += text_at(labels, y + 4, "end", r.label);
    if (r.hollow > 0)
      out += fmt::format("<circle class='hollow' cx='{:.1f}' cy='{:.1f}' r='4'>{}</circle>\n", x.at(r.hollow), y, tip);
    if (r.ratio <= 0) continue;
    out += line("bar", x.at(r.low), y, x.at(r.high), y);
    out +=
        fmt::format("<circle class='{}' cx='{:.1f}' cy='{:.1f}' r='4.5'>{}</circle>\n", r.kind, x.at(r.ratio), y, tip);
  }
  return out + "</svg>\n";
}

}  // namespace gemmact_bench
