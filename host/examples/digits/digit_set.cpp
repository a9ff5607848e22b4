#include "host/examples/digits/digit_set.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "host/examples/digits/chance.hpp"

namespace examples {
namespace {

constexpr int side = 28;

struct point {
  float x, y;
};
using stroke = std::vector<point>;  // a smooth line through these
using glyph = std::vector<stroke>;  // in a box of 1 x 1, y downwards

// How people write a digit: one of these ways.
const std::vector<std::vector<glyph>>& ways_to_write() {
  static const std::vector<std::vector<glyph>> ways = {
      {{{{.5f, .1f},
         {.27f, .25f},
         {.2f, .5f},
         {.27f, .77f},
         {.5f, .9f},
         {.73f, .77f},
         {.8f, .5f},
         {.73f, .23f},
         {.5f, .1f}}}},
      {{{{.5f, .1f}, {.5f, .5f}, {.5f, .9f}}},
       {{{.34f, .28f}, {.44f, .2f}, {.54f, .1f}}, {{.54f, .1f}, {.54f, .5f}, {.53f, .9f}}}},
      {{{{.25f, .3f}, {.33f, .14f}, {.52f, .1f}, {.72f, .18f}, {.74f, .36f}, {.6f, .57f}, {.4f, .75f}, {.24f, .89f}},
        {{.24f, .89f}, {.5f, .87f}, {.78f, .88f}}},
       {{{.25f, .25f},
         {.45f, .1f},
         {.7f, .2f},
         {.68f, .42f},
         {.45f, .72f},
         {.28f, .86f},
         {.24f, .74f},
         {.4f, .76f},
         {.78f, .9f}}}},
      {{{{.26f, .2f}, {.42f, .1f}, {.66f, .14f}, {.72f, .3f}, {.6f, .44f}, {.42f, .48f}},
        {{.42f, .48f}, {.66f, .52f}, {.77f, .68f}, {.68f, .84f}, {.46f, .9f}, {.24f, .82f}}},
       {{{.25f, .12f}, {.5f, .12f}, {.73f, .12f}},
        {{.73f, .12f}, {.6f, .27f}, {.46f, .42f}},
        {{.46f, .42f}, {.68f, .48f}, {.76f, .66f}, {.66f, .84f}, {.46f, .9f}, {.24f, .82f}}}},
      {{{{.6f, .1f}, {.4f, .38f}, {.22f, .62f}},
        {{.22f, .62f}, {.5f, .62f}, {.8f, .61f}},
        {{.62f, .1f}, {.61f, .5f}, {.6f, .9f}}},
       {{{.3f, .12f}, {.26f, .35f}, {.28f, .52f}, {.5f, .54f}, {.72f, .5f}}, {{.72f, .12f}, {.7f, .5f}, {.66f, .9f}}}},
      {{{{.74f, .12f}, {.5f, .12f}, {.32f, .13f}},
        {{.32f, .13f}, {.3f, .3f}, {.28f, .46f}},
        {{.28f, .46f}, {.48f, .4f}, {.7f, .48f}, {.76f, .66f}, {.66f, .84f}, {.45f, .9f}, {.25f, .83f}}}},
      {{{{.66f, .1f},
         {.45f, .24f},
         {.29f, .47f},
         {.26f, .7f},
         {.38f, .87f},
         {.58f, .88f},
         {.72f, .74f},
         {.66f, .57f},
         {.48f, .51f},
         {.3f, .63f}}},
       {{{.36f, .1f},
         {.28f, .4f},
         {.27f, .7f},
         {.4f, .88f},
         {.62f, .86f},
         {.72f, .7f},
         {.6f, .55f},
         {.42f, .56f},
         {.3f, .68f}}}},
      {{{{.22f, .13f}, {.5f, .12f}, {.77f, .12f}}, {{.77f, .12f}, {.6f, .42f}, {.48f, .66f}, {.42f, .9f}}},
       {{{.22f, .13f}, {.5f, .12f}, {.77f, .12f}},
        {{.77f, .12f}, {.6f, .42f}, {.48f, .66f}, {.42f, .9f}},
        {{.36f, .5f}, {.52f, .5f}, {.68f, .5f}}}},
      {{{{.68f, .2f},
         {.5f, .1f},
         {.31f, .2f},
         {.34f, .36f},
         {.52f, .48f},
         {.7f, .62f},
         {.7f, .8f},
         {.5f, .9f},
         {.29f, .8f},
         {.3f, .62f},
         {.5f, .47f},
         {.67f, .35f},
         {.68f, .2f}}}},
      {{{{.7f, .3f}, {.58f, .14f}, {.38f, .14f}, {.28f, .3f}, {.36f, .46f}, {.55f, .48f}, {.7f, .34f}},
        {{.71f, .2f}, {.7f, .55f}, {.62f, .9f}}},
       {{{.71f, .28f}, {.56f, .12f}, {.36f, .16f}, {.28f, .34f}, {.42f, .5f}, {.62f, .42f}, {.71f, .24f}},
        {{.71f, .24f}, {.72f, .5f}, {.64f, .8f}, {.44f, .9f}, {.3f, .84f}}}},
  };
  return ways;
}

// What one hand does to the box: where a point of it lies on the paper, in pixels.
struct hand {
  float a, b, c, d, x, y;

