#include "tests/layer/network.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/layer/compare.hpp"
#include "tests/layer/fill.hpp"

namespace gemmact::test {

checked_run::checked_run(layer l) : layer_(std::move(l)), run_(device_under_test(), layer_) {
  run_.run();
  EXPECT_EQ(run_.stray_write(), "") << layer_.text();
  EXPECT_EQ(compare(layer_, run_, expect(layer_, with_precision_of({}, layer_, run_.info().family))).first, "")
      << layer_.text();
}

layer sized(gemmact_operation operation, int64_t m, int64_t n, int64_t k) {
  layer l;
  l.operation = operation;
  l.m = m;
  l.n = n;
  l.k = k;
  return l;
}

gemmact_type automatic_type(const char* activation, gemmact_type type, bool trained) {
  const gemmact_keep needs = trained ? GEMMACT_KEEP_Z : parse_use(activation).f->needs;
  return needs == GEMMACT_KEEP_NOTHING ? gemmact_type{} : needs == GEMMACT_KEEP_BIT ? GEMMACT_BIT : type;
}

std::string number_kind::text() const {
  return std::string(compute == GEMMACT_COMPUTE_TF32 ? "tf32" : type_name(type)) +
         (along_sums ? " along the sums" : "");
}

double number_kind::stored() const { return type == GEMMACT_BF16 ? 0x1p-9 : type == GEMMACT_F16 ? 0x1p-11 : unit_f32; }
double number_kind::factor() const { return compute == GEMMACT_COMPUTE_TF32 ? 0x1p-11 : 0; }
double number_kind::unit() const {
  return type == GEMMACT_F32 && compute == GEMMACT_COMPUTE_STRICT ? unit_f32 : 0x1p-23;
}

network::network(const number_kind& k, const char* f1, const char* f2)
    : kind(k),
      first(f1),
      second(f2),
      x(normal_values(m * inputs, 1, k.type)),
      w1(normal_values(hidden * inputs, 2, k.type, 0.3)),
      b1(normal_values(hidden, 3, GEMMACT_F32)),
      w2(normal_values(outputs * hidden, 4, k.type, 0.3)),
      b2(normal_values(outputs, 5, GEMMACT_F32)),
      dy(normal_values(m * outputs, 6, k.type)) {}

namespace {

layer part_of(const network& net, gemmact_operation operation, int64_t n, int64_t k) {
  layer l = sized(operation, net.m, n, k);
  l.compute = net.kind.compute;
  l.align_bytes = net.kind.align_bytes;
  return l;
}

// A factor of backward's product whose sums go along its columns.
listing down(const network& net) { return {.order = net.kind.along_sums ? GEMMACT_COLUMN_MAJOR : GEMMACT_ROW_MAJOR}; }

gemmact_extent extent_of(const matrix& param) { return param.size() == 1 ? GEMMACT_SCALAR : GEMMACT_PER_COLUMN; }

void add_param(layer& l, uint32_t side, const matrix& param) {
  if (!param.empty()) l.add(side | GEMMACT_PARAM, GEMMACT_F32, {.extent = extent_of(param)}).values = param;
}

// What backward reads and writes of a layer's function, the layer's own or the one's below.
void add_gradients(layer& l, uint32_t side, gemmact_type type, const matrix& param, const checked_run& forward,
                   const char* activation) {
  if (const gemmact_type kept = automatic_type(activation, type, !param.empty()); kept != 0)
    l.add(side | GEMMACT_KEPT, kept).values = forward(GEMMACT_KEPT);
  l.add(side | GEMMACT_DZ, type);
  l.add(side | GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  add_param(l, side, param);
  if (!param.empty()) l.add(side | GEMMACT_DPARAM, GEMMACT_F32, {.extent = extent_of(param)});
}

matrix weight_gradient(const network& net, const matrix& dz, const matrix& x) {
  layer l = part_of(net, GEMMACT_WEIGHT_GRAD, std::ssize(dz) / net.m, std::ssize(x) / net.m);
  l.add(GEMMACT_DZ, net.kind.type, down(net)).values = dz;
  l.add(GEMMACT_X, net.kind.type, down(net)).values = x;
  l.add(GEMMACT_DW, GEMMACT_F32);
  return checked_run(std::move(l))(GEMMACT_DW);
}

// Its DZ, and whatever it has of the layer below.
layer input_gradient(const network& net, const matrix& dz, const matrix& w) {
  layer l = part_of(net, GEMMACT_INPUT_GRAD, std::ssize(dz) / net.m, std::ssize(w) * net.m / std::ssize(dz));
  l.add(GEMMACT_DZ, net.kind.type).values = dz;
  l.add(GEMMACT_W, net.kind.type, down(net)).values = w;
  return l;
}

}  // namespace

checked_run forward(const network& net, const char* activation, const matrix& x, const matrix& w, const matrix& bias,
                    const matrix& param) {
  const gemmact_type type = net.kind.type;
  layer l = part_of(net, GEMMACT_FORWARD, std::ssize(bias), std::ssize(x) / net.m);
  l.activation = activation;
  l.add(GEMMACT_X, type).values = x;
  l.add(GEMMACT_W, type).values = w;
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN}).values = bias;
  l.add(GEMMACT_Y, type);
  add_param(l, 0, param);
  if (!param.empty()) l.flags |= GEMMACT_TRAIN_PARAMS;
  if (const gemmact_type kept = automatic_type(activation, type, !param.empty()); kept != 0) l.add(GEMMACT_KEPT, kept);
  return checked_run(std::move(l));
}

