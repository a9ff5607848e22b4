#include "host/api/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

namespace gemmact::api {
namespace {

constexpr double font_px = 12.0;
constexpr double char_px = 6.8;  // a sans-serif character of that size, about
constexpr double margin_px = 14.0;
constexpr double legend_row_px = 18.0;
constexpr double legend_line_px = 26.0;

// Told apart by people who see red and green alike, on white and on near-black; after them colours repeat.
constexpr const char* palette[] = {"#1f77c4", "#e07b00", "#1a9a6c", "#c55a9d",
                                   "#8f6bd1", "#b8860b", "#d1495b", "#5b8c9e"};

struct range {
  double low, high;
  double width() const { return high - low; }
};

struct point {
  double x, y;
};

// Pixels of the drawing area and the values at its borders.
struct frame {
  range x, y;
  double left, right, top, bottom;
  double px(double value) const { return left + (value - x.low) / x.width() * (right - left); }
  double py(double value) const { return bottom - (value - y.low) / y.width() * (bottom - top); }
};

void append_escaped(std::string& out, const std::string& text) {
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) out += ' ';
    else out += c;
  }
}

std::string escaped(const std::string& text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

// Tenths of a pixel: finer than eyes, coarser than the last bits of a float.
double tenth(double v) { return std::round(v * 10.0) / 10.0 + 0.0; }

// 1, 2 or 5 times a power of ten, so that about `wanted` steps fill the range.
double tick_step(const range& r, double wanted) {
  const double raw = r.width() / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw * 0.999) return factor * power;
  return 10.0 * power;
}

std::vector<double> ticks(const range& r, double wanted) {
  const double step = tick_step(r, wanted);
  std::vector<double> at;
  const double slack = 1e-9 * r.width();
  for (double i = std::ceil((r.low - slack) / step); i * step <= r.high + slack && at.size() < 32; ++i)
    at.push_back(i * step + 0.0);
  return at;
}

std::string tick_text(double value) { return fmt::format("{:.6g}", value); }

// Of all finite values, with 0 in it and some air.
range value_range(const std::vector<plot_curve>& curves) {
  range r{0.0, 0.0};
  for (const plot_curve& curve : curves)
    for (const float y : curve.y)
      if (std::isfinite(y)) r = {std::min(r.low, double(y)), std::max(r.high, double(y))};
  if (r.width() <= 0.0) r = {-1.0, 1.0};
  const double air = 0.06 * r.width();
  return {r.low - air, r.high + air};
}

// Is the step from y[i] to y[i + 1] a jump? It is when it is visible and far larger than its neighbours.
bool jumps(std::span<const float> y, size_t i, double visible) {
  const double step = std::abs(double(y[i + 1]) - y[i]);
  if (!(step > visible)) return false;
  const auto difference = [&](size_t a) {
    if (a + 1 >= y.size() || !std::isfinite(y[a]) || !std::isfinite(y[a + 1])) return 0.0;
    return std::abs(double(y[a + 1]) - y[a]);
  };
  const double before = i == 0 ? 0.0 : difference(i - 1);
  return step > 8.0 * std::max(before, difference(i + 1));
}

// Drops the points that lie within `tolerance` pixels of the line that remains (Douglas and Peucker's method).
void simplify(std::span<const point> line, double tolerance, std::vector<point>& kept) {
  std::vector<std::pair<size_t, size_t>> open{{0, line.size() - 1}};
  kept.push_back(line.front());
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    const point a = line[first], b = line[last];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    size_t farthest = first;
    double distance = tolerance;
    for (size_t i = first + 1; i < last; ++i) {
      const double cross = (b.x - a.x) * (line[i].y - a.y) - (b.y - a.y) * (line[i].x - a.x);
      const double d = length > 0.0 ? std::abs(cross) / length : std::hypot(line[i].x - a.x, line[i].y - a.y);
      if (d > distance) distance = d, farthest = i;
    }
    if (farthest == first) {
      if (last != first) kept.push_back(b);
    } else {
      open.push_back({farthest, last});  // after the nearer half: points are kept in order
      open.push_back({first, farthest});
    }
  }
}

void append_line(std::string& out, std::span<const point> line) {
  if (line.empty()) return;
  std::vector<point> kept;
  simplify(line, 0.15, kept);
  if (kept.size() == 1) kept.push_back(kept.front());  // a lone point: round caps make it a dot
  for (size_t i = 0; i < kept.size(); ++i)
    out += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", tenth(kept[i].x), tenth(kept[i].y));
}

void append_curve(std::string& out, const plot_curve& curve, const frame& f) {
  const std::vector<float> x = plot_points(f.x.low, f.x.high, int(curve.y.size()));
  const double visible = 0.02 * f.y.width();
  std::string data;
  std::vector<point> line;
  for (size_t i = 0; i < curve.y.size(); ++i) {
    if (std::isfinite(curve.y[i])) line.push_back({f.px(x[i]), f.py(curve.y[i])});
    const bool ends = i + 1 == curve.y.size() || !std::isfinite(curve.y[i]) || !std::isfinite(curve.y[i + 1]) ||
                      jumps(curve.y, i, visible);
    if (!ends) continue;
    append_line(data, line);
    line.clear();
  }
  if (data.empty()) return;
  out += fmt::format("<path class=\"curve\" stroke=\"{}\"{} d=\"{}\"/>\n",
                     palette[size_t(curve.colour) % std::size(palette)],
                     curve.dashed ? " stroke-dasharray=\"6 5\"" : "", data);
}

