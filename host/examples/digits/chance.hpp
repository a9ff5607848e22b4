// Random numbers that are the same on every machine, from the generator that the standard fixes to the bit.
#pragma once
#include <cstdint>
#include <random>
#include <utility>

namespace examples {

class chance {
 public:
  explicit chance(uint32_t seed) : bits_(seed) {}

  float uniform(float from, float to) { return from + (to - from) * float(bits_() >> 8) * 0x1p-24f; }
  int64_t below(int64_t limit) { return int64_t(uint64_t(bits_()) * uint64_t(limit) >> 32); }
  // About normal, of deviation 1: a sum of the four bytes of one number.
  float normal() {
    const uint32_t b = uint32_t(bits_());
    const int sum = int((b & 255) + (b >> 8 & 255) + (b >> 16 & 255) + (b >> 24)) - 510;
    return float(sum) * (1 / 147.8f);
  }
  template <class Items>
  void shuffle(Items& items) {
    for (size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[size_t(below(int64_t(left)))]);
  }

 private:
  std::mt19937 bits_;
};

}  // namespace examples
