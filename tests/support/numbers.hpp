// The narrow number formats in plain double arithmetic, independent of kernels/base: what tests convert with.
#pragma once
#include <cmath>
#include <cstdint>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::test {

// A binary format: significand of 1 + mantissa_bits, least exponent of a normal number, largest finite value.
struct number_format {
  int mantissa_bits, exponent_bits, least_exponent;
  double largest;
  bool has_infinity;
};
const number_format& format_of(gemmact_type type);  // f32, f16, bf16, e4m3

// The type's value nearest to v, ties to even; beyond the largest: infinity, or saturated where there is none.
double round_to(gemmact_type type, double v);
// f32 to tf32's 10 mantissa bits; halves as `to_whole` has them, away from zero or (nearbyint) to even.
double round_to_tf32(double v, double (*to_whole)(double) = std::round);

uint32_t encode(gemmact_type type, double v);  // rounds once; also U8 (a plain integer)
double decode(gemmact_type type, uint32_t bits);

// Distance between neighbours of the type about v.
double spacing(gemmact_type type, double v);

// Places apart in the order of the type's values; 0 and -0 are one.
int64_t steps_between(gemmact_type type, double a, double b);

int element_bytes(gemmact_type type);  // 4 for BIT (its word)
const char* type_name(gemmact_type type);

uint32_t load_bits(gemmact_type type, const void* at);
void store_bits(gemmact_type type, void* at, uint32_t bits);

}  // namespace gemmact::test
