#include "host/examples/digits/depth_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace examples {
namespace {

template <class... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 400> line;
  const int length = std::snprintf(line.data(), line.size(), format, values...);
  return {line.data(), size_t(std::clamp<int>(length, 0, int(line.size()) - 1))};
}

// Powers of ten between which all norms above 0 lie.
struct decades {
  double low = INFINITY, high = -INFINITY;

  void take(const std::vector<double>& norms) {
    for (const double norm : norms) {
      if (!(norm > 0 && std::isfinite(norm))) continue;
      low = std::min(low, std::floor(std::log10(norm)));
      high = std::max(high, std::ceil(std::log10(norm)));
    }
  }
  bool empty() const { return !(low <= high); }
  // 0 at the low end, 1 at the high one.
  double share(double norm) const {
    return norm > 0 ? std::clamp((std::log10(norm) - low) / std::max(high - low, 1.0), 0.0, 1.0) : 0;
  }
};

constexpr double left = 70, right = 540, top = 40, bottom = 330;

std::string line_of(const std::vector<double>& norms, const decades& range, const char* colour, const char* dashes) {
  std::string points;
  for (size_t i = 0; i < norms.size(); ++i)
    points += text("%s%.1f,%.1f", i == 0 ? "" : " ",
                   left + (right - left) * double(i) / std::max(double(norms.size()) - 1, 1.0),
                   bottom - (bottom - top) * range.share(norms[i]));
  return text("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s points=\"", colour, dashes) + points +
         "\"/>\n";
}

}  // namespace

std::string depth_bars(const std::vector<depth_curve>& curves, std::vector<double> depth_curve::*which) {
  constexpr double longest = 12;
  decades range;
  size_t layers = 0;
  std::string out = "  layer";
  for (const depth_curve& c : curves) {
    range.take(c.untrained);
    range.take(c.trained);
    layers = std::max(layers, (c.*which).size());
    out += text("  %-21s", c.name.c_str());
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
  for (size_t layer = layers; layer-- > 0;) {
    out += text("  %5d", int(layer + 1));
    for (const depth_curve& c : curves) {
      const double norm = (c.*which)[layer];
      const std::string bar(size_t(std::lround(longest * range.share(norm))), '#');
      out += text("  %8.1e %-12s", norm, bar.c_str());
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string depth_svg(const std::vector<depth_curve>& curves) {
  // Told apart by people who see red and green alike, on white and on near-black.
  constexpr const char* palette[] = {"#1f77c4", "#e07b00", "#1a9a6c", "#c55a9d"};
  decades range;
  for (const depth_curve& c : curves) range.take(c.untrained), range.take(c.trained);
  if (range.empty()) return "";

  std::string out =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"740\" height=\"380\" viewBox=\"0 0 740 380\">\n"
      "<style>.page{fill:#fff}.grid{stroke:#d9dde2}text{font:12px sans-serif;fill:#30353c}"
      "@media (prefers-color-scheme:dark){.page{fill:#16191d}.grid{stroke:#2a2f36}text{fill:#d5d9de}}</style>\n"
      "<rect class=\"page\" width=\"740\" height=\"380\"/>\n"
      "<text x=\"70\" y=\"24\">The gradient's norm by layer: untrained, and dashed once trained</text>\n";
  for (double power = range.low; power <= range.high; ++power) {
    const double y = bottom - (bottom - top) * range.share(std::pow(10, power));
    out += text("<line class=\"grid\" x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\"/>", left, right, y, y);
    out += text("<text x=\"%.0f\" y=\"%.1f\" text-anchor=\"end\">1e%+.0f</text>\n", left - 8, y + 4, power);
  }
  const size_t layers = curves[0].untrained.size();
  for (size_t i = 0; i < layers; ++i)
    out += text("<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\">%d</text>\n",
                left + (right - left) * double(i) / std::max(double(layers) - 1, 1.0), bottom + 20, int(i + 1));
  out += text("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">layer</text>\n", (left + right) / 2, bottom + 40);
  for (size_t i = 0; i < curves.size(); ++i) {
    const char* const colour = palette[i % std::size(palette)];
    out += line_of(curves[i].untrained, range, colour, "");
    out += line_of(curves[i].trained, range, colour, " stroke-dasharray=\"6 5\"");
    const double y = top + 12 + 20 * double(i);
    out += text("<line stroke=\"%s\" stroke-width=\"2\" x1=\"556\" x2=\"580\" y1=\"%.0f\" y2=\"%.0f\"/>", colour, y, y);
    out += text("<text x=\"588\" y=\"%.0f\">%s</text>\n", y + 4, curves[i].name.c_str());
  }
  return out + "</svg>\n";
}

}  // namespace examples
