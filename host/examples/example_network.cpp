// Networks of two and three layers, s = W2 max(0, W1 x) and s = W3 max(0, W2 max(0, W1 x)): forward, backward, and every
// number held against double precision with a bound that follows from the lengths of the sums.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

#include "host/examples/one_run.hpp"

using examples::one_run;

namespace {

// A matrix in f32 as the library has it, and in double with a bound on how far the two may be apart.
struct matrix {
  int64_t rows, cols;
  std::vector<float> f32;
  std::vector<double> exact, bound;

  matrix(int64_t height, int64_t width)
      : rows(height), cols(width), f32(rows * cols, NAN), exact(rows * cols), bound(rows * cols) {}
};

matrix random_matrix(int64_t rows, int64_t cols, double scale, std::mt19937& bits) {
  matrix a(rows, cols);
  for (size_t i = 0; i < a.f32.size(); ++i) a.exact[i] = a.f32[i] = float(scale * (bits() * 0x1p-31 - 1));
  return a;
}

// In double: c = op(a) op(b), where a sum of K products of f32 numbers is off by at most K + 3 roundings of each.
void multiply(const matrix& a, bool a_transposed, const matrix& b, bool b_transposed, matrix& c) {
  const int64_t depth = a_transposed ? a.rows : a.cols;
  const double gamma = double(depth + 3) * 0x1p-24 / (1 - double(depth + 3) * 0x1p-24);
  for (int64_t i = 0; i < c.rows; ++i)
    for (int64_t j = 0; j < c.cols; ++j) {
      double sum = 0, bound = 0;
      for (int64_t p = 0; p < depth; ++p) {
        const size_t at_a = a_transposed ? p * a.cols + i : i * a.cols + p;
        const size_t at_b = b_transposed ? j * b.cols + p : p * b.cols + j;
        const double x = std::fabs(a.exact[at_a]), y = std::fabs(b.exact[at_b]), ex = a.bound[at_a], ey = b.bound[at_b];
        sum += a.exact[at_a] * b.exact[at_b];
        bound += gamma * (x + ex) * (y + ey) + ex * y + x * ey + ex * ey;
      }
      c.exact[i * c.cols + j] = sum;
      c.bound[i * c.cols + j] = bound;
    }
}

// The largest error over its bound; more than 1 is wrong.
double share_of_bound(const matrix& a) {
  double worst = 0;
  for (size_t i = 0; i < a.f32.size(); ++i) {
    const double error = std::fabs(double(a.f32[i]) - a.exact[i]);
    worst = error <= worst * a.bound[i] ? worst : error / a.bound[i];
  }
  return worst;
}

int report(const char* name, const matrix& a) {
  double largest = 0;
  for (double x : a.exact) largest = std::fmax(largest, std::fabs(x));
  const double share = share_of_bound(a);
  std::printf("  %-6s %4lld x %-4lld  %10.4g  %12.3f%s\n", name, (long long)a.rows, (long long)a.cols, largest, share,
              share <= 1 ? "" : "  WRONG");
  return share <= 1 ? 0 : 1;
}

struct layer {
  matrix w, y, dz, dw;
  std::vector<uint32_t> kept;  // one bit an element of y: which side of the kink z is on
  bool relu;
};

void forward(const gemmact::context& cpu, const matrix& x, layer& l) {
  const int64_t m = x.rows, n = l.w.rows, k = l.w.cols;
  const one_run step{GEMMACT_FORWARD, m, n, k, l.relu ? "relu" : "linear"};
  if (l.relu)
    step(cpu, {{GEMMACT_X, GEMMACT_F32, x.f32.data()},
               {GEMMACT_W, GEMMACT_F32, l.w.f32.data()},
               {GEMMACT_KEPT, GEMMACT_BIT, l.kept.data()},
               {GEMMACT_Y, GEMMACT_F32, l.y.f32.data()}});
  else
    step(cpu, {{GEMMACT_X, GEMMACT_F32, x.f32.data()},
               {GEMMACT_W, GEMMACT_F32, l.w.f32.data()},
               {GEMMACT_Y, GEMMACT_F32, l.y.f32.data()}});
  multiply(x, false, l.w, true, l.y);
}

// The gradient of l's weights, and through them that of the layer below, whose ReLU is part of the same kernel.
void backward(const gemmact::context& cpu, const matrix& x, layer& l, layer* below) {
  const int64_t m = x.rows, n = l.w.rows, k = l.w.cols;
  one_run{GEMMACT_WEIGHT_GRAD, m, n, k}(cpu, {{GEMMACT_X, GEMMACT_F32, x.f32.data()},
                                              {GEMMACT_DZ, GEMMACT_F32, l.dz.f32.data()},
                                              {GEMMACT_DW, GEMMACT_F32, l.dw.f32.data()}});
  multiply(l.dz, true, x, false, l.dw);
  if (below == nullptr) return;
  one_run{GEMMACT_INPUT_GRAD, m, n, k, nullptr, "relu"}(
      cpu, {{GEMMACT_DZ, GEMMACT_F32, l.dz.f32.data()},
            {GEMMACT_W, GEMMACT_F32, l.w.f32.data()},
            {GEMMACT_BELOW | GEMMACT_KEPT, GEMMACT_BIT, below->kept.data()},
            {GEMMACT_BELOW | GEMMACT_DZ, GEMMACT_F32, below->dz.f32.data()}});
  multiply(l.dz, false, l.w, false, below->dz);
  for (size_t i = 0; i < below->dz.exact.size(); ++i)
    if (below->y.exact[i] <= 0) below->dz.exact[i] = below->dz.bound[i] = 0;
}

int network(const gemmact::context& cpu, const char* formula, const std::vector<int64_t>& widths, unsigned seed) {
  constexpr int64_t m = 32;
  std::mt19937 bits(seed);
  const matrix x = random_matrix(m, widths[0], 1, bits);
  std::vector<layer> layers;
  for (size_t i = 1; i < widths.size(); ++i) {
    const int64_t n = widths[i], k = widths[i - 1];
    layers.push_back({random_matrix(n, k, std::sqrt(6.0 / double(k)), bits), matrix(m, n), matrix(m, n), matrix(n, k),
                      std::vector<uint32_t>(m * ((n + 31) / 32)), i + 1 < widths.size()});
  }

  int wrong = 0;
  std::printf("%s, %lld inputs of %lld\n", formula, (long long)m, (long long)widths[0]);
  std::puts("         size           largest  error / bound");
  for (size_t i = 0; i < layers.size(); ++i) {
    forward(cpu, i == 0 ? x : layers[i - 1].y, layers[i]);
    if (!layers[i].relu) continue;
    // Up to here y.exact is z. A z nearer to 0 than its bound could fall on the other side of the kink; here none does.
    for (size_t j = 0; j < layers[i].y.exact.size(); ++j)
      wrong += std::fabs(layers[i].y.exact[j]) <= layers[i].y.bound[j];
    int64_t zero = 0;
    for (double& z : layers[i].y.exact) z = z < 0 ? ++zero, 0.0 : z;
    std::printf("  ReLU made %.0f %% of layer %zu's outputs 0\n",
                100.0 * double(zero) / double(layers[i].y.exact.size()), i + 1);
  }
  layer& last = layers.back();
  wrong += report("s", last.y);
  last.dz = random_matrix(m, widths.back(), 1, bits);
  for (size_t i = layers.size(); i-- > 0;) {
    backward(cpu, i == 0 ? x : layers[i - 1].y, layers[i], i == 0 ? nullptr : &layers[i - 1]);
    const char name[] = {'d', 'W', char('1' + i), 0};
    wrong += report(name, layers[i].dw);
  }
  std::puts("");
  return wrong;
}

}  // namespace

int main() try {
  const gemmact::context cpu("cpu");
  int wrong = network(cpu, "s = W2 max(0, W1 x)", {96, 128, 10}, 2);
  wrong += network(cpu, "s = W3 max(0, W2 max(0, W1 x))", {96, 128, 64, 10}, 3);
  std::puts(wrong == 0 ? "Each number is within its bound of double precision." : "WRONG: see above.");
  return wrong != 0;
} catch (const gemmact::error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
