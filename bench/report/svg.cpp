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
  // 1, 2, 5 times powers of ten; where the axis is short, steps of a tenth.
  std::vector<double> ticks(double apart) const {
    std::vector<double> all;
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade <= high; decade *= 10)
      for (const double step : {1.0, 2.0, 5.0}) all.push_back(decade * step);
    if (high / low < 4)
      for (double v = std::ceil(low * 10) / 10; v <= high; v += 0.1) all.push_back(v);
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
  return {*low / 1.12, *high * 1.12, from, to};
}

std::string shape_of(int series, double x, double y, const std::string& tip) {
  const std::string title = "<title>" + escaped(tip) + "</title>";
  if (series == 1)
    return fmt::format("<rect class='s1' x='{:.1f}' y='{:.1f}' width='8' height='8'>{}</rect>\n", x - 4, y - 4, title);
  if (series == 2) return fmt::format("<path class='s2' d='M{:.1f} {:.1f}l5 9h-10z'>{}</path>\n", x, y - 5.5, title);
  return fmt::format("<circle class='s0' cx='{:.1f}' cy='{:.1f}' r='4.5'>{}</circle>\n", x, y, title);
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

constexpr double width = 760, height = 380, left = 58, right = 744, top = 30, bottom = 332;

std::string axes(const chart& c, const log_axis& x, const log_axis& y) {
  std::string out;
  for (const double v : y.ticks(24))
    out +=
        line("grid", left, y.at(v), right, y.at(v)) + text_at(left - 8, y.at(v) + 4, "end", fmt::format("{:.3g}", v));
  for (const double v : x.ticks(46))
    out += line("grid", x.at(v), bottom, x.at(v), bottom + 5) +
           text_at(x.at(v), bottom + 19, "middle",
                   c.x_percent ? fmt::format("{:.3g} %", 100 * v) : fmt::format("{:.7g}", v));
  out += line("axis", left, bottom, right, bottom);
  out += text_at((left + right) / 2, height - 8, "middle", c.x_label, "label");
  out += text_at(left, top - 14, "start", c.y_label, "label");
  double at = right;
  for (int s = int(c.series.size()) - 1; s >= 0; --s) {
    const std::string& name = c.series[size_t(s)];
    at -= 9 * double(name.size()) + 22;
    out += shape_of(s, at + 6, top - 18, name) + text_at(at + 16, top - 14, "start", name, "label");
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
  const log_axis x = fitted(xs, false, left + 12, right - 12), y = fitted(ys, true, bottom, top);
  std::string out = opening(width, height, c.title);
  if (c.noise_wedge) out += wedge(x, y);
  out += axes(c, x, y);
  out += line("one", left, y.at(1), right, y.at(1));
  for (const mark& m : c.marks) {
    if (m.high > m.low) out += line("bar", x.at(m.x), y.at(m.low), x.at(m.x), y.at(m.high));
    out += shape_of(m.series, x.at(m.x), y.at(m.y), m.tip);
  }
  return out + "</svg>\n";
}

std::string lanes(const std::string& title, const std::vector<lane_row>& rows) {
  if (rows.empty()) return "";
  constexpr double pitch = 19, labels = 366, end = 744;
  const double lowest = 40 + pitch * double(rows.size());
  std::vector<double> values;
  for (const lane_row& r : rows)
    for (const double v : {r.low, r.high, r.share})
      if (v > 0) values.push_back(v);
  const log_axis x = fitted(values, true, labels + 10, end - 10);
  std::string out = opening(width, lowest + 34, title);
  for (const double v : x.ticks(30))
    out +=
        line("grid", x.at(v), 32, x.at(v), lowest) + text_at(x.at(v), lowest + 18, "middle", fmt::format("{:.3g}", v));
  out += line("one", x.at(1), 32, x.at(1), lowest);
  out += "<circle class='faster' cx='376' cy='16' r='4.5'/>" + text_at(386, 20, "start", "÷ unfused", "label") +
         "<circle class='hollow' cx='476' cy='16' r='4.5'/>" + text_at(486, 20, "start", "÷ the bare product", "label");
  for (size_t i = 0; i < rows.size(); ++i) {
    const lane_row& r = rows[i];
    const double y = 44 + pitch * double(i);
    const std::string tip = "<title>" + escaped(r.tip) + "</title>";
    out += text_at(labels, y + 4, "end", r.label);
    if (r.share > 0)
      out += fmt::format("<circle class='hollow' cx='{:.1f}' cy='{:.1f}' r='4'>{}</circle>\n", x.at(r.share), y, tip);
    out += line("bar", x.at(r.low), y, x.at(r.high), y);
    out +=
        fmt::format("<circle class='{}' cx='{:.1f}' cy='{:.1f}' r='4.5'>{}</circle>\n", r.kind, x.at(r.ratio), y, tip);
  }
  return out + "</svg>\n";
}

}  // namespace gemmact_bench
