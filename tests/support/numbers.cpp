#include "tests/support/numbers.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace gemmact::test {

const number_format& format_of(gemmact_type type) {
  static const number_format f32{23, 8, -126, double(std::numeric_limits<float>::max()), true};
  static const number_format f16{10, 5, -14, 65504.0, true};
  static const number_format bf16{7, 8, -126, std::ldexp(255.0, 120), true};
  static const number_format e4m3{3, 4, -6, 448.0, false};
  switch (type) {
    case GEMMACT_F32:
      return f32;
    case GEMMACT_F16:
      return f16;
    case GEMMACT_BF16:
      return bf16;
    case GEMMACT_E4M3:
      return e4m3;
    default:
      throw std::logic_error("not a floating-point type");
  }
}

double round_to(gemmact_type type, double v) {
  if (type == GEMMACT_F32) return double(float(v));
  const number_format& f = format_of(type);
  const double limit = f.has_infinity ? std::numeric_limits<double>::infinity() : f.largest;
  if (std::isnan(v) || v == 0) return v;
  if (std::isinf(v)) return std::copysign(limit, v);
  const double quantum = spacing(type, v);
  const double rounded = std::nearbyint(v / quantum) * quantum;
  return std::fabs(rounded) > f.largest ? std::copysign(limit, v) : std::copysign(rounded, v);
}

double spacing(gemmact_type type, double v) {
  const number_format& f = format_of(type);
  const int exponent = v == 0 || !std::isfinite(v) ? f.least_exponent : std::max(std::ilogb(v), f.least_exponent);
  return std::ldexp(1.0, exponent - f.mantissa_bits);
}

double round_to_tf32(double v, double (*to_whole)(double)) {
  if (!std::isfinite(v) || v == 0) return v;
  const double quantum = std::ldexp(1.0, std::max(std::ilogb(v), -126) - 10);
  return double(float(to_whole(v / quantum) * quantum));
}

uint32_t encode(gemmact_type type, double v) {
  if (type == GEMMACT_U8) return uint32_t(v);
  if (type == GEMMACT_F32) {
    const float narrow = float(v);
    uint32_t bits;
    std::memcpy(&bits, &narrow, sizeof bits);
    return bits;
  }
  const number_format& f = format_of(type);
  const uint32_t sign = std::signbit(v) ? 1u << (f.exponent_bits + f.mantissa_bits) : 0u;
  const uint32_t exponent_field = (1u << f.exponent_bits) - 1;
  if (std::isnan(v)) return sign | (exponent_field << f.mantissa_bits) | ((1u << f.mantissa_bits) - 1);
  const double rounded = std::fabs(round_to(type, v));
  if (std::isinf(rounded)) return sign | (exponent_field << f.mantissa_bits);
  if (rounded < std::ldexp(1.0, f.least_exponent))
    return sign | uint32_t(std::ldexp(rounded, f.mantissa_bits - f.least_exponent));
  const int exponent = std::ilogb(rounded);
  const uint32_t mantissa = uint32_t(std::ldexp(rounded, f.mantissa_bits - exponent)) - (1u << f.mantissa_bits);
  return sign | (uint32_t(exponent - f.least_exponent + 1) << f.mantissa_bits) | mantissa;
}

double decode(gemmact_type type, uint32_t bits) {
  if (type == GEMMACT_U8) return double(bits);
  if (type == GEMMACT_F32) {
    float v;
    std::memcpy(&v, &bits, sizeof v);
    return double(v);
  }
  const number_format& f = format_of(type);
  const uint32_t exponent_field = (1u << f.exponent_bits) - 1, mantissa_field = (1u << f.mantissa_bits) - 1;
  const double sign = (bits >> (f.exponent_bits + f.mantissa_bits)) & 1u ? -1.0 : 1.0;
  const uint32_t exponent = (bits >> f.mantissa_bits) & exponent_field, mantissa = bits & mantissa_field;
  if (exponent == exponent_field && f.has_infinity)
    return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
  if (exponent == exponent_field && mantissa == mantissa_field) return std::numeric_limits<double>::quiet_NaN();
  const double significand = double(mantissa) + (exponent == 0 ? 0 : std::ldexp(1.0, f.mantissa_bits));
  return sign * std::ldexp(significand, int(exponent == 0 ? 1 : exponent) - 1 + f.least_exponent - f.mantissa_bits);
}

int element_bytes(gemmact_type type) {
  switch (type) {
    case GEMMACT_F32:
    case GEMMACT_BIT:
      return 4;
    case GEMMACT_F16:
    case GEMMACT_BF16:
      return 2;
    default:
      return 1;
  }
}

int64_t steps_between(gemmact_type type, double a, double b) {
  const auto place = [&](double v) {
    const uint32_t magnitude = encode(type, std::fabs(v));
    return v < 0 ? -int64_t(magnitude) : int64_t(magnitude);
  };
  return std::isnan(a) || std::isnan(b) ? (std::isnan(a) && std::isnan(b) ? 0 : INT64_MAX)
                                        : std::abs(place(a) - place(b));
}

const char* type_name(gemmact_type type) {
  static const char* const names[] = {"none", "f32", "f16", "bf16", "e4m3", "e5m2", "u8", "bit"};
  return names[type];
}

uint32_t load_bits(gemmact_type type, const void* at) {
  uint32_t bits = 0;
  std::memcpy(&bits, at, size_t(element_bytes(type)));  // little-endian, as every device here
  return bits;
}

void store_bits(gemmact_type type, void* at, uint32_t bits) { std::memcpy(at, &bits, size_t(element_bytes(type))); }

}  // namespace gemmact::test
