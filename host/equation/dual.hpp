// An oracle for what is computed of an equation: the text itself in double, with dual numbers for its derivatives, and a
// verdict on what a device says. Calls of the catalogue are worked out by their formulas, and no derivative that is
// written anywhere is used.
#pragma once
#include <array>

#include "host/equation/differentiate.hpp"
#include "host/equation/forms.hpp"

namespace gemmact::equation {

struct probe {
  double x = 0;
  std::array<double, max_params> parameters{};
};

struct oracle_answer {
  double value = 0;
  double doubt = 0;  // how far double's own rounding may have moved it: where the text cancels; may be infinite or NaN
};

// A function before, at and after some x, which `step` parts: its value and its derivative.
struct surroundings {
  double step = 0;
  std::array<double, 3> value{}, derivative{};
  double doubt = 0;  // of the derivatives together
};

// How far x goes to what is beside it.
double step_beside(double x);

// Is the value continuous, and the derivative neither what it is on one of the sides nor between? False where that is not known:
// beside what is not finite.
bool is_of_no_side(const surroundings& s);

class oracle {
 public:
  // Refers to all three.
  oracle(const graph& g, node_id root, const forms& known);

  oracle_answer value(const probe& at) const;
  // By x (by_x), or by a parameter's number. NaN, and in doubt, where the value is NaN. At a kink where
  // the value is continuous and this is neither what it is on one of the sides nor between, what it is on the left.
  oracle_answer derivative(const probe& at, int by) const;

  // What each node is, by its number; the root is the last.
  std::vector<double> every_value(const probe& at) const;

  // How far results of f32 that are off by up to 8 units of rounding (2^-24) in each operation move the value: infinite
  // where one overflows on the way.
  double rounding(const probe& at) const;

 private:
  oracle_answer slope(const probe& at, int by) const;

  const graph& g_;
  const forms& known_;
  std::vector<node_id> order_;
  std::vector<std::vector<node_id>> formulas_;  // by function of the catalogue: the nodes of its formula, in order
};

struct verdict {
  enum class kind {
    agrees,
    differs,
    left_out,    // the text itself cancels, or overflows, in double there
    overflows,   // is infinite or NaN, as f32 overflows on the way, where the text has a value that f32 has
    beyond_f32,  // f32 overflows on the way to what is computed there, or its rounding decides what that is
  } is = kind::agrees;
  double ulps = 0;      // of f32, between what is computed and the oracle's answer
  double of_bound = 0;  // the difference by the largest that is allowed
};

// `rounding` is that of the form that was computed. Allowed: 4 times it, 4 times the oracle's doubt, and 4 units in the last
// place of f32.
verdict compare(float computed, const oracle_answer& exact, double rounding);

// Verdicts on what a device says at many points.
struct tally {
  int agree = 0, differ = 0, left_out = 0, overflow = 0, beyond_f32 = 0;
  double worst_ulps = 0, worst_of_bound = 0;  // of those that agree or differ
  float worst_ulps_at = 0, worst_at = 0;
  float overflow_at = 0;  // the nearest to 0
  float computed = 0;     // where it is worst by its bound, and what the oracle says there
  double exact = 0;

  void add(float x, float result, const oracle_answer& wanted, double rounding);
};

// Units in the last place of f32 at a number: at least those of subnormals.
double ulp_at(double value);

}  // namespace gemmact::equation
