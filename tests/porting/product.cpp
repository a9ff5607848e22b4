#include "tests/porting/product.hpp"

#include <cmath>
#include <limits>

namespace gemmact::porting {
namespace {

constexpr double steepness = 0.79788456080286535588, cubic = 0.044715;  // sqrt(2 / pi)

double gelu(double x) { return 0.5 * x * (1 + std::tanh(steepness * (x + cubic * x * x * x))); }

double gelu_grad(double x) {
  const double t = std::tanh(steepness * (x + cubic * x * x * x));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * steepness * (1 + 3 * cubic * x * x);
}

struct meaning {
  explicit meaning(const std::string& name) {
    const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
    gradient = has("_DRELU") || has("_DGELU");
    relu = has("RELU");
    gelu = has("GELU");
    bias = has("_BIAS");
    grad_of_d = has("_BGRAD") && gradient;
    grad_of_a = has("_BGRADA");
    grad_of_b = has("_BGRADB");
  }
  bool gradient, relu, gelu, bias, grad_of_d, grad_of_a, grad_of_b;

  double value(double z) const { return relu ? std::fmax(z, 0) : gelu ? porting::gelu(z) : z; }
  double grad(double z) const { return relu ? (z > 0 ? 1 : 0) : gelu_grad(z); }
};

double op(const matrix& x, bool transposed, int64_t i, int64_t j, int64_t entry) {
  return transposed ? x.at(j, i, entry) : x.at(i, j, entry);
}

}  // namespace

matrix::matrix(int64_t height, int64_t width, int64_t leading, int64_t entries)
    : rows(height),
      cols(width),
      ld(leading),
      batch(entries),
      values(size_t(leading * width * entries) + slack, std::numeric_limits<float>::quiet_NaN()) {}

bool matrix::padding_is_untouched() const {
  for (size_t i = 0; i < values.size(); ++i)
    if ((int64_t(i) >= stride() * batch || int64_t(i) % ld >= rows) && !std::isnan(values[i])) return false;
  return true;
}

result product(const std::string& epilogue, const call& c) {
  const meaning means(epilogue);
  const int64_t M = c.transa ? c.a.cols : c.a.rows, K = c.transa ? c.a.rows : c.a.cols;
  const int64_t N = c.transb ? c.b.rows : c.b.cols, batch = c.a.batch;
  result r{matrix(M, N, M, batch), matrix(M, N, M, batch), {}};
  for (int64_t e = 0; e < batch; ++e) {
    std::vector<double> grad(size_t(means.grad_of_b ? N : means.grad_of_a || means.grad_of_d ? M : 0));
    for (int64_t j = 0; j < N; ++j)
      for (int64_t i = 0; i < M; ++i) {
        double z = means.bias ? c.bias[size_t(i)] : 0;
        for (int64_t k = 0; k < K; ++k)
          z += op(c.a, c.transa, i, k, e) * op(c.b, c.transb, k, j, c.b.batch > 1 ? e : 0);
        const double d = means.gradient ? z * means.grad(c.aux->at(i, j, e)) : means.value(z);
        r.z.at(i, j, e) = float(z);
        r.d.at(i, j, e) = float(d);
        if (means.grad_of_d) grad[size_t(i)] += d;
      }
    for (int64_t k = 0; k < K && !means.grad_of_d; ++k)
      for (size_t i = 0; i < grad.size(); ++i)
        grad[i] += means.grad_of_a ? op(c.a, c.transa, int64_t(i), k, e)
                                   : op(c.b, c.transb, k, int64_t(i), c.b.batch > 1 ? e : 0);
    for (const double one : grad) r.bias_grad.push_back(float(one));
  }
  return r;
}

}  // namespace gemmact::porting
