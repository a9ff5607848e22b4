// What an element of an output must be: double precision, straight from the formulas, and how far off it may be.
#pragma once
#include <cstdint>
#include <string>

#include "bench/core/types.hpp"
#include "tests/reference/reference.hpp"

namespace gemmact_bench {

// A number and a bound on the error of what approximates it.
struct approximate {
  double value = 0, error = 0;
};

// The sum of a[i * a_step] * b[i * b_step] for i < count, as f32 arithmetic may have it in any order. `extra`: an error
// beyond that, relative to the sum of the terms' magnitudes.
approximate dot(const float* a, int64_t a_step, const float* b, int64_t b_step, int64_t count, double extra = 0);

// How a product is made, as far as its error goes: tf32's rounding of both operands, or its cutting off where only that is
// known of a library; and whether products of e4m3 are summed in 14 bits, for runs of 128, or in f32 as those of f16.
enum class operand_rounding { nearest, cut_off };
struct product_path {
  operand_rounding operands = operand_rounding::nearest;
  bool short_sums = false;
};
// How an arm comes to its values, as far as their error goes.
struct arm_path {
  gemmact_type stored = GEMMACT_F32;  // the type that the product is kept in before what follows it
  product_path product = {};
  double of_z = 0;  // a function without documented bounds is granted so much, relative to |z| or 1
};

// What a product may be off by beyond f32 arithmetic on its operands, relative to the sum of its terms' magnitudes.
double extra_error(precision p, product_path path);
// Whether a family of this library sums e4m3 so on a GPU (docs/numerics.md): where tensor cores multiply it themselves,
// and in all families that are not known to do otherwise. `architecture`: 90 of sm_90.
bool sums_e4m3_shortly(const std::string& family, int architecture);

// The sum of count values, likewise.
approximate sum(const float* values, int64_t step, int64_t count);

approximate plus(approximate a, double exact);
approximate times(approximate a, approximate b);
approximate larger(approximate a, approximate b);
// Stored in a type and read again; f32 is what it is already.
approximate rounded(gemmact_type type, approximate a);

// What a GPU's approximate instructions may add to a function's error (device_tolerance of the activation files).
inline constexpr double gpu_tolerance = 1e-6;

// A function of the catalogue at its default parameters, `target` where it takes one: its independent reference, and the
// error that is documented for it. The error covers every z within z.error.
class function_oracle {
 public:
  explicit function_oracle(const std::string& name, double target = 1);
  // `tolerance`: relative, granted on top. Fast: within the bounds of docs/numerics.md.
  approximate value(approximate z, double tolerance = 0, gemmact_accuracy accuracy = GEMMACT_ACCURATE) const;
  approximate slope(approximate z, double tolerance = 0) const;

 private:
  const gemmact::reference::row* row_;
  double parameters_[GEMMACT_MAX_PARAMS] = {};
};

// |stored - expected| divided by what the rounding to the type and expected.error allow; at most 1 if right, infinity
// where stored is NaN.
double error_of(gemmact_type type, double stored, approximate expected);

}  // namespace gemmact_bench