gradients run_network(const network& net) {
  const gemmact_type type = net.kind.type;
  const checked_run one = forward(net, net.first, net.x, net.w1, net.b1, net.p1);
  const matrix a1 = one(GEMMACT_Y);
  const checked_run two = forward(net, net.second, a1, net.w2, net.b2, net.p2);
  gradients g;

  layer top = part_of(net, GEMMACT_ACTIVATION_GRAD, net.outputs, net.hidden);
  top.compute = GEMMACT_COMPUTE_STRICT;
  top.activation = net.second;
  top.add(GEMMACT_DY, type).values = net.dy;
  add_gradients(top, 0, type, net.p2, two, net.second);
  const checked_run top_run(std::move(top));
  const matrix dz2 = top_run(GEMMACT_DZ);
  g.db2 = top_run(GEMMACT_DBIAS);
  if (!net.p2.empty()) g.dp2 = top_run(GEMMACT_DPARAM);
  g.dw2 = weight_gradient(net, dz2, a1);

  layer middle = input_gradient(net, dz2, net.w2);
  middle.below = net.first;
  add_gradients(middle, GEMMACT_BELOW, type, net.p1, one, net.first);
  if (!net.p1.empty()) middle.add(GEMMACT_DX, type);  // itself, beside what becomes of it
  const checked_run middle_run(std::move(middle));
  const matrix dz1 = middle_run(GEMMACT_BELOW | GEMMACT_DZ);
  g.db1 = middle_run(GEMMACT_BELOW | GEMMACT_DBIAS);
  if (!net.p1.empty()) g.dp1 = middle_run(GEMMACT_BELOW | GEMMACT_DPARAM);
  g.dw1 = weight_gradient(net, dz1, net.x);

  layer last = input_gradient(net, dz1, net.w1);
  last.add(GEMMACT_DX, type);
  g.dx = checked_run(std::move(last))(GEMMACT_DX);
  return g;
}

namespace {

numbers exact(const matrix& values) {
  numbers all;
  for (const double v : values) all.push_back({v, 0});
  return all;
}

numbers transposed(const numbers& a, int64_t rows) {
  const size_t r = size_t(rows), cols = a.size() / r;
  numbers t(a.size());
  for (size_t i = 0; i < a.size(); ++i) t[i % cols * r + i / cols] = a[i];
  return t;
}

// In a kind's precision.
class arithmetic {
 public:
  explicit arithmetic(const number_kind& kind) : kind_(kind) {
    if (!device_under_test().refuses_nothing()) function_.function_error = 1e-6;  // with_precision_of
  }

