#include "tests/kernels/inputs.hpp"

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/support/numbers.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {

std::vector<float> spread_inputs(size_t count, uint64_t seed) {
  random_source random(seed);
  std::vector<float> all(count);
  for (size_t i = 0; i < count; ++i) {
    const double u = 2 * random.uniform() - 1;
    switch (i % 5) {
      case 0:
        all[i] = float(u);
        break;
      case 1:
        all[i] = float(8 * u);
        break;
      case 2:
        all[i] = float(110 * u);
        break;
      default: {
        uint32_t bits = uint32_t(random.next() >> 32);
        if ((bits & 0x7f800000u) == 0x7f800000u) bits ^= 0x40000000u;  // finite
        std::memcpy(&all[i], &bits, sizeof bits);
      }
    }
  }
  return all;
}

std::vector<float> special_inputs(const setting& s) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float largest = std::numeric_limits<float>::max();
  std::vector<float> all;
  const auto both = [&](float v) {
    for (const float signed_value : {v, -v})
      for (const float neighbour :
           {std::nextafter(signed_value, -infinity), signed_value, std::nextafter(signed_value, infinity)})
        all.push_back(neighbour);
  };
  for (const float v : {0.0f, 0x1p-149f, 0x1p-140f, 0x1p-126f, 0x1p-127f, 1.0f, 3.0f, 6.0f, largest, 1.9e19f, infinity})
    both(v);
  for (const float v : {9.01f, 16.64f, 20.0f, 44.4f, 84.3f, 87.34f, 88.73f, 89.0f, 103.97f, 104.0f, 174.0f, 200.0f})
    both(v);
  for (int e = -148; e <= 127; ++e) both(std::ldexp(1.0f, e));
  const activation::points jumps = s.f->breakpoints(s.p);
  for (int i = 0; i < jumps.count; ++i) both(float(jumps.at[i]));
  return all;
}

namespace {

std::vector<float> all_of(gemmact_type type, uint32_t count) {
  std::vector<float> all;
  for (uint32_t bits = 0; bits < count; ++bits) all.push_back(float(decode(type, bits)));
  return all;
}

}  // namespace

std::vector<float> all_f16() { return all_of(GEMMACT_F16, 65536); }
std::vector<float> all_bf16() { return all_of(GEMMACT_BF16, 65536); }
std::vector<float> all_e4m3() { return all_of(GEMMACT_E4M3, 256); }

}  // namespace gemmact::test
