// Networks through the library: what one call keeps, the next reads.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/layer/equations.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/network.hpp"

namespace gemmact::test {
namespace {

constexpr number_kind f32;

// Where the device has the backward operations in f32.
class network_gradient : public ::testing::Test {
 protected:
  void SetUp() override {
    layer l = sized(GEMMACT_INPUT_GRAD, 3, 4, 5);
    for (const uint32_t slot : {GEMMACT_DZ, GEMMACT_W, GEMMACT_DX}) l.add(slot, GEMMACT_F32);
    if (!covered(device_under_test(), l)) GTEST_SKIP() << "the device has no kernel for it";
  }
};

TEST_F(network_gradient, the_whole_gradient_of_two_layers) {
  for (const activation_case& act : activation_cases()) {
    if (act.params != param_source::text || parse_use(act.text).f->name == "hinge") continue;
    for (const char* second : {"sigmoid", "linear", "gelu"}) {
      const network net(f32, act.text, second);
      const double_gradients want = in_double(net);
      EXPECT_EQ(outside(run_network(net), want), "") << act.text << ", " << second;
      EXPECT_LT(relative_bound(want), 0.01) << act.text << ", " << second;
    }
  }
}

TEST_F(network_gradient, the_whole_gradient_through_equations) {
  for (const function& f : equations()) {
    if (std::any_of(f.params.begin(), f.params.end(), [](const function_param& p) { return p.operand; })) continue;
    const network net(f32, f.name.c_str(), "1 / (1 + exp(-x))");
    const double_gradients want = in_double(net);
    EXPECT_EQ(outside(run_network(net), want), "") << f.name;
    EXPECT_LT(relative_bound(want), 0.01) << f.name;
  }
}

// A network in which hardly anything cancels, so that bounds stay close in types of few bits; some neurons are dead.
network of_one_sign(network net) {
  const auto bend = [](matrix& values, double scale, gemmact_type type) {
    for (double& v : values) v = round_to(type, std::fabs(v) * scale);
  };
  bend(net.x, 1, net.kind.type);
  bend(net.w1, 0.5, net.kind.type);
  bend(net.w2, 0.0625, net.kind.type);
  bend(net.dy, 1, net.kind.type);
  for (double& v : net.b1) v *= 2;
  return net;
}

constexpr number_kind kinds_of_tensor_cores[] = {{GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 16},
                                                 {GEMMACT_F16},
                                                 {GEMMACT_F32, GEMMACT_COMPUTE_TF32, 16},
                                                 {GEMMACT_F32, GEMMACT_COMPUTE_TF32, 16, true}};

constexpr const char* by_column = "f(x; beta[n]=1.5) = x / (1 + exp(-beta * x))";
constexpr const char* by_number = "f(x; beta=1.5) = x * sigmoid(beta * x)";

// A device may lack a type, but not a part of its network; of a network that is trained the emulated GPU has a sample.
bool multiplies(const number_kind& kind, bool trained = false) {
  layer probe = sized(GEMMACT_INPUT_GRAD, 3, 4, 5);
  probe.compute = kind.compute;
  probe.align_bytes = kind.align_bytes;
  probe.add(GEMMACT_DZ, kind.type);
  probe.add(GEMMACT_W, kind.type, {.order = kind.along_sums ? GEMMACT_COLUMN_MAJOR : GEMMACT_ROW_MAJOR});
  probe.below = trained ? by_column : "relu";
  probe.add(GEMMACT_BELOW | GEMMACT_KEPT, trained ? kind.type : GEMMACT_BIT);
  if (trained) probe.add(GEMMACT_DX, kind.type);
  if (trained) probe.add(GEMMACT_BELOW | GEMMACT_DPARAM, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  probe.add(GEMMACT_BELOW | GEMMACT_DZ, kind.type);
  probe.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
  return covered(device_under_test(), probe);
}

TEST(network, the_whole_gradient_in_the_types_of_tensor_cores) {
  for (const number_kind& kind : kinds_of_tensor_cores) {
    if (!multiplies(kind)) continue;
    for (const char* first : {"relu", "tanh", "swish", "prelu", "mish", "max(x, 0.1 * x)"}) {
      const network net = of_one_sign(network(kind, first, "sigmoid"));
      const double_gradients want = in_double(net);
      EXPECT_EQ(outside(run_network(net), want), "") << first << " in " << kind.text();
      EXPECT_LT(relative_bound(want), 0.1) << first << " in " << kind.text();
    }
  }
}

// Equations whose parameter is a tensor that is trained: one number of the one layer, one of each column of the other.
network trained_network(const number_kind& kind, bool first_by_column) {
  network net(kind, first_by_column ? by_column : by_number, first_by_column ? by_number : by_column);
  if (kind.type != GEMMACT_F32 || kind.compute != GEMMACT_COMPUTE_STRICT) net = of_one_sign(std::move(net));
  const auto each = [](int64_t count) {
    matrix values;
    for (int64_t j = 0; j < count; ++j) values.push_back(0.25 + double(j % 7) / 4);
    return values;
  };
  net.p1 = each(first_by_column ? net.hidden : 1);
  net.p2 = each(first_by_column ? 1 : net.outputs);
  return net;
}

TEST(network, the_whole_gradient_with_trained_parameters_of_equations) {
  std::vector<number_kind> kinds(std::begin(kinds_of_tensor_cores), std::end(kinds_of_tensor_cores));
  kinds.push_back(f32);
  for (const number_kind& kind : kinds) {
    if (!multiplies(kind, true)) continue;
    for (const bool first_by_column : {false, true}) {
      const network net = trained_network(kind, first_by_column);
      const double_gradients want = in_double(net);
      const gradients got = run_network(net);
      EXPECT_EQ(outside(got, want), "") << kind.text();
      EXPECT_LT(relative_bound(want), 0.1) << kind.text();
      EXPECT_EQ(got.dp1.size(), net.p1.size());
      EXPECT_EQ(got.dp2.size(), net.p2.size());
      for (const auto part : {&gradients::dp1, &gradients::dp2}) {
        gradients wrong = got;
        for (double& v : wrong.*part) v *= 1.1;
        EXPECT_NE(outside(wrong, want), "") << kind.text();
      }
    }
  }
}

TEST_F(network_gradient, of_another_function_or_a_little_off_is_outside_of_the_bounds) {
  const network net(f32, "swish", "sigmoid");
  const gradients got = run_network(net);
  EXPECT_EQ(outside(got, in_double(net)), "");
  EXPECT_NE(outside(got, in_double(network(f32, "gelu", "sigmoid"))), "");
  // A few per cent off, in each of the gradients.
  const network narrow = of_one_sign(network({GEMMACT_BF16}, "swish", "sigmoid"));
  const double_gradients want = in_double(narrow);
  const gradients right = run_network(narrow);
  EXPECT_EQ(outside(right, want), "");
  for (const auto part : {&gradients::dw1, &gradients::db1, &gradients::dw2, &gradients::db2, &gradients::dx}) {
    gradients wrong = right;
    for (double& v : wrong.*part) v *= 1.1;
    EXPECT_NE(outside(wrong, want), "");
  }
}

TEST_F(network_gradient, a_dead_relu_column_has_no_gradient) {
  network net(f32, "relu", "linear");
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
    const network net({GEMMACT_BF16, GEMMACT_COMPUTE_STRICT, 16}, activation, activation);
    const matrix hidden = forward(net, net.first, net.x, net.w1, net.b1)(GEMMACT_Y);
    EXPECT_EQ(forward(net, net.second, hidden, net.w2, net.b2)(GEMMACT_Y).size(), size_t(net.m * net.outputs));
  }
}

// What a layer of 29 x 48 leaves in memory beside its output.
struct stored_case {
  const char* activation;
  gemmact_combine combine = GEMMACT_PLAIN;
  gemmact_keep keep = GEMMACT_KEEP_AUTO;
  gemmact_keep form = GEMMACT_KEEP_NOTHING;  // what `keep` means
  int tensors = 1;                           // KEPT listed
};
constexpr stored_case stored_cases[] = {
    {"relu", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_BIT},
    {"prelu", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_BIT},
    {"sigmoid", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_OUTPUT},
    {"sigmoid", GEMMACT_PLAIN, GEMMACT_KEEP_OUTPUT, GEMMACT_KEEP_OUTPUT, 0},  // Y is what backward reads
    {"gelu", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_Z},
    {"linear(c=2)", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_NOTHING, 0},
    {"step", GEMMACT_PLAIN, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_NOTHING, 0},
    {"swish", GEMMACT_GATED, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_Z, 2},
    {"relu", GEMMACT_GATED, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_Z, 2},
    {"linear", GEMMACT_MAXOUT, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_INDEX},
};

layer stored_layer(const stored_case& c, gemmact_type type, int64_t pad, int64_t batch) {
  layer l = sized(GEMMACT_FORWARD, 29, 48, 24);
  l.combine = c.combine;
  l.pieces = c.combine == GEMMACT_MAXOUT ? 2 : 0;
  if (c.combine != GEMMACT_MAXOUT) l.activation = c.activation;
  l.keep = c.keep;
  l.batch = batch;
  if (type != GEMMACT_F32) l.align_bytes = 16;
  l.add(GEMMACT_X, type);
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p) l.add(GEMMACT_W, type, {.index = p});
  l.add(GEMMACT_Y, type, {.pad = pad});
  return l;
}

// Bytes that a run changes, whatever they held before.
size_t changed_bytes(layer l, size_t operand) {
  std::vector<bool> changed;
  for (const uint8_t poison : {0xFF, 0x00}) {
    l.poison = poison;
    layer_run run(device_under_test(), l);
    run.run();
    EXPECT_EQ(run.stray_write(), "") << l.text();
    const std::vector<bool> here = run.changed(operand);
    changed.resize(here.size());
    for (size_t i = 0; i < here.size(); ++i) changed[i] = changed[i] || here[i];
  }
  return size_t(std::count(changed.begin(), changed.end(), true));
}

// What gemmact_resolve_keep says of a layer, its plan and what is really written are the same, and no more than the function
// needs: a bit an element, its output or its z, a byte for a maxout's winner, or nothing.
void expect_stored(const stored_case& c, gemmact_type type, int64_t pad, int64_t batch) {
  layer l = stored_layer(c, type, pad, batch);
  SCOPED_TRACE(l.text());
  const problem_view asked(l);
  gemmact_keep form = GEMMACT_KEEP_AUTO;
  gemmact_type kept = GEMMACT_E4M3;
  ASSERT_EQ(gemmact_resolve_keep(&asked.problem, &form, &kept), GEMMACT_OK) << gemmact_last_error();
  EXPECT_EQ(form, c.form);
  EXPECT_EQ(kept, form == GEMMACT_KEEP_NOTHING ? gemmact_type{}
                  : form == GEMMACT_KEEP_BIT   ? GEMMACT_BIT
                  : form == GEMMACT_KEEP_INDEX ? GEMMACT_U8
                                               : type);
  for (int i = 0; i < c.tensors; ++i) l.add(GEMMACT_KEPT, kept, {.index = uint32_t(i), .pad = pad});
  if (!covered(device_under_test(), l)) return;
  fill_random(l, 1);

  const size_t row_bytes = kept == GEMMACT_BIT ? 8 : size_t(48 * element_bytes(kept == 0 ? type : kept));
  size_t listed = 0;
  for (size_t i = 0; i < l.operands.size(); ++i) {
    const operand& o = l.operands[i];
    if (o.spec.slot != GEMMACT_KEPT) continue;
    EXPECT_EQ(changed_bytes(l, i), size_t(29 * batch) * row_bytes);
    listed += kept == GEMMACT_BIT ? size_t(o.span_elems / 8) : size_t(o.span_elems * element_bytes(kept));
  }
  EXPECT_EQ(listed == size_t(29 * batch * c.tensors) * row_bytes, pad < 0 || listed == 0);
  const layer_run run(device_under_test(), l);
  EXPECT_EQ(run.info().kept_bytes, listed);
  EXPECT_EQ(run.info().keep, c.form);
  EXPECT_EQ(run.info().keep_type, kept);
}

TEST(network, a_chain_stores_what_its_plans_say) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_BF16})
    for (const stored_case& c : stored_cases) {
      expect_stored(c, type, -1, 1);
      expect_stored(c, type, 8, 3);
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
