// kernels/base/float_types.hpp against conversions written in plain double arithmetic (tests/support/numbers).
#include "kernels/base/float_types.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/numbers.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

struct narrow_type {
  gemmact_type type;
  uint32_t count;  // of bit patterns
  float (*widen)(uint32_t bits);
  uint32_t (*round)(float v);
};

const narrow_type types[] = {
    {GEMMACT_F16, 65536, [](uint32_t b) { return to_float(f16_bits{u16(b)}); },
     [](float v) { return uint32_t(to_f16(v).bits); }},
    {GEMMACT_BF16, 65536, [](uint32_t b) { return to_float(bf16_bits{u16(b)}); },
     [](float v) { return uint32_t(to_bf16(v).bits); }},
    {GEMMACT_E4M3, 256, [](uint32_t b) { return to_float(e4m3_bits{u8(b)}); },
     [](float v) { return uint32_t(to_e4m3(v).bits); }},
};

void expect_rounded(const narrow_type& t, float v) {
  const uint32_t bits = t.round(v);
  if (std::isnan(v)) {
    EXPECT_TRUE(std::isnan(decode(t.type, bits))) << type_name(t.type) << " of NaN is " << bits;
  } else {
    EXPECT_EQ(bits, encode(t.type, v)) << type_name(t.type) << " of " << v;
  }
}

TEST(float_types, widen_every_value) {
  for (const narrow_type& t : types)
    for (uint32_t bits = 0; bits < t.count; ++bits) {
      const double expected = decode(t.type, bits);
      const float v = t.widen(bits);
      EXPECT_TRUE(std::isnan(expected) ? std::isnan(v) : v == expected && std::signbit(v) == std::signbit(expected))
          << type_name(t.type) << " " << bits << " is " << v << " instead of " << expected;
    }
}

TEST(float_types, give_every_value_back) {
  for (const narrow_type& t : types)
    for (uint32_t bits = 0; bits < t.count; ++bits)
      if (!std::isnan(decode(t.type, bits))) {
        EXPECT_EQ(t.round(t.widen(bits)), bits) << type_name(t.type);
      }
}

// Ties and their neighbours: between every two adjacent values of a type.
TEST(float_types, round_ties_to_even) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const narrow_type& t : types)
    for (uint32_t bits = 0; bits < t.count; ++bits) {
      const double v = decode(t.type, bits);
      if (!std::isfinite(v)) continue;
      const float tie = float(v + std::copysign(spacing(t.type, v) / 2, v));
      for (const float near : {std::nextafter(tie, -infinity), tie, std::nextafter(tie, infinity)})
        expect_rounded(t, near);
    }
}

TEST(float_types, round_boundaries_and_random_bits) {
  random_source random(11);
  for (const narrow_type& t : types) {
    for (uint32_t exponent = 0; exponent < 256; ++exponent)
      for (const uint32_t mantissa : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u, 0x7ffffu, 0x80000u,
                                      0x80001u, 0x400000u, 0x7fffffu})
        for (const uint32_t sign : {0u, 0x80000000u})
          expect_rounded(t, bit_cast<float>(sign | exponent << 23 | mantissa));
    for (int i = 0; i < 1000000; ++i) {
      const uint64_t bits = random.next();
      // Half of them in the range of the narrowest type.
      const uint32_t exponent = i % 2 == 0 ? uint32_t(bits >> 32) & 255u : 100u + uint32_t(bits >> 32) % 48u;
      expect_rounded(t, bit_cast<float>((uint32_t(bits) & 0x807fffffu) | exponent << 23));
    }
  }
}

TEST(float_types, round_to_tf32) {
  random_source random(12);
  for (int i = 0; i < 1000000; ++i) {
    const float v = bit_cast<float>(uint32_t(random.next() >> 32));
    const float got = gemmact::round_to_tf32(v);
    if (std::isnan(v)) {
      EXPECT_TRUE(std::isnan(got));
    } else {
      EXPECT_EQ(got, float(test::round_to_tf32(double(v)))) << v;
    }
  }
  EXPECT_EQ(gemmact::round_to_tf32(0x1.001p0f), 0x1.004p0f - 0x0.004p0f);  // below a half: down
  EXPECT_EQ(gemmact::round_to_tf32(-0x1.002p0f), -0x1.004p0f);             // a half: away from zero
  EXPECT_EQ(gemmact::round_to_tf32(0x1.fffp127f), std::numeric_limits<float>::infinity());
}

}  // namespace
}  // namespace gemmact::test
