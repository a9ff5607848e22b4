// One neuron, y = sigmoid(w x + b), learns to tell two clouds of points apart. Forward, the gradient through the sigmoid,
// and the gradient of the weights are planned once and run in every step.
#include <cstdio>
#include <gemmact/gemmact.hpp>
#include <random>
#include <vector>

namespace {

constexpr int64_t points = 256, steps = 100;

// About normal, the same on every machine.
float noise(std::mt19937& bits) {
  float sum = -2;
  for (int i = 0; i < 4; ++i) sum += float(bits() * 0x1p-32);
  return sum;
}

// The plane from -2.5 to 2.5: what the neuron says of each place, and the points over it.
void draw(const gemmact::context& cpu, const float* w, float b, const std::vector<float>& x) {
  constexpr int height = 15, width = 41;
  std::vector<float> places, answers(height * width);
  for (int i = 0; i < height; ++i)
    for (int j = 0; j < width; ++j) {
      places.push_back(5.0f * float(j) / (width - 1) - 2.5f);
      places.push_back(2.5f - 5.0f * float(i) / (height - 1));
    }
  cpu.linear("sigmoid", places.data(), w, &b, answers.data(), height * width, 1, 2, GEMMACT_F32);
  std::vector<char> picture;
  for (float y : answers) picture.push_back(y > 0.5f ? '.' : ' ');
  for (int64_t p = 0; p < points; ++p) {
    const int j = int((x[2 * p] + 2.5f) / 5 * (width - 1) + 0.5f),
              i = int((2.5f - x[2 * p + 1]) / 5 * (height - 1) + 0.5f);
    if (i >= 0 && i < height && j >= 0 && j < width) picture[i * width + j] = p % 2 ? 'o' : 'x';
  }
  for (int i = 0; i < height; ++i) std::printf("  |%.*s|\n", width, &picture[i * width]);
}

}  // namespace

int main() try {
  std::mt19937 bits(7);
  std::vector<float> x, target(points), y(points), dy(points), dz(points);
  for (int64_t p = 0; p < points; ++p) {
    target[p] = float(p % 2);
    const float side = p % 2 ? 0.9f : -0.9f;
    x.push_back(side + noise(bits));
    x.push_back(0.7f * side + noise(bits));
  }
  float w[2] = {0, 0}, b = 0, dw[2], db;

  const gemmact::context cpu("cpu");
  const auto neuron = gemmact::problem(GEMMACT_FORWARD, points, 1, 2)
                          .activation("sigmoid")
                          .with(GEMMACT_X, {GEMMACT_F32})
                          .with(GEMMACT_W, {GEMMACT_F32})
                          .with(GEMMACT_BIAS, {GEMMACT_F32, GEMMACT_PER_COLUMN})
                          .with(GEMMACT_Y, {GEMMACT_F32});
  const gemmact::plan forward(cpu, neuron);
  const gemmact::workspace scratch(forward);
  const auto memory =
      gemmact::operands().bind(GEMMACT_X, x.data()).bind(GEMMACT_W, w).bind(GEMMACT_BIAS, &b).bind(GEMMACT_Y, y.data());
  forward.run(memory, scratch);

  // A sigmoid's derivative follows from its output, so what forward is to keep is Y itself.
  const auto through_sigmoid = gemmact::problem(GEMMACT_ACTIVATION_GRAD, points, 1, 2)
                                   .activation("sigmoid")
                                   .with(GEMMACT_DY, {GEMMACT_F32})
                                   .with(GEMMACT_KEPT, {GEMMACT_F32})
                                   .with(GEMMACT_DZ, {GEMMACT_F32});
  const gemmact::plan gradient(cpu, through_sigmoid);
  const gemmact::workspace gradient_scratch(gradient);
  const auto gradient_memory =
      gemmact::operands().bind(GEMMACT_DY, dy.data()).bind(GEMMACT_KEPT, y.data()).bind(GEMMACT_DZ, dz.data());

  const auto of_weights = gemmact::problem(GEMMACT_WEIGHT_GRAD, points, 1, 2)
                              .with(GEMMACT_X, {GEMMACT_F32})
                              .with(GEMMACT_DZ, {GEMMACT_F32})
                              .with(GEMMACT_DW, {GEMMACT_F32})
                              .with(GEMMACT_DBIAS, {GEMMACT_F32, GEMMACT_PER_COLUMN});
  const gemmact::plan weights(cpu, of_weights);
  const gemmact::workspace weights_scratch(weights);
  const auto weights_memory = gemmact::operands()
                                  .bind(GEMMACT_X, x.data())
                                  .bind(GEMMACT_DZ, dz.data())
                                  .bind(GEMMACT_DW, dw)
                                  .bind(GEMMACT_DBIAS, &db);

  std::puts("  step    loss  right");
  double first_loss = 0, loss = 0, right = 0;
  for (int64_t step = 0; step <= steps; ++step) {
    forward.run(memory, scratch);
    loss = right = 0;
    for (int64_t p = 0; p < points; ++p) {
      const float error = y[p] - target[p];
      dy[p] = error / points;
      loss += 0.5 * error * error / points;
      right += (y[p] > 0.5f) == (target[p] > 0.5f) ? 100.0 / points : 0;
    }
    if (step == 0) first_loss = loss;
    if (step % 20 == 0) std::printf("  %4lld  %.4f  %3.0f %%\n", (long long)step, loss, right);
    gradient.run(gradient_memory, gradient_scratch);
    weights.run(weights_memory, weights_scratch);
    for (int i = 0; i < 2; ++i) w[i] -= 10 * dw[i];
    b -= 10 * db;
  }
  std::puts("\nx is 0, o is 1, and where the neuron says 1 there are dots:\n");
  draw(cpu, w, b, x);
  const bool learnt = right > 95 && loss < first_loss / 4;
  std::puts(learnt ? "\nThe neuron has learnt the difference." : "\nWRONG: the neuron has not learnt the difference.");
  return learnt ? 0 : 1;
} catch (const gemmact::error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
