// Identities between layers (docs/numerics.md), each through the library alone: no oracle takes part.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using matrix = std::vector<double>;  // row-major

matrix integers(int64_t count, uint64_t seed, int64_t most = 4) {
  random_source random(seed);
  matrix values;
  for (int64_t i = 0; i < count; ++i) values.push_back(double(random.between(-most, most)));
  return values;
}

layer forward(const char* activation, int64_t m, int64_t n, int64_t k) {
  layer l;
  l.activation = activation;
  l.m = m;
  l.n = n;
  l.k = k;
  l.add(GEMMACT_X, GEMMACT_F32);
  l.add(GEMMACT_W, GEMMACT_F32);
  l.add(GEMMACT_Y, GEMMACT_F32);
  return l;
}

// Y = f(X W^T), all dense.
matrix apply(const char* activation, const matrix& x, const matrix& w, int64_t m) {
  const int64_t k = std::ssize(x) / m;
  layer l;
  l.activation = activation;
  l.m = m;
  l.n = std::ssize(w) / k;
  l.k = k;
  l.add(GEMMACT_X, GEMMACT_F32).values = x;
  l.add(GEMMACT_W, GEMMACT_F32).values = w;
  l.add(GEMMACT_Y, GEMMACT_F32);
  return run_layer(l, GEMMACT_Y);
}

matrix transposed(const matrix& a, int64_t rows) {
  const int64_t cols = std::ssize(a) / rows;
  matrix t(a.size());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < cols; ++j) t[size_t(j * rows + i)] = a[size_t(i * cols + j)];
  return t;
}

double dot(const matrix& a, const matrix& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

constexpr int64_t m = 33, n = 65, k = 47;

TEST(identities, a_linear_network_collapses) {
  constexpr int64_t outputs = 21;
  const matrix x = integers(m * k, 1), w1 = integers(n * k, 2), w2 = integers(outputs * n, 3);
  // W = W2 W1, by the library itself: W1 transposed takes the place of the weights.
  const matrix w = apply("linear", w2, transposed(w1, n), outputs);
  EXPECT_EQ(apply("linear", apply("linear", x, w1, m), w2, m), apply("linear", x, w, m));

  const matrix rx = normal_values(m * k, 4), rw1 = normal_values(n * k, 5), rw2 = normal_values(outputs * n, 6);
  const matrix two = apply("linear", apply("linear", rx, rw1, m), rw2, m);
  const matrix one = apply("linear", rx, apply("linear", rw2, transposed(rw1, n), outputs), m);
  const auto magnitude = [](matrix a) {
    for (double& v : a) v = std::fabs(v);
    return a;
  };
  const matrix g = apply("linear", apply("linear", magnitude(rx), magnitude(rw1), m), magnitude(rw2), m);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_LE(std::fabs(one[i] - two[i]), 2 * (n + k + 6) * 0x1p-24 * g[i]);
}

// A maxout of two pieces, W_0 = a W_1 (a = 0: relu).
matrix maxout(double a, const matrix& x, const matrix& w, const matrix& bias) {
  layer l;
  l.combine = GEMMACT_MAXOUT;
  l.pieces = 2;
  l.m = m;
  l.n = n;
  l.k = k;
  l.add(GEMMACT_X, GEMMACT_F32).values = x;
  for (uint32_t p = 0; p < 2; ++p) {
    l.add(GEMMACT_W, GEMMACT_F32, {.index = p}).values = w;
    l.add(GEMMACT_BIAS, GEMMACT_F32, {.index = p, .extent = GEMMACT_PER_COLUMN}).values = bias;
  }
  for (double& v : l.get(GEMMACT_W).values) v *= a;
  for (double& v : l.get(GEMMACT_BIAS).values) v *= a;
  l.add(GEMMACT_Y, GEMMACT_F32);
  return run_layer(l, GEMMACT_Y);
}

TEST(identities, a_maxout_of_multiples_is_relu_or_leaky_relu) {
  const matrix x = normal_values(m * k, 1), w = normal_values(n * k, 2), bias = normal_values(n, 3);
  const struct {
    double a;
    const char* activation;
  } rows[] = {{0, "relu"}, {0.25, "leaky_relu(slope=0.25)"}, {-0.5, "leaky_relu(slope=-0.5)"}, {1, "linear"}};
  for (const auto& row : rows) {
    layer l = forward(row.activation, m, n, k);
    l.get(GEMMACT_X).values = x;
    l.get(GEMMACT_W).values = w;
    l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN}).values = bias;
    // == takes zeros of both signs for equal. A slope that is a power of two commutes with every rounding.
    EXPECT_EQ(run_layer(l, GEMMACT_Y), maxout(row.a, x, w, bias)) << row.activation;
  }
}