void append_axes(std::string& out, const frame& f) {
  for (const double v : ticks(f.x, std::max(2.0, (f.right - f.left) / 55.0))) {
    const double x = tenth(f.px(v));
    out +=
        fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>", v == 0.0 ? "axis" : "grid", x, f.top, f.bottom);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x, f.bottom + 16.0,
                       tick_text(v));
  }
  for (const double v : ticks(f.y, std::max(2.0, (f.bottom - f.top) / 45.0))) {
    const double y = tenth(f.py(v));
    out +=
        fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>", v == 0.0 ? "axis" : "grid", f.left, y, f.right);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", f.left - 6.0, y + 4.0,
                       tick_text(v));
  }
}

// One entry a curve, left to right, in rows; returns the height used. With no `out` it only measures.
double legend(const plot_request& request, double top, std::string* out) {
  double x = margin_px, y = top;
  for (const plot_curve& curve : request.curves) {
    const double width = legend_line_px + 8.0 + char_px * double(curve.label.size()) + 18.0;
    if (x > margin_px && x + width > request.width) x = margin_px, y += legend_row_px;
    if (out != nullptr) {
      *out += fmt::format(
          "<path class=\"curve\" stroke=\"{}\"{} d=\"M{:.1f} {:.1f}h{:.1f}\"/>"
          "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
          palette[size_t(curve.colour) % std::size(palette)], curve.dashed ? " stroke-dasharray=\"6 5\"" : "", x,
          y + 8.0, legend_line_px, x + legend_line_px + 6.0, y + 12.0, escaped(curve.label));
    }
    x += width;
  }
  return request.curves.empty() ? 0.0 : y - top + legend_row_px;
}

constexpr const char* style = R"(<style>
.page{fill:#ffffff}.area{fill:none;stroke:#c4c8ce}.grid{fill:none;stroke:#e6e8eb}.axis{fill:none;stroke:#7a808a}
.curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
text{font:12px sans-serif;fill:#30353c}.title{font-size:14px;font-weight:bold}
@media (prefers-color-scheme:dark){.page{fill:#16191d}.area{stroke:#4a5058}.grid{stroke:#2a2f36}.axis{stroke:#8d949e}text{fill:#d5d9de}}
</style>
)";

// What a picture without a title is called where it is read out.
std::string spoken_title(const plot_request& request) {
  std::string all = request.title;
  if (all.empty())
    for (const plot_curve& curve : request.curves) all += (all.empty() ? "" : ", ") + curve.label;
  return all;
}

}  // namespace

std::vector<float> plot_points(double from, double to, int count) {
  std::vector<float> x(size_t(std::max(count, 0)));
  for (int i = 0; i < count; ++i) x[size_t(i)] = float(from + (to - from) * i / std::max(1, count - 1));
  return x;
}

bool plot_range_ok(double from, double to) {
  const double largest = std::max(std::abs(from), std::abs(to));
  return std::isfinite(from) && std::isfinite(to) && largest <= 1e30 && to - from > 1e-4 * largest && to - from > 1e-30;
}

std::string plot_svg(const plot_request& request) {
  const int width = std::max(request.width, 160), height = std::max(request.height, 120);
  const range y = value_range(request.curves);
  const double title_px = request.title.empty() ? 0.0 : 24.0;
  size_t widest = 1;
  for (const double v : ticks(y, height / 45.0)) widest = std::max(widest, tick_text(v).size());
  const double legend_px = legend(request, 0.0, nullptr);
  const frame f{{request.from, request.to},
                y,
                margin_px + char_px * double(widest),
                width - margin_px,
                margin_px + title_px,
                height - margin_px - font_px - 6.0 - legend_px};

  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\">\n"
      "<title>{2}</title>\n{3}"
      "<clipPath id=\"area\"><rect x=\"{4:.1f}\" y=\"{5:.1f}\" width=\"{6:.1f}\" height=\"{7:.1f}\"/></clipPath>\n"
      "<rect class=\"page\" width=\"{0}\" height=\"{1}\" rx=\"6\"/>\n",
      width, height, escaped(spoken_title(request)), style, f.left, f.top, f.right - f.left, f.bottom - f.top);
  if (!request.title.empty())
    out += fmt::format("<text class=\"title\" x=\"{:.1f}\" y=\"24\">{}</text>\n", margin_px, escaped(request.title));
  append_axes(out, f);
  out += fmt::format("<rect class=\"area\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", f.left,
                     f.top, f.right - f.left, f.bottom - f.top);
  out += "<g clip-path=\"url(#area)\">\n";
  for (const plot_curve& curve : request.curves) append_curve(out, curve, f);
  out += "</g>\n";
  legend(request, height - legend_px - 6.0, &out);
  out += "</svg>\n";
  return out;
}

}  // namespace gemmact::api
