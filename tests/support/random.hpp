// Seeded numbers that are the same on every machine (the standard's distributions are not).
#pragma once
#include <cmath>
#include <cstdint>

namespace gemmact::test {

inline uint64_t mix(uint64_t v) {  // splitmix64's finaliser
  v += 0x9e3779b97f4a7c15u;
  v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
  v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
  return v ^ (v >> 31);
}

class random_source {
 public:
  explicit random_source(uint64_t seed) : state_(mix(seed)) {}
  uint64_t next() { return mix(state_++); }
  int64_t below(int64_t count) { return int64_t(next() % uint64_t(count)); }
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  double uniform() { return double(next() >> 11) * 0x1p-53; }  // [0, 1)
  double normal() {                                            // Box and Muller
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(6.283185307179586 * uniform());
  }

 private:
  uint64_t state_;
};

}  // namespace gemmact::test