TEST(identities, relu_is_positively_homogeneous) {
  for (const double a : {0.0, 0.5, 4.0}) {
    layer inside = forward("relu", m, n, k);
    fill_random(inside, 1);
    layer outside = inside;
    inside.add(GEMMACT_ALPHA, GEMMACT_F32, {.extent = GEMMACT_SCALAR}).values = {a};
    outside.add(GEMMACT_SCALE_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR}).values = {a};
    EXPECT_EQ(run_layer(inside, GEMMACT_Y), run_layer(outside, GEMMACT_Y)) << a;
  }
}

TEST(identities, tanh_is_a_stretched_sigmoid) {
  layer t = forward("tanh", m, n, k);
  fill_random(t, 1);
  layer s = t;
  s.activation = "sigmoid";
  s.add(GEMMACT_ALPHA, GEMMACT_F32, {.extent = GEMMACT_SCALAR}).values = {2};
  const matrix tanh = run_layer(t, GEMMACT_Y), sigmoid = run_layer(s, GEMMACT_Y);
  for (size_t i = 0; i < tanh.size(); ++i) EXPECT_NEAR(tanh[i], 2 * sigmoid[i] - 1, 1e-5);
}

TEST(identities, the_two_classes_sum_to_one) {
  layer l = forward("sigmoid", m, n, k);
  l.add(GEMMACT_Y_OTHER, GEMMACT_F32);
  fill_random(l, 1);
  const matrix one = run_layer(l, GEMMACT_Y), other = run_layer(l, GEMMACT_Y_OTHER);
  for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i] + other[i], 1, 4 * 0x1p-23);
}

TEST(identities, a_gated_pair_is_the_product_of_two_layers) {
  layer pair = forward("swish", m, n, k);
  pair.combine = GEMMACT_GATED;
  pair.add(GEMMACT_W, GEMMACT_F32, {.index = 1});
  fill_random(pair, 1);
  const matrix y = run_layer(pair, GEMMACT_Y), x = pair.get(GEMMACT_X).values;
  const matrix gate = apply("swish", x, pair.get(GEMMACT_W, 0).values, m);
  const matrix value = apply("linear", x, pair.get(GEMMACT_W, 1).values, m);
  for (size_t i = 0; i < y.size(); ++i) EXPECT_EQ(float(y[i]), float(gate[i]) * float(value[i]));
}

// Row i of W1 behind row i of W0, in one matrix of n x 2k.
TEST(identities, a_gated_pair_of_interleaved_weights_is_that_of_two_matrices) {
  layer pair = forward("swish", m, n, k);
  pair.combine = GEMMACT_GATED;
  pair.add(GEMMACT_W, GEMMACT_F32, {.index = 1});
  fill_random(pair, 1);
  const matrix y = run_layer(pair, GEMMACT_Y);
  for (const uint32_t p : {0u, 1u}) pair.get(GEMMACT_W, p).spec.ld = 2 * k;
  const problem_view view(pair);
  gemmact_plan* plan = nullptr;
  test_device& device = device_under_test();
  ASSERT_EQ(gemmact_plan_create(device.context(), &view.problem, &plan), GEMMACT_OK) << gemmact_last_error();
  guarded_buffer x(device.memory(), m * k * 4, 0), w(device.memory(), 2 * n * k * 4, 0),
      out(device.memory(), m * n * 4, 0);
  const auto put = [](guarded_buffer& to, int64_t at, double v) {
    const float value = float(v);
    std::memcpy(to.before() + 4 * at, &value, 4);
  };
  for (int64_t i = 0; i < m * k; ++i) put(x, i, pair.get(GEMMACT_X).values[size_t(i)]);
  for (const uint32_t p : {0u, 1u})
    for (int64_t i = 0; i < n * k; ++i) put(w, (i / k * 2 + p) * k + i % k, pair.get(GEMMACT_W, p).values[size_t(i)]);
  for (guarded_buffer* buffer : {&x, &w, &out}) buffer->upload();
  const gemmact_binding bindings[] = {{GEMMACT_X, 0, x.device()},
                                      {GEMMACT_W, 0, w.device()},
                                      {GEMMACT_W, 1, static_cast<uint8_t*>(w.device()) + 4 * k},
                                      {GEMMACT_Y, 0, out.device()}};
  gemmact_operands operands{};
  operands.struct_bytes = sizeof operands, operands.binding_bytes = sizeof bindings[0];
  operands.bindings = bindings, operands.count = std::size(bindings);
  gemmact_plan_info info{};
  info.struct_bytes = sizeof info;
  ASSERT_EQ(gemmact_plan_get_info(plan, &info), GEMMACT_OK);
  guarded_buffer scratch(device.memory(), info.workspace_bytes, 256);
  void* workspace = info.workspace_bytes == 0 ? nullptr : scratch.device();
  operands.workspace_bytes = info.workspace_bytes;
  EXPECT_EQ(gemmact_workspace_init(plan, workspace, nullptr), GEMMACT_OK);
  EXPECT_EQ(gemmact_run(plan, &operands, workspace, nullptr), GEMMACT_OK) << gemmact_last_error();
  gemmact_plan_destroy(plan);
  out.download();
  for (int64_t i = 0; i < m * n; ++i) {
    float value = 0;
    std::memcpy(&value, out.after() + 4 * i, 4);
    EXPECT_EQ(value, float(y[size_t(i)])) << i;
  }
}

