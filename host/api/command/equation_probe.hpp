// What a function does over an interval and at special points, found by evaluating it there.
#pragma once
#include <functional>
#include <string>
#include <vector>

namespace gemmact::api {

// y[i] = f(x[i]), dy[i] = f'(x[i]).
using evaluation = std::function<void(const std::vector<float>& x, std::vector<float>& y, std::vector<float>& dy)>;

struct extreme {
  float value = 0, at = 0;
  bool found = false;  // there was a finite value
};

// From and to are one and the same where it is a single point.
struct stretch {
  float from = 0, to = 0;
};

struct not_finite {
  stretch where;
  bool of_derivative = false;
  float value = 0;  // NaN, or an infinity
};

struct probed {
  float from = 0, to = 0;
  int points = 0;
  extreme lowest, highest, steepest;  // steepest: of |f'|
  std::vector<stretch> fixed;         // where f(x) is x: points, and intervals where it is so but for rounding
  std::vector<not_finite> places;     // in the interval, then at special points
  int special_points = 0;
  float at_minus_infinity = 0, at_infinity = 0, at_nan = 0;
};

// Finite numbers that are likely to be trouble: zeros of both signs, the smallest and the largest, where exp overflows.
const std::vector<float>& special_points();

// `more`: special points of this function's own. Requires plot_range_ok(from, to).
probed probe_function(const evaluation& f, double from, double to, const std::vector<float>& more);

}  // namespace gemmact::api