  // a (rows x depth) times b (cols x depth) transposed, plus a bias, if there is one.
  numbers product_of(const numbers& a, const numbers& b, int64_t rows, const matrix& bias) const {
    const size_t r = size_t(rows), depth = a.size() / r, cols = b.size() / depth;
    numbers z(r * cols);
    for (size_t i = 0; i < r; ++i)
      for (size_t j = 0; j < cols; ++j) {
        approximate sum{bias.empty() ? 0 : bias[j], 0};
        double magnitude = std::fabs(sum.value);
        for (size_t l = 0; l < depth; ++l) {
          const approximate term =
              product(off(a[i * depth + l], kind_.factor()), off(b[j * depth + l], kind_.factor()), 0);
          sum = {sum.value + term.value, sum.error + term.error};
          magnitude += std::fabs(term.value);
        }
        sum.error += gamma(double(depth) + 3, kind_.unit()) * magnitude;
        z[i * cols + j] = sum;
      }
    return z;
  }

  numbers column_sums(const numbers& a, int64_t rows) const {
    numbers sums(a.size() / size_t(rows));
    std::vector<double> magnitude(sums.size());
    for (size_t i = 0; i < a.size(); ++i) {
      approximate& sum = sums[i % sums.size()];
      sum = {sum.value + a[i].value, sum.error + a[i].error};
      magnitude[i % sums.size()] += std::fabs(a[i].value);
    }
    for (size_t j = 0; j < sums.size(); ++j) sums[j].error += gamma(double(rows) + 3, 0x1p-23) * magnitude[j];
    return sums;
  }

  numbers value(const char* activation, const matrix& param, const numbers& z) const {
    const layer l = described(activation, param);
    const bound_function f(l, false, function_);
    numbers y;
    for (size_t i = 0; i < z.size(); ++i)
      y.push_back(off(f.value(z[i].value, z[i].error, f.at(0, 0, column(l, i))), kind_.stored()));
    return y;
  }

  // f' from what is kept, which is z as it is stored, the output, or whether f' is the one or the other of its two values.
  numbers gradient(const char* activation, const matrix& param, const numbers& z) const {
    const layer l = described(activation, param);
    const bound_function bound(l, false, function_);
    const reference::row& f = *bound.f().reference;
    const gemmact_keep form = param.empty() ? bound.f().needs : GEMMACT_KEEP_Z;
    numbers all;
    for (size_t i = 0; i < z.size(); ++i) {
      const approximate a = form == GEMMACT_KEEP_Z ? off(z[i], kind_.stored()) : z[i];
      const bound_function::here p = bound.at(0, 0, column(l, i));
      const double v = f.grad(a.value, p.values), curvature = f.curvature(p.values);
      const auto by_z = [&](double at) { return f.grad(at, p.values); };
      // From the output sigmoid and tanh lose accuracy where they are flat.
      const double own = bound.f().grad_error(a.value, p.values, false) + function_.function_error * std::fabs(v) +
                         (form == GEMMACT_KEEP_OUTPUT ? from_output_error(f, a.value, p.values) : 0) + 8 * unit_f32;
      all.push_back({v, 2 * sides(by_z, a) + (std::isfinite(curvature) ? curvature * a.error : 0) + own});
    }
    return all;
  }

  // df/dp of the first parameter, which needs z.
  numbers param_gradient(const char* activation, const matrix& param, const numbers& z) const {
    const layer l = described(activation, param);
    const bound_function bound(l, false, function_);
    numbers all;
    for (size_t i = 0; i < z.size(); ++i) {
      const approximate a = off(z[i], kind_.stored());
      const bound_function::here p = bound.at(0, 0, column(l, i));
      const approximate v = bound.param_grad(0, a.value, p);
      const auto by_z = [&](double at) { return bound.f().reference->param_grad(0, at, p.values); };
      all.push_back({v.value, 2 * sides(by_z, a) + v.error + function_.function_error * std::fabs(v.value)});
    }
    return all;
  }

  numbers times(const numbers& a, const numbers& b) const {
    numbers c;
    for (size_t i = 0; i < a.size(); ++i) c.push_back(off(product(a[i], b[i], unit_f32), kind_.stored()));
    return c;
  }

  numbers as_stored(numbers all) const {
    for (approximate& a : all) a = off(a, kind_.stored());
    return all;
  }

