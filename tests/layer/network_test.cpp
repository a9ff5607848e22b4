// Networks through the library: what one call keeps, the next reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/layer/cases.hpp"
#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/oracle_parts.hpp"

namespace gemmact::test {
namespace {

using matrix = std::vector<double>;  // row-major

// Runs a layer whose every output is also checked against the oracle for the inputs it got.
class checked_run {
 public:
  explicit checked_run(layer l) : layer_(std::move(l)), run_(device_under_test(), layer_) {
    run_.run();
    EXPECT_EQ(run_.stray_write(), "") << layer_.text();
    EXPECT_EQ(compare(layer_, run_, expect(layer_, with_precision_of({}, layer_, run_.info().family))).first, "")
        << layer_.text();
  }
  matrix operator()(uint32_t slot, uint32_t index = 0) const { return run_.values(slot, index); }
  const gemmact_plan_info& info() const { return run_.info(); }

 private:
  layer layer_;
  layer_run run_;
};

layer sized(gemmact_operation operation, int64_t m, int64_t n, int64_t k) {
  layer l;
  l.operation = operation;
  l.m = m;
  l.n = n;
  l.k = k;
  return l;
}

// What AUTO keeps, as the type of KEPT; BIT, or a float type; 0: nothing.
gemmact_type automatic_type(const char* activation, gemmact_type type) {
  const gemmact_keep needs = parse_use(activation).f->needs;
  return needs == GEMMACT_KEEP_NOTHING ? gemmact_type{} : needs == GEMMACT_KEEP_BIT ? GEMMACT_BIT : type;
}

struct network {
  static constexpr int64_t m = 29, inputs = 23, hidden = 37, outputs = 11;
  gemmact_type type;
  const char* first;
  const char* second;
  matrix x, w1, b1, w2, b2, dy;

  network(gemmact_type t, const char* f1, const char* f2)
      : type(t),
        first(f1),
        second(f2),
        x(normal_values(m * inputs, 1, t)),
        w1(normal_values(hidden * inputs, 2, t, 0.3)),
        b1(normal_values(hidden, 3, GEMMACT_F32)),
        w2(normal_values(outputs * hidden, 4, t, 0.3)),
        b2(normal_values(outputs, 5, GEMMACT_F32)),
        dy(normal_values(m * outputs, 6, t)) {}
};

struct gradients {
  matrix dw1, db1, dw2, db2, dx;
};

checked_run forward(const network& net, const char* activation, const matrix& x, const matrix& w, const matrix& bias) {
  layer l = sized(GEMMACT_FORWARD, net.m, std::ssize(bias), std::ssize(x) / net.m);
  l.activation = activation;
  l.add(GEMMACT_X, net.type).values = x;
  l.add(GEMMACT_W, net.type).values = w;
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN}).values = bias;
  l.add(GEMMACT_Y, net.type);
  if (const gemmact_type kept = automatic_type(activation, net.type); kept != 0) l.add(GEMMACT_KEPT, kept);
  return checked_run(std::move(l));
}

matrix weight_gradient(const network& net, const matrix& dz, const matrix& x) {
  layer l = sized(GEMMACT_WEIGHT_GRAD, net.m, std::ssize(dz) / net.m, std::ssize(x) / net.m);
  l.add(GEMMACT_DZ, net.type).values = dz;
  l.add(GEMMACT_X, net.type).values = x;
  l.add(GEMMACT_DW, GEMMACT_F32);
  return checked_run(std::move(l))(GEMMACT_DW);
}

