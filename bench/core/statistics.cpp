#include "bench/core/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gemmact_bench {
namespace {

// Differences below this are nobody's concern; a tie is claimed within the second, if the noise is no larger.
constexpr double least_difference = 0.01, tie = 0.03;

double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * double(sorted.size() - 1);
  const size_t below = size_t(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - double(below)) * (sorted[above] - sorted[below]);
}

// The largest r such that fewer than r of n values fall below the median with a chance of at most 2.5 % (r counts from 0).
size_t lower_rank(size_t n) {
  double term = std::pow(0.5, double(n)), sum = term;
  size_t r = 0;
  while (sum + term * double(n - r) / double(r + 1) <= 0.025) {
    term *= double(n - r) / double(r + 1);
    sum += term;
    ++r;
  }
  return sum <= 0.025 ? r : 0;
}

}  // namespace

summary summarize(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t r = lower_rank(values.size());
  return {quantile(values, 0.5), quantile(values, 0.25), quantile(values, 0.75), values[r],
          values[values.size() - 1 - r]};
}

double geometric_mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += std::log(v);
  return values.empty() ? 1.0 : std::exp(sum / double(values.size()));
}

const char* name_of(verdict v) {
  switch (v) {
    case verdict::faster:
      return "FASTER";
    case verdict::slower:
      return "SLOWER";
    case verdict::same:
      return "SAME";
    case verdict::cant_tell:
      return "CAN'T TELL";
    case verdict::wrong:
      return "WRONG";
    case verdict::failed:
      return "FAILED";
  }
  return "?";
}

std::string verdict_rule() {
  return fmt::format(
      "Each round times every arm once, in rotated order, the fused arm twice. The ratio of a round is unfused time / "
      "fused time. [low, high] is the 95 % confidence interval of the ratios' median by order statistics. Noise is how "
      "far the same interval for fused / fused again strays from 1; the margin is the larger of the noise and {0:.0f} "
      "%. "
      "FASTER: low > 1 + margin. SLOWER: high < 1 / (1 + margin). SAME: neither, the interval lies within {1:.0f} % of "
      "1 "
      "and the noise is at most {1:.0f} %. CAN'T TELL: all else. WRONG: a result differs from the double-precision "
      "oracle by more than its error bound; such a row's times mean nothing. FAILED: the library "
      "refused the case.",
      100 * least_difference, 100 * tie);
}

comparison compare(const std::vector<double>& ours, const std::vector<double>& ours_again,
                   const std::vector<double>& baseline) {
  std::vector<double> ratio(ours.size()), control(ours.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    ratio[i] = baseline[i] / ours[i];
    control[i] = ours[i] / ours_again[i];
  }
  comparison c{.ratio = summarize(ratio), .control = summarize(control)};
  c.noise = std::max(c.control.high - 1, 1 / c.control.low - 1);
  const double margin = std::max(c.noise, least_difference);
  if (c.ratio.low > 1 + margin) c.result = verdict::faster;
  else if (c.ratio.high < 1 / (1 + margin)) c.result = verdict::slower;
  else if (c.ratio.low >= 1 / (1 + tie) && c.ratio.high <= 1 + tie && c.noise <= tie) c.result = verdict::same;
  return c;
}

}  // namespace gemmact_bench