 private:
  static layer described(const char* activation, const matrix& param) {
    layer l;
    l.activation = activation;
    l.n = std::max<int64_t>(1, std::ssize(param));
    add_param(l, 0, param);
    return l;
  }
  static int64_t column(const layer& l, size_t i) { return int64_t(i) % l.n; }
  // How far a curve goes within the error of its argument.
  template <class Curve>
  static double sides(const Curve& curve, approximate a) {
    const double v = curve(a.value);
    return std::max(std::fabs(curve(a.value + a.error) - v), std::fabs(curve(a.value - a.error) - v));
  }
  // Of f' from an output that is rounded as it is stored.
  double from_output_error(const reference::row& f, double z, const double* params) const {
    const double y = f.value(z, params), by = kind_.stored() + function_.function_error,
                 v = f.grad_from_output(y, params);
    return std::max(std::fabs(f.grad_from_output(y * (1 + by), params) - v),
                    std::fabs(f.grad_from_output(y * (1 - by), params) - v));
  }
  // Below its normal numbers f16 is no better than half of its smallest one.
  approximate off(approximate a, double by) const {
    const double least = kind_.type == GEMMACT_F16 && by == kind_.stored() ? 0x1p-25 : 0;
    return {a.value, a.error + by * (std::fabs(a.value) + a.error) + least};
  }
  number_kind kind_;
  oracle_options function_;
};

}  // namespace

double_gradients in_double(const network& net) {
  const arithmetic d(net.kind);
  const numbers x = exact(net.x), w1 = exact(net.w1), w2 = exact(net.w2), dy = exact(net.dy);
  const numbers z1 = d.product_of(x, w1, net.m, net.b1), a1 = d.value(net.first, net.p1, z1);
  const numbers z2 = d.product_of(a1, w2, net.m, net.b2);
  const numbers dz2 = d.times(dy, d.gradient(net.second, net.p2, z2));
  const numbers da1 = d.product_of(dz2, transposed(w2, net.outputs), net.m, {});
  const numbers dz1 = d.times(da1, d.gradient(net.first, net.p1, z1));
  const auto weights = [&](const numbers& dz, const numbers& in) {
    return d.product_of(transposed(dz, net.m), transposed(in, net.m), std::ssize(dz) / net.m, {});
  };
  const auto params = [&](const char* activation, const matrix& param, const numbers& z, const numbers& from) {
    if (param.empty()) return numbers{};
    const numbers each = d.times(from, d.param_gradient(activation, param, z));
    return d.column_sums(each, param.size() == 1 ? std::ssize(each) : net.m);
  };
  return {weights(dz1, x),
          d.column_sums(dz1, net.m),
          weights(dz2, a1),
          d.column_sums(dz2, net.m),
          d.as_stored(d.product_of(dz1, transposed(w1, net.hidden), net.m, {})),
          params(net.first, net.p1, z1, da1),
          params(net.second, net.p2, z2, dy)};
}

namespace {

struct pair_of_results {
  const char* name;
  const matrix gradients::*got;
  const numbers double_gradients::*want;
};
constexpr pair_of_results results[] = {
    {"dW2", &gradients::dw2, &double_gradients::dw2}, {"db2", &gradients::db2, &double_gradients::db2},
    {"dW1", &gradients::dw1, &double_gradients::dw1}, {"db1", &gradients::db1, &double_gradients::db1},
    {"dp2", &gradients::dp2, &double_gradients::dp2}, {"dp1", &gradients::dp1, &double_gradients::dp1},
    {"dX", &gradients::dx, &double_gradients::dx}};

}  // namespace

std::string outside(const gradients& got, const double_gradients& want) {
  for (const pair_of_results& result : results) {
    const matrix& values = got.*result.got;
    const numbers& right = want.*result.want;
    if (values.size() != right.size()) return fmt::format("{} has {} numbers", result.name, values.size());
    for (size_t i = 0; i < values.size(); ++i)
      if (!(std::fabs(values[i] - right[i].value) <= right[i].error + unit_f32 * std::fabs(right[i].value)))
        return fmt::format("{} {}: {:.9g} instead of {:.9g} +- {:.3g}", result.name, i, values[i], right[i].value,
                           right[i].error);
  }
  return "";
}

double relative_bound(const double_gradients& want) {
  double error = 0, magnitude = 0;
  for (const pair_of_results& result : results)
    for (const approximate& a : want.*result.want) {
      error += a.error;
      magnitude += std::fabs(a.value);
    }
  return error / magnitude;
}

}  // namespace gemmact::test