gradients run_network(const network& net) {
  const checked_run one = forward(net, net.first, net.x, net.w1, net.b1);
  const matrix a1 = one(GEMMACT_Y);
  const checked_run two = forward(net, net.second, a1, net.w2, net.b2);
  gradients g;

  layer top = sized(GEMMACT_ACTIVATION_GRAD, net.m, net.outputs, net.hidden);
  top.activation = net.second;
  top.add(GEMMACT_DY, net.type).values = net.dy;
  if (const gemmact_type kept = automatic_type(net.second, net.type); kept != 0)
    top.add(GEMMACT_KEPT, kept).values = two(GEMMACT_KEPT);
  top.add(GEMMACT_DZ, net.type);
  top.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  const checked_run top_run(std::move(top));
  const matrix dz2 = top_run(GEMMACT_DZ);
  g.db2 = top_run(GEMMACT_DBIAS);
  g.dw2 = weight_gradient(net, dz2, a1);

  layer down = sized(GEMMACT_INPUT_GRAD, net.m, net.outputs, net.hidden);
  down.below = net.first;
  down.add(GEMMACT_DZ, net.type).values = dz2;
  down.add(GEMMACT_W, net.type).values = net.w2;
  if (const gemmact_type kept = automatic_type(net.first, net.type); kept != 0)
    down.add(GEMMACT_BELOW | GEMMACT_KEPT, kept).values = one(GEMMACT_KEPT);
  down.add(GEMMACT_BELOW | GEMMACT_DZ, net.type);
  down.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  const checked_run down_run(std::move(down));
  const matrix dz1 = down_run(GEMMACT_BELOW | GEMMACT_DZ);
  g.db1 = down_run(GEMMACT_BELOW | GEMMACT_DBIAS);
  g.dw1 = weight_gradient(net, dz1, net.x);

  layer last = sized(GEMMACT_INPUT_GRAD, net.m, net.hidden, net.inputs);
  last.add(GEMMACT_DZ, net.type).values = dz1;
  last.add(GEMMACT_W, net.type).values = net.w1;
  last.add(GEMMACT_DX, net.type);
  g.dx = checked_run(std::move(last))(GEMMACT_DX);
  return g;
}

// The same network in double, each number with a bound on what f32 may have made of it.
class double_network {
 public:
  using numbers = std::vector<approximate>;
  static numbers exact(const matrix& values) {
    numbers all;
    for (const double v : values) all.push_back({v, 0});
    return all;
  }
  // a (rows x depth) times b (cols x depth) transposed, plus a bias, if there is one.
  static numbers product_of(const numbers& a, const numbers& b, int64_t rows, const matrix& bias) {
    const size_t r = size_t(rows), depth = a.size() / r, cols = b.size() / depth;
    numbers z(r * cols);
    for (size_t i = 0; i < r; ++i)
      for (size_t j = 0; j < cols; ++j) {
        approximate sum{bias.empty() ? 0 : bias[j], 0};
        double magnitude = std::fabs(sum.value);
        for (size_t l = 0; l < depth; ++l) {
          const approximate term = product(a[i * depth + l], b[j * depth + l], 0);
          sum = {sum.value + term.value, sum.error + term.error};
          magnitude += std::fabs(term.value);
        }
        sum.error += gamma(double(depth) + 3, unit_f32) * magnitude;
        z[i * cols + j] = sum;
      }
    return z;
  }
  static numbers transposed(const numbers& a, int64_t rows) {
    const size_t r = size_t(rows), cols = a.size() / r;
    numbers t(a.size());
    for (size_t i = 0; i < a.size(); ++i) t[i % cols * r + i / cols] = a[i];
    return t;
  }
  static numbers column_sums(const numbers& a, int64_t rows) {
    return product_of(exact(matrix(size_t(rows), 1.0)), transposed(a, rows), 1, {});
  }
  static numbers map(const char* activation, const numbers& z, bool derivative) {
    const function_use use = parse_use(activation);
    const reference::row& f = *use.f->reference;
    const auto value = derivative ? f.grad : f.value;
    numbers y;
    for (const approximate& a : z) {
      const double v = value(a.value, use.params);
      const double spread = std::max(std::fabs(value(a.value + a.error, use.params) - v),
                                     std::fabs(value(a.value - a.error, use.params) - v));
      // f' may have been taken from the output: sigmoid and tanh lose accuracy where they are flat.
      const double own = derivative ? use.f->grad_error(a.value, use.params, false) + 8 * unit_f32
                                    : use.f->value_error(a.value, v, use.params, false);
      y.push_back({v, 2 * spread + own});
    }
    return y;
  }
  static numbers times(const numbers& a, const numbers& b) {
    numbers c;
    for (size_t i = 0; i < a.size(); ++i) c.push_back(product(a[i], b[i], 2 * unit_f32));
    return c;
  }
};

void expect_within(const matrix& got, const double_network::numbers& want, const std::string& what) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_LE(std::fabs(got[i] - want[i].value), want[i].error + unit_f32 * std::fabs(want[i].value))
        << what << " " << i;
}

