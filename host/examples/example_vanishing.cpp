// Why deep chains of sigmoid layers do not learn: each multiplies the gradient by at most 1/4, so r layers leave 0.25^r
// of it, and in 16 bits nothing at all from r = 13. Beside it, a ReLU unit that has died and a leaky one that recovers.
#include <cmath>
#include <cstdio>
#include <vector>

#include "host/examples/one_run.hpp"

using examples::one_run;

namespace {

constexpr int chain_length = 16;

double value_of(float x) { return x; }

// A binary16 number from its bits.
struct f16 {
  uint16_t bits;
};
double value_of(f16 x) {
  const int exponent = x.bits >> 10 & 31, mantissa = x.bits & 1023;
  const double magnitude = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return x.bits >> 15 ? -magnitude : magnitude;
}

// The gradient that reaches the input of a chain of r neurons s <- sigmoid(s - 1/2), r = 1 ... chain_length, when 1
// enters at its end. From s = 1/2 on, every z is 0, where the derivative is largest.
template <class Number>
std::vector<double> chain_gradients(const gemmact::context& cpu, gemmact_type type, Number one, Number half,
                                    Number minus_half) {
  Number s = half, next{};
  one_run{GEMMACT_FORWARD, 1, 1, 1, "sigmoid"}(cpu, {{GEMMACT_X, type, &s},
                                                     {GEMMACT_W, type, &one},
                                                     {GEMMACT_BIAS, type, &minus_half, GEMMACT_PER_COLUMN},
                                                     {GEMMACT_Y, type, &next}});
  if (value_of(next) != 0.5) std::printf("WRONG: a neuron of the chain gives %g\n", value_of(next));

  // All neurons are alike and kept the same output, so one gradient is passed down r times.
  std::vector<double> reached;
  Number gradient = one;
  for (int r = 1; r <= chain_length; ++r) {
    Number dz{};
    one_run{GEMMACT_ACTIVATION_GRAD, 1, 1, 1, "sigmoid"}(
        cpu, {{GEMMACT_DY, type, &gradient}, {GEMMACT_KEPT, type, &next}, {GEMMACT_DZ, type, &dz}});
    one_run{GEMMACT_INPUT_GRAD}(cpu, {{GEMMACT_DZ, type, &dz}, {GEMMACT_W, type, &one}, {GEMMACT_DX, type, &gradient}});
    reached.push_back(value_of(gradient));
  }
  return reached;
}

int chain(const gemmact::context& cpu) {
  const auto in_f32 = chain_gradients<float>(cpu, GEMMACT_F32, 1.0f, 0.5f, -0.5f);
  const auto in_f16 = chain_gradients<f16>(cpu, GEMMACT_F16, {0x3c00}, {0x3800}, {0xb800});
  int wrong = 0;
  std::puts("What is left of a gradient of 1 below r sigmoid layers (|w| = 1, each at its steepest):\n");
  std::puts("   r       0.25^r          f32          f16");
  for (int r = 1; r <= chain_length; ++r) {
    const double law = std::pow(0.25, r), at_f32 = in_f32[r - 1], at_f16 = in_f16[r - 1];
    std::printf("  %2d  %11.4g  %11.4g  %11.4g%s\n", r, law, at_f32, at_f16, at_f16 == 0 ? "  gone" : "");
    wrong += at_f32 != law || at_f16 != (r < 13 ? law : 0.0);
  }
  std::puts("\nThe least positive f16 is 2^-24 = 0.25^12: the thirteenth layer ends it.\n");
  return wrong;
}

constexpr int samples = 8, steps = 100;

// One unit f(w x + b) learns y = x on positive x by gradient descent from a bias so low that every z is negative.
struct unit {
  const char* activation;
  float w = 1, b = -3, loss = 0, largest_dw = 0;

  void learn(const gemmact::context& cpu) {
    float x[samples], y[samples], dy[samples], dz[samples];
    uint32_t kept[samples];  // what both functions keep for backward: one bit an element, a word a row
    for (int i = 0; i < samples; ++i) x[i] = 0.25f * float(i + 1);
    for (int step = 0; step < steps; ++step) {
      one_run{GEMMACT_FORWARD, samples, 1, 1, activation}(cpu, {{GEMMACT_X, GEMMACT_F32, x},
                                                                {GEMMACT_W, GEMMACT_F32, &w},
                                                                {GEMMACT_BIAS, GEMMACT_F32, &b, GEMMACT_PER_COLUMN},
                                                                {GEMMACT_KEPT, GEMMACT_BIT, kept},
                                                                {GEMMACT_Y, GEMMACT_F32, y}});
      loss = 0;
      for (int i = 0; i < samples; ++i) {
        dy[i] = (y[i] - x[i]) / samples;
        loss += (y[i] - x[i]) * (y[i] - x[i]) / (2 * samples);
      }
      float dw = 0, db = 0;
      one_run{GEMMACT_ACTIVATION_GRAD, samples, 1, 1, activation}(
          cpu, {{GEMMACT_DY, GEMMACT_F32, dy}, {GEMMACT_KEPT, GEMMACT_BIT, kept}, {GEMMACT_DZ, GEMMACT_F32, dz}});
      one_run{GEMMACT_WEIGHT_GRAD, samples, 1, 1}(cpu, {{GEMMACT_X, GEMMACT_F32, x},
                                                        {GEMMACT_DZ, GEMMACT_F32, dz},
                                                        {GEMMACT_DW, GEMMACT_F32, &dw},
                                                        {GEMMACT_DBIAS, GEMMACT_F32, &db, GEMMACT_PER_COLUMN}});
      largest_dw = std::fmax(largest_dw, std::fabs(dw));
      w -= 0.5f * dw;
      b -= 0.5f * db;
    }
  }
};

int dead_units(const gemmact::context& cpu) {
  unit dead{"relu"}, leaky{"leaky_relu(slope=0.1)"};
  std::printf("One unit learns y = x in %d steps, from z < 0 for every sample:\n\n", steps);
  std::puts("  unit                    largest |dW|      loss        w        b");
  for (unit* u : {&dead, &leaky}) {
    u->learn(cpu);
    std::printf("  %-22s  %12.4g  %8.4f  %7.3f  %7.3f\n", u->activation, u->largest_dw, u->loss, u->w, u->b);
  }
  std::puts("\nThe ReLU unit is dead: its gradient is exactly 0, so nothing ever moves. The leaky one came back.");
  return (dead.largest_dw != 0) + (dead.w != 1) + (dead.b != -3) + !(leaky.loss < 0.001f) + !(leaky.largest_dw > 0);
}

}  // namespace

int main() try {
  const gemmact::context cpu("cpu");
  const int wrong = chain(cpu) + dead_units(cpu);
  if (wrong != 0) std::printf("WRONG: %d of these numbers are not what they should be\n", wrong);
  return wrong != 0;
} catch (const gemmact::error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