  explicit hand(chance& random) {
    const float turn = random.uniform(-0.25f, 0.25f), slant = random.uniform(-0.2f, 0.5f);
    const float wide = random.uniform(14, 25), high = random.uniform(16, 24);
    const float cosine = std::cos(turn), sine = std::sin(turn);
    a = wide * cosine, b = -high * (sine + slant * cosine);
    c = wide * sine, d = high * (cosine - slant * sine);
    x = 0.5f * side + random.uniform(-2.9f, 2.9f), y = 0.5f * side + random.uniform(-2.6f, 2.6f);
  }
  point operator()(point p) const {
    const float u = p.x - 0.5f, v = p.y - 0.5f;
    return {x + a * u + b * v, y + c * u + d * v};
  }
};

// Squared distance from each pixel's middle to the ink's middle line, kept up to `reach`.
class sheet {
 public:
  explicit sheet(float reach) : reach_(reach) { nearest_.fill(reach * reach); }

  void line(point from, point to) {
    const float dx = to.x - from.x, dy = to.y - from.y, length = std::max(dx * dx + dy * dy, 1e-6f);
    const int left = first(std::min(from.x, to.x)), right = last(std::max(from.x, to.x));
    const int top = first(std::min(from.y, to.y)), bottom = last(std::max(from.y, to.y));
    for (int i = top; i <= bottom; ++i)
      for (int j = left; j <= right; ++j) {
        const float px = float(j) + 0.5f - from.x, py = float(i) + 0.5f - from.y;
        const float along = std::clamp((px * dx + py * dy) / length, 0.0f, 1.0f);
        const float ex = px - along * dx, ey = py - along * dy;
        float& best = nearest_[size_t(i * side + j)];
        best = std::min(best, ex * ex + ey * ey);
      }
  }
  // How much of a pixel a pen of this radius, in pixels, covers.
  float covered(int pixel, float radius) const {
    return std::clamp(0.5f + radius - std::sqrt(nearest_[size_t(pixel)]), 0.0f, 1.0f);
  }

 private:
  int first(float at) const { return std::clamp(int(std::floor(at - reach_)), 0, side); }
  int last(float at) const { return std::clamp(int(std::floor(at + reach_)), -1, side - 1); }
  float reach_;
  std::array<float, size_t(side* side)> nearest_;
};

// A Catmull-Rom spline.
void draw(const stroke& through, sheet& paper) {
  constexpr int parts = 5;
  const int count = int(through.size());
  point from = through[0];
  for (int i = 0; i + 1 < count; ++i) {
    const point p0 = through[size_t(std::max(i - 1, 0))], p1 = through[size_t(i)], p2 = through[size_t(i + 1)],
                p3 = through[size_t(std::min(i + 2, count - 1))];
    for (int part = 1; part <= parts; ++part) {
      const float t = float(part) / parts;
      const auto at = [t](float a, float b, float c, float d) {
        return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      };
      const point to{at(p0.x, p1.x, p2.x, p3.x), at(p0.y, p1.y, p2.y, p3.y)};
      paper.line(from, to);
      from = to;
    }
  }
}

void draw_digit(int digit, chance& random, uint8_t* pixels) {
  const auto& ways = ways_to_write()[size_t(digit)];
  const glyph& way = ways[size_t(random.below(int64_t(ways.size())))];
  const hand writer(random);
  const float radius = random.uniform(0.6f, 1.7f), ink = random.uniform(0.7f, 1.0f),
              noise = random.uniform(0.02f, 0.12f);
  sheet paper(radius + 0.5f), smudge(2);
  for (stroke line : way) {
    for (point& p : line) p = writer({p.x + 0.025f * random.normal(), p.y + 0.025f * random.normal()});
    draw(line, paper);
  }
  // Now and then a faint line across.
  const bool smudged = random.below(3) == 0;
  if (smudged) {
    const point from{random.uniform(0, side), random.uniform(0, side)},
        to{random.uniform(0, side), random.uniform(0, side)};
    smudge.line(from, to);
  }
  for (int i = 0; i < side * side; ++i) {
    const float dark = std::max(paper.covered(i, radius), smudged ? 0.45f * smudge.covered(i, 0.6f) : 0.0f);
    pixels[i] = uint8_t(std::clamp(255 * (ink * dark + noise * random.normal()) + 0.5f, 0.0f, 255.0f));
  }
}

}  // namespace

digit_set draw_digits(int64_t count, uint32_t seed) {
  digit_set digits{count, side, side, std::vector<uint8_t>(size_t(count * side * side)),
                   std::vector<uint8_t>(size_t(count))};
  chance random(seed);
  std::array<uint8_t, digit_set::classes> order{};
  for (int64_t i = 0; i < count; ++i) {
    const int turn = int(i % digit_set::classes);
    if (turn == 0) {
      std::iota(order.begin(), order.end(), uint8_t(0));
      random.shuffle(order);
    }
    digits.labels[size_t(i)] = order[size_t(turn)];
    draw_digit(order[size_t(turn)], random, digits.pixels.data() + i * side * side);
  }
  return digits;
}

std::string as_text(const digit_set& digits) {
  // A character is about twice as high as wide, so two rows of pixels make a line. The margins are left out.
  constexpr int shown = 5;
  const char shades[] = " .:-=+*#%@";
  const int margin = std::max(0, (digits.width - 22) / 2), width = std::min(digits.width - 2 * margin, 22);
  std::string text;
  for (int i = 0; i + 1 < digits.height; i += 2) {
    text += "  ";
    for (int64_t p = 0; p < std::min<int64_t>(shown, digits.count); ++p) {
      const uint8_t* row = digits.picture(p) + i * digits.width + margin;
      for (int j = 0; j < width; ++j) text += shades[(row[j] + row[j + digits.width]) * 9 / 510];
      text += ' ';
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace examples