// Where the device has the backward operations.
class network_gradient : public ::testing::Test {
 protected:
  void SetUp() override {
    layer l = sized(GEMMACT_INPUT_GRAD, 3, 4, 5);
    for (const uint32_t slot : {GEMMACT_DZ, GEMMACT_W, GEMMACT_DX}) l.add(slot, GEMMACT_F32);
    if (!covered(device_under_test(), l)) GTEST_SKIP() << "the device has no kernel for it";
  }
};

TEST_F(network_gradient, the_whole_gradient_of_two_layers) {
  using d = double_network;
  for (const activation_case& act : activation_cases()) {
    if (act.params != param_source::text || parse_use(act.text).f->name == "hinge") continue;
    for (const char* second : {"sigmoid", "linear", "gelu"}) {
      const network net(GEMMACT_F32, act.text, second);
      const gradients g = run_network(net);
      const d::numbers x = d::exact(net.x), w1 = d::exact(net.w1), w2 = d::exact(net.w2);
      const d::numbers z1 = d::product_of(x, w1, net.m, net.b1), a1 = d::map(net.first, z1, false);
      const d::numbers z2 = d::product_of(a1, w2, net.m, net.b2);
      const d::numbers dz2 = d::times(d::exact(net.dy), d::map(second, z2, true));
      const d::numbers da1 = d::product_of(dz2, d::transposed(w2, net.outputs), net.m, {});
      const d::numbers dz1 = d::times(da1, d::map(net.first, z1, true));
      const auto weights = [&](const d::numbers& dz, const d::numbers& in) {
        return d::product_of(d::transposed(dz, net.m), d::transposed(in, net.m), std::ssize(dz) / net.m, {});
      };
      const std::string name = std::string(act.text) + ", " + second;
      expect_within(g.dw2, weights(dz2, a1), name + " dW2");
      expect_within(g.db2, d::column_sums(dz2, net.m), name + " db2");
      expect_within(g.dw1, weights(dz1, x), name + " dW1");
      expect_within(g.db1, d::column_sums(dz1, net.m), name + " db1");
      expect_within(g.dx, d::product_of(dz1, d::transposed(w1, net.hidden), net.m, {}), name + " dX");
    }
  }
}

// In 16 bits each call is held to the oracle for what it was given, which is what the one before stored.
TEST_F(network_gradient, sixteen_bit_layers) {
  for (const gemmact_type type : {GEMMACT_F16, GEMMACT_BF16})
    for (const char* first : {"relu", "tanh", "swish", "prelu", "mish"}) run_network(network(type, first, "sigmoid"));
}

// Beside weights and outputs a chain of layers has in memory what its plans say: a bit an element, its output or its z, or
// nothing, and backward reads no more (guards lie around each tensor).
TEST_F(network_gradient, a_chain_stores_what_its_plans_say) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16})
    for (const char* first : {"relu", "sigmoid", "gelu", "linear(c=2)", "step", "clip(lo=-1, hi=1)", "prelu"}) {
      const network net(type, first, "tanh");
      const checked_run run = forward(net, first, net.x, net.w1, net.b1);
      const gemmact_type kept = automatic_type(first, type);
      const int64_t row_bytes = kept == GEMMACT_BIT ? (net.hidden + 31) / 32 * 4
                                : kept == 0         ? 0
                                                    : net.hidden * element_bytes(kept);
      EXPECT_EQ(run.info().kept_bytes, size_t(net.m * row_bytes)) << first;
      run_network(net);
    }
}

TEST_F(network_gradient, a_dead_relu_column_has_no_gradient) {
  network net(GEMMACT_F32, "relu", "linear");
  net.b1[5] = -1e6;
  const gradients g = run_network(net);
  EXPECT_EQ(g.db1[5], 0);
  for (int64_t j = 0; j < net.inputs; ++j) EXPECT_EQ(g.dw1[size_t(5 * net.inputs + j)], 0) << j;
  network other = net;  // its weights have no share of dX
  for (int64_t j = 0; j < net.inputs; ++j) other.w1[size_t(5 * net.inputs + j)] *= -1;
  EXPECT_EQ(run_network(other).dx, g.dx);
}

