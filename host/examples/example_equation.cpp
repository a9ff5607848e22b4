// An activation of one's own, typed as an equation, learns its own shape: a sharpness for the whole layer and a slope for
// each column. Value, derivative and the parameters' gradients come from the text.
#include <cmath>
#include <cstdio>
#include <gemmact/gemmact.hpp>
#include <random>
#include <vector>

namespace {

constexpr const char* text = "f(x; beta=1, slope[n]=0) = x * sigmoid(beta * x) + slope * min(x, 0)";
constexpr int64_t rows = 512, columns = 4, depth = 3;
constexpr int steps = 400;

struct parameters {
  float beta, slope[columns];
};

gemmact::problem layer() {
  return gemmact::problem(GEMMACT_FORWARD, rows, columns, depth)
      .activation(text)
      .with(GEMMACT_X, {GEMMACT_F32})
      .with(GEMMACT_W, {GEMMACT_F32})
      .with(GEMMACT_PARAM, {GEMMACT_F32, GEMMACT_SCALAR}, 0)
      .with(GEMMACT_PARAM, {GEMMACT_F32, GEMMACT_PER_COLUMN}, 1)
      .with(GEMMACT_KEPT, {GEMMACT_F32})
      .with(GEMMACT_Y, {GEMMACT_F32});
}

gemmact::problem backward() {
  return gemmact::problem(GEMMACT_ACTIVATION_GRAD, rows, columns, depth)
      .activation(text)
      .with(GEMMACT_DY, {GEMMACT_F32})
      .with(GEMMACT_KEPT, {GEMMACT_F32})
      .with(GEMMACT_PARAM, {GEMMACT_F32, GEMMACT_SCALAR}, 0)
      .with(GEMMACT_PARAM, {GEMMACT_F32, GEMMACT_PER_COLUMN}, 1)
      .with(GEMMACT_DZ, {GEMMACT_F32})
      .with(GEMMACT_DPARAM, {GEMMACT_F32, GEMMACT_SCALAR}, 0)
      .with(GEMMACT_DPARAM, {GEMMACT_F32, GEMMACT_PER_COLUMN}, 1);
}

}  // namespace

int main() try {
  const gemmact::activation_description f = gemmact::describe(text);
  std::printf("%s\n  computed as  %s\n  derivative   %s\n\n", text, f.info.formula, f.info.derivative);

  std::mt19937 bits(11);
  std::vector<float> x(rows * depth), w(columns * depth), target(rows * columns), y(target), z(target), dy(target),
      dz(target);
  for (float& v : x) v = float(bits() * 0x1p-30) - 2;
  for (float& v : w) v = float(bits() * 0x1p-31) - 1;

  const gemmact::context cpu("cpu");
  const gemmact::plan forward(cpu, layer()), gradient(cpu, backward());
  const gemmact::workspace scratch(forward), gradient_scratch(gradient);
  const auto run = [&](const parameters& p, std::vector<float>& out) {
    forward.run(gemmact::operands()
                    .bind(GEMMACT_X, x.data())
                    .bind(GEMMACT_W, w.data())
                    .bind(GEMMACT_PARAM, &p.beta, 0)
                    .bind(GEMMACT_PARAM, p.slope, 1)
                    .bind(GEMMACT_KEPT, z.data())
                    .bind(GEMMACT_Y, out.data()),
                scratch);
  };

  const parameters hidden{1.7f, {0.1f, 0.2f, 0.4f, 0.8f}};
  run(hidden, target);
  parameters p{1, {0, 0, 0, 0}}, d{};
  for (int step = 0; step <= steps; ++step) {
    run(p, y);
    double loss = 0;
    for (size_t i = 0; i < y.size(); ++i) {
      dy[i] = (y[i] - target[i]) / float(rows);
      loss += 0.5 * double(y[i] - target[i]) * double(dy[i]);
    }
    if (step % 100 == 0)
      std::printf("step %3d  loss %.6f  beta %.3f  slope %.3f %.3f %.3f %.3f\n", step, loss, double(p.beta),
                  double(p.slope[0]), double(p.slope[1]), double(p.slope[2]), double(p.slope[3]));
    gradient.run(gemmact::operands()
                     .bind(GEMMACT_DY, dy.data())
                     .bind(GEMMACT_KEPT, z.data())
                     .bind(GEMMACT_PARAM, &p.beta, 0)
                     .bind(GEMMACT_PARAM, p.slope, 1)
                     .bind(GEMMACT_DZ, dz.data())
                     .bind(GEMMACT_DPARAM, &d.beta, 0)
                     .bind(GEMMACT_DPARAM, d.slope, 1),
                 gradient_scratch);
    p.beta -= d.beta;
    for (int j = 0; j < columns; ++j) p.slope[j] -= d.slope[j];
  }

  bool learnt = std::abs(p.beta - hidden.beta) < 0.05f;
  for (int j = 0; j < columns; ++j) learnt = learnt && std::abs(p.slope[j] - hidden.slope[j]) < 0.02f;
  std::puts(learnt ? "\nThe function has learnt its shape." : "\nWRONG: the function has not learnt its shape.");
  return learnt ? 0 : 1;
} catch (const gemmact::error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
