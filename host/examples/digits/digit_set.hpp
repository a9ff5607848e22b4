// Pictures of digits with what they are: those that the example draws itself, and what it prints of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace examples {

struct digit_set {
  static constexpr int classes = 10;

  int64_t count = 0;
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;  // count x height x width, row-major; 0 is paper, 255 is ink
  std::vector<uint8_t> labels;  // 0 ... 9

  int64_t size() const { return int64_t(height) * width; }
  const uint8_t* picture(int64_t i) const { return pixels.data() + i * size(); }
};

// `count` digits of 28 x 28 as if by hand: strokes with random slant, size, place, wobble and width, smudges and noise.
// Of each ten that follow one another every digit is one, in random order. The same seed gives the same bytes.
digit_set draw_digits(int64_t count, uint32_t seed);

// The first pictures, side by side, as text of at most 120 columns.
std::string as_text(const digit_set& digits);

}  // namespace examples