TEST_F(network_gradient, one_positive_sample_gives_rows_of_dw_one_sign) {
  layer l = sized(GEMMACT_WEIGHT_GRAD, 1, 40, 50);
  l.add(GEMMACT_DZ, GEMMACT_F32);
  l.add(GEMMACT_X, GEMMACT_F32);
  l.add(GEMMACT_DW, GEMMACT_F32);
  fill_random(l, 1);
  for (double& v : l.get(GEMMACT_X).values) v = std::fabs(v) + 0.25;
  const matrix dw = run_layer(l, GEMMACT_DW);
  for (size_t i = 0; i < dw.size(); ++i) EXPECT_EQ(dw[i] > 0, l.get(GEMMACT_DZ).values[i / 50] > 0);
}

// r neurons y = sigmoid(w x + b) with z = 0 in each: the gradient is 0.25^r, in f16 0 from r = 13.
TEST_F(network_gradient, a_chain_of_sigmoid_neurons_vanishes) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16}) {
    double y = 0, gradient = 1;
    for (int r = 1; r <= 20; ++r) {
      layer f = sized(GEMMACT_FORWARD, 1, 1, 1);
      f.activation = "sigmoid";
      f.keep = GEMMACT_KEEP_Z;
      f.add(GEMMACT_X, type).values = {y};
      f.add(GEMMACT_W, type).values = {1};
      f.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_SCALAR}).values = {-y};
      f.add(GEMMACT_Y, type);
      f.add(GEMMACT_KEPT, type);
      const checked_run run(std::move(f));
      y = run(GEMMACT_Y)[0];
      ASSERT_EQ(y, 0.5);
      ASSERT_EQ(run(GEMMACT_KEPT)[0], 0);

      layer g = sized(GEMMACT_INPUT_GRAD, 1, 1, 1);  // as if it were the layer below the one before
      g.below = "sigmoid";
      g.keep_below = GEMMACT_KEEP_Z;
      g.add(GEMMACT_DZ, type).values = {gradient};
      g.add(GEMMACT_W, type).values = {1};
      g.add(GEMMACT_BELOW | GEMMACT_KEPT, type).values = {0};
      g.add(GEMMACT_BELOW | GEMMACT_DZ, type);
      gradient = checked_run(std::move(g))(GEMMACT_BELOW | GEMMACT_DZ)[0];
      EXPECT_EQ(gradient, type == GEMMACT_F16 && r >= 13 ? 0 : std::ldexp(1.0, -2 * r)) << r;
    }
  }
}

// Each layer reads what the one before has stored.
TEST(network, forward_in_bf16) {
  for (const char* activation : {"relu", "gelu", "swish", "tanh", "mish"}) {
    const network net(GEMMACT_BF16, activation, activation);
    const matrix hidden = forward(net, net.first, net.x, net.w1, net.b1)(GEMMACT_Y);
    EXPECT_EQ(forward(net, net.second, hidden, net.w2, net.b2)(GEMMACT_Y).size(), size_t(net.m * net.outputs));
  }
}

// keep OUTPUT with no KEPT listed: Y is what backward reads.
TEST(network, the_output_itself_serves_as_kept) {
  layer f = sized(GEMMACT_FORWARD, 31, 33, 17);
  f.activation = "tanh";
  f.keep = GEMMACT_KEEP_OUTPUT;
  f.add(GEMMACT_X, GEMMACT_F32);
  f.add(GEMMACT_W, GEMMACT_F32);
  f.add(GEMMACT_Y, GEMMACT_F32);
  if (!covered(device_under_test(), f)) GTEST_SKIP() << "the device has no kernel for it";
  layer kept = f;
  kept.add(GEMMACT_KEPT, GEMMACT_F32);
  fill_random(f, 1);
  fill_random(kept, 1);
  const checked_run run(std::move(f)), with_kept(std::move(kept));
  EXPECT_EQ(run.info().keep, GEMMACT_KEEP_OUTPUT);
  EXPECT_EQ(run.info().keep_type, GEMMACT_F32);
  EXPECT_EQ(run.info().kept_bytes, 0u);
  EXPECT_EQ(with_kept.info().kept_bytes, size_t(31 * 33 * 4));
  EXPECT_EQ(run(GEMMACT_Y), with_kept(GEMMACT_KEPT));
}

// The last one.
TEST(network, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