TEST(identities, hinge_is_relu_of_the_margin) {
  layer h = forward("hinge", m, n, k);
  h.add(GEMMACT_TARGET, GEMMACT_F32, {.extent = GEMMACT_PER_ROW});
  fill_integers(h, 1);
  layer r = forward("relu", m, n, k);
  r.get(GEMMACT_X).values = h.get(GEMMACT_X).values;
  r.get(GEMMACT_W).values = h.get(GEMMACT_W).values;
  r.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_SCALAR}).values = {1};
  operand& scale = r.add(GEMMACT_SCALE_X, GEMMACT_F32, {.extent = GEMMACT_PER_ROW});
  scale.values = h.get(GEMMACT_TARGET).values;
  for (double& v : scale.values) v = -v;
  EXPECT_EQ(run_layer(h, GEMMACT_Y), run_layer(r, GEMMACT_Y));
}

TEST(identities, about_half_of_normal_pre_activations_are_zeroed_by_relu) {
  const matrix y = apply("relu", normal_values(64 * k, 1), normal_values(256 * k, 2), 64);
  const double zeroed = double(std::count(y.begin(), y.end(), 0.0)) / double(y.size());
  EXPECT_NEAR(zeroed, 0.5, 0.05);
}

// dX and dW are the adjoints of the forward product: <dX, U> = <dZ, U W^T> and <dW, V> = <dZ, X V^T>. Exact in integers.
TEST(identities, backward_is_the_adjoint_of_forward) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16}) {
    const matrix x = integers(m * k, 1), w = integers(n * k, 2), dz = integers(m * n, 3);
    const matrix u = integers(m * k, 4), v = integers(n * k, 5);
    layer d;
    d.operation = GEMMACT_INPUT_GRAD;
    d.m = m;
    d.n = n;
    d.k = k;
    d.add(GEMMACT_DZ, type).values = dz;
    d.add(GEMMACT_W, type).values = w;
    d.add(GEMMACT_DX, GEMMACT_F32);
    layer g;
    g.operation = GEMMACT_WEIGHT_GRAD;
    g.m = m;
    g.n = n;
    g.k = k;
    g.add(GEMMACT_DZ, type).values = dz;
    g.add(GEMMACT_X, type).values = x;
    g.add(GEMMACT_DW, GEMMACT_F32);
    EXPECT_EQ(dot(run_layer(d, GEMMACT_DX), u), dot(dz, apply("linear", u, w, m)));
    EXPECT_EQ(dot(run_layer(g, GEMMACT_DW), v), dot(dz, apply("linear", x, v, m)));
  }
}

TEST(identities, a_sum_over_the_batch_is_the_sum_of_its_entries) {
  layer all;
  all.operation = GEMMACT_WEIGHT_GRAD;
  all.m = 17;
  all.n = 19;
  all.k = 23;
  all.batch = 4;
  all.add(GEMMACT_DZ, GEMMACT_F32);
  all.add(GEMMACT_X, GEMMACT_F32);
  layer each = all;
  all.add(GEMMACT_DW, GEMMACT_F32, {.batched = false});
  all.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  each.add(GEMMACT_DW, GEMMACT_F32);
  each.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  fill_integers(all, 1);
  fill_integers(each, 1);
  for (const uint32_t slot : {GEMMACT_DW, GEMMACT_DBIAS}) {
    const matrix sum = run_layer(all, slot), entries = run_layer(each, slot);
    for (size_t i = 0; i < sum.size(); ++i) {
      double total = 0;
      for (size_t b = 0; b < 4; ++b) total += entries[b * sum.size() + i];
      EXPECT_EQ(sum[i], total);
    }
  }
}

}  // namespace
}  // namespace gemmact::test
