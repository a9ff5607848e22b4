#include "tests/layer/fill.hpp"

#include <cmath>

#include "tests/layer/oracle.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

// What a kept tensor may hold when z is as given.
double kept_value(const layer& l, const operand& o, double z) {
  const bool below = (o.spec.slot & GEMMACT_BELOW) != 0;
  if (o.spec.type == GEMMACT_BIT || kept_form(l, below) != GEMMACT_KEEP_OUTPUT) return z;
  const std::string& text = below ? l.below : l.activation;
  const function_use use = parse_use(text.empty() ? "linear" : text);
  return use.f->reference->value(z, use.params);
}

// A parameter named so in the catalogue; one of a few powers of two, or bounds that keep their order.
double exact_parameter(const layer& l, const operand& o, random_source& random) {
  const std::string& text = o.spec.slot & GEMMACT_BELOW ? l.below : l.activation;
  const std::string name = parse_use(text.empty() ? "linear" : text).f->params[o.spec.index].name;
  static const double bounds[] = {1, 2, 4}, factors[] = {0.25, 0.5, 2, 1};
  if (name == "lo") return -bounds[random.below(3)];
  return name == "hi" ? bounds[random.below(3)] : factors[random.below(4)];
}

double integer(const layer& l, const operand& o, int64_t b, int64_t i, int64_t j, random_source& random) {
  static const double halves_and_doubles[] = {0.5, 2, -1}, doubles[] = {1, 2};
  switch (o.spec.slot & ~uint32_t(GEMMACT_BELOW)) {
    case GEMMACT_BIAS: {  // distinct, about 0, and exact in 8 bits
      if (o.spec.extent == GEMMACT_EACH) return double(random.between(-40, 40));
      const int64_t number = (i + j + 131 * b + 37 * o.spec.index) % 511;
      return double(number % 2 == 0 ? number / 2 : -(number + 1) / 2);
    }
    case GEMMACT_TARGET:
    case GEMMACT_OPERAND:
      return random.below(2) == 0 ? 1 : -1;
    case GEMMACT_PARAM:
      return exact_parameter(l, o, random);
    case GEMMACT_ALPHA:
    case GEMMACT_BETA:
      return halves_and_doubles[random.below(3)];
    case GEMMACT_SCALE_X:
    case GEMMACT_SCALE_W:
      return doubles[random.below(2)];
    case GEMMACT_SCALE_Y:
      return halves_and_doubles[random.below(2)];
    case GEMMACT_KEPT:
      if (o.spec.type == GEMMACT_U8) return double(random.below(l.pieces));
      if (o.spec.type == GEMMACT_BIT) return double(random.below(2));
      return kept_value(l, o, double(random.between(-7, 7)));
    default:
      return double(random.between(-4, 4));
  }
}

double real(const layer& l, const operand& o, random_source& random) {
  const double depth = l.operation == GEMMACT_WEIGHT_GRAD  ? double(l.m)
                       : l.operation == GEMMACT_INPUT_GRAD ? double(l.n)
                                                           : double(l.k);
  switch (o.spec.slot & ~uint32_t(GEMMACT_BELOW)) {
    case GEMMACT_W:
      return random.normal() * 2 / std::sqrt(depth);
    case GEMMACT_TARGET:
    case GEMMACT_OPERAND:
      return random.below(2) == 0 ? 1 : -1;
    case GEMMACT_PARAM:
      return 0.1 + random.uniform();
    case GEMMACT_ALPHA:
    case GEMMACT_BETA:
    case GEMMACT_SCALE_X:
    case GEMMACT_SCALE_W:
    case GEMMACT_SCALE_Y:
      return 0.5 + random.uniform();
    case GEMMACT_KEPT:
      if (o.spec.type == GEMMACT_U8) return double(random.below(l.pieces));
      if (o.spec.type == GEMMACT_BIT) return double(random.below(2));
      return kept_value(l, o, random.normal() * 3);
    default:
      return random.normal();
  }
}

template <class Value>  // value(operand, b, i, j, random)
void fill(layer& l, uint64_t seed, Value value) {
  for (size_t at = 0; at < l.operands.size(); ++at) {
    operand& o = l.operands[at];
    if (o.values.empty()) continue;
    random_source random(mix(seed) + at);
    for (int64_t b = 0; b < o.batch; ++b)
      for (int64_t i = 0; i < o.rows; ++i)
        for (int64_t j = 0; j < o.cols; ++j) {
          const double v = value(o, b, i, j, random);
          o.values[o.place(b, i, j)] =
              o.spec.type == GEMMACT_BIT || o.spec.type == GEMMACT_U8 ? v : round_to(o.spec.type, v);
        }
  }
}

}  // namespace

void fill_integers(layer& l, uint64_t seed) {
  fill(l, seed, [&](const operand& o, int64_t b, int64_t i, int64_t j, random_source& random) {
    return integer(l, o, b, i, j, random);
  });
}

void fill_random(layer& l, uint64_t seed) {
  fill(l, seed, [&](const operand& o, int64_t, int64_t, int64_t, random_source& random) { return real(l, o, random); });
}

std::vector<double> normal_values(int64_t count, uint64_t seed, gemmact_type type, double scale) {
  random_source random(seed);
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(round_to(type, scale * random.normal()));
  return values;
}

}  // namespace gemmact::test
