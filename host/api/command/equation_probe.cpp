#include "host/api/command/equation_probe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/api/plot.hpp"

namespace gemmact::api {
namespace {

constexpr int probed_points = 8193;
constexpr float infinity = std::numeric_limits<float>::infinity();

// -0 before 0.
bool in_order(float a, float b) { return a < b || (a == b && std::signbit(a) && !std::signbit(b)); }

struct sampled {
  std::vector<float> x, y, dy;
  sampled(const evaluation& f, std::vector<float> points) : x(std::move(points)) { f(x, y, dy); }
  sampled(const evaluation& f, float x0) : sampled(f, std::vector<float>{x0}) {}
};

constexpr double unit = 0x1p-23;  // of f32's precision

// |f(x) - x| in those units, of x.
bool within(const sampled& s, size_t i, double units) {
  return std::isfinite(s.y[i]) && std::abs(double(s.y[i]) - double(s.x[i])) <= units * unit * std::abs(double(s.x[i]));
}

// 0 of what is finite; what differs is another kind of trouble.
int trouble(float v) { return std::isfinite(v) ? 0 : std::isnan(v) ? 1 : v > 0 ? 2 : 3; }

// The last number from `inside` towards `outside` for which `holds`; it does for `inside` and does not for `outside`.
template <class Holds>
float edge(const evaluation& f, float inside, float outside, const Holds& holds) {
  for (;;) {
    const auto middle = static_cast<float>((double(inside) + double(outside)) / 2);
    if (middle == inside || middle == outside) return inside;
    const sampled at(f, middle);
    (holds(at, 0) ? inside : outside) = middle;
  }
}

// The stretches of samples for which `holds`, at least `least` samples long, their ends refined.
template <class Holds>
std::vector<stretch> stretches(const evaluation& f, const sampled& s, size_t least, const Holds& holds) {
  std::vector<stretch> all;
  for (size_t i = 0; i < s.x.size(); ++i) {
    if (!holds(s, i)) continue;
    size_t end = i;
    while (end + 1 < s.x.size() && holds(s, end + 1)) ++end;
    if (end - i + 1 >= least)
      all.push_back({i == 0 ? s.x[0] : edge(f, s.x[i], s.x[i - 1], holds),
                     end + 1 == s.x.size() ? s.x[end] : edge(f, s.x[end], s.x[end + 1], holds)});
    i = end;
  }
  return all;
}

// The best of what `value` says, sought again, twice, between the neighbours of the best sample.
template <class Value>
extreme best(const evaluation& f, const sampled& s, const Value& value) {
  extreme found;
  const auto search = [&](const sampled& in) {
    size_t place = 0;
    for (size_t i = 0; i < in.x.size(); ++i) {
      const float v = value(in, i);
      if (!std::isfinite(v) || (found.found && !(v > found.value))) continue;
      found = {v, in.x[i], true};
      place = i;
    }
    return place;
  };
  size_t place = search(s);
  float low = s.x[place == 0 ? 0 : place - 1], high = s.x[std::min(place + 1, s.x.size() - 1)];
  for (int round = 0; found.found && round < 2; ++round) {
    const sampled fine(f, plot_points(low, high, 257));
    const float before = found.value;
    place = search(fine);
    if (found.value == before) break;
    low = fine.x[place == 0 ? 0 : place - 1], high = fine.x[std::min<size_t>(place + 1, 256)];
  }
  return found;
}

// Fixed points that follow each other: samples, or gaps behind them in which f(x) - x changes sign.
struct fixed_run {
  size_t first = 0, last = 0;
  int hits = 0;
};

bool is_fixed(const sampled& s, size_t i) { return within(s, i, 1); }

bool crosses(const sampled& s, size_t i) {
  return i + 1 < s.x.size() && !is_fixed(s, i) && !is_fixed(s, i + 1) && std::isfinite(s.y[i]) &&
         std::isfinite(s.y[i + 1]) && (s.y[i] > s.x[i]) != (s.y[i + 1] > s.x[i + 1]);
}

// Where f(x) is x but for rounding, that leaves a unit or two at some samples and none at others: fixed points so near each
// other that nothing between them is farther off than rounding may be are one run.
std::vector<fixed_run> fixed_runs(const sampled& s) {
  constexpr size_t most_apart = 16;
  constexpr double rounding = 128;
  std::vector<fixed_run> all;
  size_t near_since = 0;
  for (size_t i = 0; i < s.x.size(); ++i) {
    if (!within(s, i, rounding)) near_since = i + 1;
    if (!is_fixed(s, i) && !crosses(s, i)) continue;
    const bool goes_on = !all.empty() && i - all.back().last <= most_apart && near_since <= all.back().last;
    if (!goes_on) all.push_back({i, i, 0});
    all.back().last = i;
    ++all.back().hits;
  }
  return all;
}

// The end of a run on the side of `outside`, sought between the samples: of what is x to the last bit as such.
float run_end(const evaluation& f, const sampled& s, size_t inside, size_t outside) {
  if (inside == outside || outside >= s.x.size() || !is_fixed(s, inside) || is_fixed(s, outside)) return s.x[inside];
  const double units = s.y[inside] == s.x[inside] ? 0 : 1;
  return edge(f, s.x[inside], s.x[outside], [&](const sampled& in, size_t i) { return within(in, i, units); });
}

// Where f(x) - x changes sign between two samples: in the middle of where it is 0; nothing where it jumps across.
void add_crossing(const evaluation& f, float a, float b, std::vector<stretch>& all) {
  const bool falls = sampled(f, a).y[0] > a;
  const auto above = [](const sampled& s, size_t i) { return s.y[i] > s.x[i]; };
  const auto below = [](const sampled& s, size_t i) { return s.y[i] < s.x[i]; };
  const float last = falls ? edge(f, a, b, above) : edge(f, a, b, below);
  const float first = falls ? edge(f, b, a, below) : edge(f, b, a, above);
  const auto root = static_cast<float>((double(last) + double(first)) / 2);
  const double gap = std::abs(double(sampled(f, root).y[0]) - root);
  if (gap <= 1e-5 * std::abs(double(root)) + 1e-30) all.push_back({root, root});
}

stretch extent_of(const evaluation& f, const sampled& s, size_t first, size_t last) {
  return {run_end(f, s, first, first - size_t{first > 0}), run_end(f, s, last, last + 1)};
}

// Rounding makes an interval of a point, too, in whose middle it is.
void add_middle(const stretch& seen, std::vector<stretch>& all) {
  const bool at_zero = seen.from <= 0 && seen.to >= 0;
  const auto middle = static_cast<float>(at_zero ? 0 : (double(seen.from) + double(seen.to)) / 2);
  all.push_back({middle, middle});
}

std::vector<stretch> fixed_points(const evaluation& f, const sampled& s) {
  constexpr int least = 3;               // hits of an interval
  constexpr double narrowest = 0x1p-17;  // of what is narrower, beside x, rounding alone makes an interval
  std::vector<stretch> all;
  for (const fixed_run& run : fixed_runs(s)) {
    if (run.hits < least) {
      for (size_t i = run.first; i <= run.last; ++i) {
        if (is_fixed(s, i)) add_middle(extent_of(f, s, i, i), all);
        else if (crosses(s, i)) add_crossing(f, s.x[i], s.x[i + 1], all);
      }
      continue;
    }
    const stretch whole = extent_of(f, s, run.first, run.last);
    const double width = double(whole.to) - double(whole.from);
    if (width > narrowest * std::max(std::abs(double(whole.from)), std::abs(double(whole.to)))) all.push_back(whole);
    else add_middle(whole, all);
  }
  return all;
}

float value_of(const sampled& s, size_t i, bool derivative) { return derivative ? s.dy[i] : s.y[i]; }

std::vector<not_finite> places_of(const evaluation& f, const sampled& s, const sampled& special) {
  std::vector<not_finite> all;
  for (const bool derivative : {false, true}) {
    for (const float kind : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
      const auto holds = [&](const sampled& in, size_t i) {
        return trouble(value_of(in, i, derivative)) == trouble(kind);
      };
      for (const stretch& where : stretches(f, s, 1, holds)) all.push_back({where, derivative, kind});
    }
  }
  const size_t in_interval = all.size();
  for (size_t i = 0; i < special.x.size(); ++i)
    for (const bool derivative : {false, true}) {
      const float v = value_of(special, i, derivative), x = special.x[i];
      const bool told = std::any_of(all.begin(), all.begin() + std::ptrdiff_t(in_interval), [&](const not_finite& p) {
        const bool other_zero = x == 0 && std::signbit(x);
        return !other_zero && p.of_derivative == derivative && p.where.from <= x && x <= p.where.to;
      });
      if (trouble(v) != 0 && !told) all.push_back({{x, x}, derivative, v});
    }
  return all;
}

}  // namespace

const std::vector<float>& special_points() {
  static const std::vector<float> all = [] {
    std::vector<float> points;
    for (const float size : {0.0f, 1e-45f, 1e-38f, 1e-30f, 1e-8f, 1.0f, 16.7f, 88.8f, 104.0f, 65504.0f, 1e20f,
                             std::numeric_limits<float>::max()}) {
      points.push_back(-size);
      points.push_back(size);
    }
    std::sort(points.begin(), points.end(), in_order);
    return points;
  }();
  return all;
}

probed probe_function(const evaluation& f, double from, double to, const std::vector<float>& more) {
  std::vector<float> special = special_points();
  special.insert(special.end(), more.begin(), more.end());
  std::sort(special.begin(), special.end(), in_order);
  const auto same = [](float a, float b) { return !in_order(a, b) && !in_order(b, a); };
  special.erase(std::unique(special.begin(), special.end(), same), special.end());
  const sampled s(f, plot_points(from, to, probed_points));
  probed all;
  all.from = s.x.front(), all.to = s.x.back(), all.points = probed_points;
  all.highest = best(f, s, [](const sampled& in, size_t i) { return in.y[i]; });
  all.lowest = best(f, s, [](const sampled& in, size_t i) { return -in.y[i]; });
  all.lowest.value = -all.lowest.value;
  all.steepest = best(f, s, [](const sampled& in, size_t i) {
    return std::isnan(in.y[i]) ? in.y[i] : std::abs(in.dy[i]);  // there is no slope where there is no function
  });
  all.fixed = fixed_points(f, s);
  all.places = places_of(f, s, sampled(f, special));
  all.special_points = int(special.size());
  const sampled limits(f, std::vector<float>{-infinity, infinity, std::numeric_limits<float>::quiet_NaN()});
  all.at_minus_infinity = limits.y[0], all.at_infinity = limits.y[1], all.at_nan = limits.y[2];
  return all;
}

}  // namespace gemmact::api
