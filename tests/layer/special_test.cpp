// NaN, infinities, zeros, subnormals and the largest numbers in every operand, at edges of tiles, forward and backward:
// every element, affected or not, must be what the written conventions say.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "tests/layer/compare.hpp"
#include "tests/layer/equations.hpp"
#include "tests/layer/fill.hpp"
#include "tests/layer/tile_cases.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

std::vector<double> special_values(gemmact_type type) {
  const number_format& f = format_of(type);
  const double normal = std::ldexp(1.0, f.least_exponent), subnormal = std::ldexp(normal, -f.mantissa_bits);
  std::vector<double> values;
  values.reserve(16);
  for (const double v : {nan, 0.0, subnormal, normal - subnormal, normal, f.largest}) {
    values.push_back(v);
    values.push_back(-v);
  }
  values.push_back(f.largest - spacing(type, f.largest));
  if (f.has_infinity) values.push_back(inf);
  if (f.has_infinity) values.push_back(-inf);
  return values;
}

// Where f32 overflows depends on the order of the factors.
bool is_factor(const operand& o) {
  switch (o.spec.slot) {
    case GEMMACT_ALPHA:
    case GEMMACT_BETA:
    case GEMMACT_SCALE_X:
    case GEMMACT_SCALE_W:
    case GEMMACT_SCALE_Y:
      return true;
    default:
      return false;
  }
}

// Targets and parameters keep values that have a meaning.
bool takes_specials(const operand& o) {
  if (o.output || o.spec.type == GEMMACT_BIT || o.spec.type == GEMMACT_U8) return false;
  const uint32_t slot = o.spec.slot & ~uint32_t(GEMMACT_BELOW);
  return slot != GEMMACT_TARGET && slot != GEMMACT_PARAM;
}

// Sizes about the edges of vectors and panels, one batch entry, nothing that scales.
factor_row special_row(gemmact_operation operation, uint64_t seed) {
  factor_row row = random_row(operation, seed);
  row.set("m", size_factor(17));
  row.set("n", size_factor(65));
  if (operation != GEMMACT_ACTIVATION_GRAD) row.set("k", size_factor(33));
  row.set("batch", 0);
  row.set("flags", 0);
  if (operation == GEMMACT_FORWARD) row.set("scales", int(seed % 2) * 4);
  if (operation != GEMMACT_WEIGHT_GRAD) row.set("accuracy", GEMMACT_ACCURATE);
  return row;
}

int64_t edge(int64_t size, random_source& random) {
  constexpr int64_t edges[] = {0, 7, 8, 15, 16, 31, 32, 63, 64};
  const int64_t at = edges[random.below(std::ssize(edges))];
  return at < size ? at : size - 1;
}

void cross(gemmact_operation operation) {
  uint64_t index = 0;
  int failures = 0;
  const uint64_t activations = operation == GEMMACT_WEIGHT_GRAD ? 3 : activation_cases().size();
  for (uint64_t number = 0; number < case_count(2 * activations); ++number) {
    const int a = int(number / 2 % activations);
    factor_row row = special_row(operation, mix(number));
    if (operation != GEMMACT_WEIGHT_GRAD) row.set("activation", a);
    row.set("combine", number % 2 == 0 ? GEMMACT_PLAIN : a % 3);
    layer l = make_case(operation, row, mix(index));
    l.poison = 0xA5;  // outputs that must be NaN must have been written
    fill_integers(l, index);
    for (operand& o : l.operands) {
      if (!takes_specials(o)) continue;
      for (const double v : special_values(o.spec.type)) {
        if (is_factor(o) && std::isfinite(v) && std::fabs(v) > 0x1p100) continue;
        if (!case_selected(++index) || failures >= 10) continue;
        random_source random(index);
        const size_t at = o.place(0, edge(o.rows, random), edge(o.cols, random));
        const double before = o.values[at];
        o.values[at] = v;
        // A tiny value among larger ones is rounded away somewhere: bounds.
        const bool tiny = v != 0 && std::fabs(v) < 0x1p-8;
        const std::string failure = check_layer(device_under_test(), l, {.exact = !tiny, .refuse = false});
        o.values[at] = before;
        if (failure.empty()) continue;
        ++failures;
        ADD_FAILURE() << fmt::format("{} in {} at {}: ", v, o.name(), at) << failure << "\n  " << replay_line(index);
      }
    }
  }
}

TEST(special, forward) { cross(GEMMACT_FORWARD); }
TEST(special, activation_grad) { cross(GEMMACT_ACTIVATION_GRAD); }
TEST(special, input_grad) { cross(GEMMACT_INPUT_GRAD); }
TEST(special, weight_grad) { cross(GEMMACT_WEIGHT_GRAD); }

// At the edges of the CPU device's tiles (256 rows, 384 columns, 512 deep), and past the last element of one.
TEST(special, edges_of_tiles) {
  constexpr int64_t sizes[][3] = {{257, 385, 33}, {257, 33, 513}, {9, 385, 513}};
  const auto edge_of = [](int64_t size, bool last) { return last ? size - 1 : size > 380 ? size - 2 : size / 2; };
  const struct {
    gemmact_operation operation;
    uint32_t left, right;
  } rows[] = {{GEMMACT_FORWARD, GEMMACT_X, GEMMACT_W},
              {GEMMACT_INPUT_GRAD, GEMMACT_DZ, GEMMACT_W},
              {GEMMACT_WEIGHT_GRAD, GEMMACT_DZ, GEMMACT_X}};
  for (const auto& row : rows)
    for (const auto& size : sizes) {
      layer l;
      l.operation = row.operation;
      l.m = size[0];
      l.n = size[1];
      l.k = size[2];
      l.poison = 0xA5;
      if (row.operation == GEMMACT_FORWARD) l.activation = "relu";
      l.add(row.left, GEMMACT_F32);
      l.add(row.right, GEMMACT_F32);
      if (row.operation == GEMMACT_FORWARD) l.add(GEMMACT_Y, GEMMACT_F32), l.add(GEMMACT_KEPT, GEMMACT_BIT);
      if (row.operation == GEMMACT_INPUT_GRAD) l.add(GEMMACT_DX, GEMMACT_F32);
      if (row.operation == GEMMACT_WEIGHT_GRAD) {
        l.add(GEMMACT_DW, GEMMACT_F32);
        l.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
      }
      fill_integers(l, 1);
      for (const uint32_t slot : {row.left, row.right})
        for (const bool last : {false, true}) {
          operand& o = l.get(slot);
          double& value = o.values[o.place(0, edge_of(o.rows, last), edge_of(o.cols, last))];
          const double before = std::exchange(value, last ? nan : -inf);
          EXPECT_EQ(check_layer(device_under_test(), l, {.exact = true}), "");
          value = before;
        }
    }
}

// Sums of one term are exact whatever it is.
constexpr oracle_options lone{.exact = true, .exact_below = HUGE_VAL};

// Of two rows, where the function compares with something.
void add_targets(layer& l) {
  const function& f = *parse_use(l.activation).f;
  for (size_t p = 0; p < f.params.size(); ++p)
    if (f.params[p].operand)
      l.add(f.is_equation ? GEMMACT_OPERAND : GEMMACT_TARGET, GEMMACT_F32,
            {.index = uint32_t(p), .extent = GEMMACT_PER_ROW})
          .values = {1, -1};
}

// z, as a bias added to a product that is 0, goes over every function at once.
TEST(special, every_function_at_every_special_z) {
  std::vector<activation_case> cases = activation_cases();
  for (const function& f : equations()) cases.push_back({f.name.c_str()});
  for (const activation_case& act : cases) {
    std::vector<double> zs = special_values(GEMMACT_F32);
    for (const double v : {1e19, 88.8, 104.0, 150.0, 20.0, 9.1, 1e-9, 3.0, 6.0, 1.0})
      for (const double sign : {1.0, -1.0}) zs.push_back(round_to(GEMMACT_F32, sign * v));
    layer l;
    l.m = 2;
    l.n = int64_t(zs.size());
    l.activation = act.text;
    l.poison = 0xA5;
    l.add(GEMMACT_X, GEMMACT_F32);
    l.add(GEMMACT_W, GEMMACT_F32);
    l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN}).values = zs;
    l.add(GEMMACT_Y, GEMMACT_F32);
    add_targets(l);
    // The product is +0, so that a bias of -0 comes out as +0; C would do the same: z = -0 has the backward alone.
    EXPECT_EQ(check_layer(device_under_test(), l, lone), "");

    layer g;
    g.operation = GEMMACT_ACTIVATION_GRAD;
    g.keep = GEMMACT_KEEP_Z;
    g.m = 2;
    g.n = l.n;
    g.activation = act.text;
    g.poison = 0xA5;
    operand& dy = g.add(GEMMACT_DY, GEMMACT_F32);
    operand& z = g.add(GEMMACT_KEPT, GEMMACT_F32);
    g.add(GEMMACT_DZ, GEMMACT_F32);
    add_targets(g);
    for (const double upstream : {1.0, -2.0, inf, nan, 0.0}) {
      for (int64_t j = 0; j < g.n; ++j)
        for (int64_t i = 0; i < 2; ++i) {
          z.values[z.place(0, i, j)] = zs[size_t(j)];
          dy.values[dy.place(0, i, j)] = upstream;
        }
      EXPECT_EQ(check_layer(device_under_test(), g, lone), "") << "dY = " << upstream;
    }
  }
}

// On both sides of where each type rounds to its largest, to infinity, and (e4m3) saturates.
TEST(special, overflow_of_the_output_types) {
  const struct {
    gemmact_type type;
    double limit;  // the least that no longer rounds to the largest
  } rows[] = {{GEMMACT_F16, 65520}, {GEMMACT_BF16, 0x1.ffp127}, {GEMMACT_E4M3, 464}, {GEMMACT_E4M3, 448}};
  for (const auto& row : rows) {
    const float limit = float(row.limit);
    std::vector<double> zs;
    for (const float v :
         {std::nextafter(limit, 0.0f), limit, std::nextafter(limit, std::numeric_limits<float>::infinity())})
      for (const double sign : {1.0, -1.0}) zs.push_back(sign * double(v));
    for (const double v : {inf, -inf, nan}) zs.push_back(v);
    for (const gemmact_order order : {GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR}) {
      layer l;
      l.m = 3;
      l.n = int64_t(zs.size());
      l.poison = 0xA5;
      l.add(GEMMACT_X, GEMMACT_F32);
      l.add(GEMMACT_W, GEMMACT_F32);
      l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN}).values = zs;
      l.add(GEMMACT_Y, row.type, {.order = order});
      EXPECT_EQ(check_layer(device_under_test(), l, lone), "") << type_name(row.type);

      layer g;
      g.operation = GEMMACT_ACTIVATION_GRAD;
      g.n = l.n;
      g.poison = 0xA5;
      g.add(GEMMACT_DY, GEMMACT_F32).values = zs;
      g.add(GEMMACT_DZ, row.type, {.order = order});
      EXPECT_EQ(check_layer(device_under_test(), g, lone), "") << type_name(row.type);
    }
  }
}

// Subnormal and other special operands where nothing is beside them: every product and sum is exact.
TEST(special, operands_alone) {
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3}) {
    const std::vector<double> values = special_values(type);
    layer f;
    f.m = std::ssize(values);
    f.n = 3;
    f.poison = 0xA5;
    f.add(GEMMACT_X, type).values = values;
    f.add(GEMMACT_W, type).values = {1, -2, 4};
    f.add(GEMMACT_Y, GEMMACT_F32);
    EXPECT_EQ(check_layer(device_under_test(), f, lone), "") << type_name(type);

    layer d;
    d.operation = GEMMACT_INPUT_GRAD;
    d.m = f.m;
    d.k = 3;
    d.poison = 0xA5;
    d.add(GEMMACT_DZ, type).values = values;
    d.add(GEMMACT_W, type).values = {1, -2, 4};
    d.add(GEMMACT_DX, GEMMACT_F32);
    EXPECT_EQ(check_layer(device_under_test(), d, lone), "") << type_name(type);

    layer w;
    w.operation = GEMMACT_WEIGHT_GRAD;
    w.n = f.m;
    w.k = 3;
    w.poison = 0xA5;
    w.add(GEMMACT_DZ, type).values = values;
    w.add(GEMMACT_X, type).values = {1, -2, 4};
    w.add(GEMMACT_DW, GEMMACT_F32);
    w.add(GEMMACT_DBIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN});
    EXPECT_EQ(check_layer(device_under_test(), w, lone), "") << type_name(type);
  }
}

// At the edges of a GPU's tiles. Of X and W, whose specials reach a whole row or column of Y.
TEST(special, tiles_of_tensor_cores) {
  int failures = 0;
  for (uint64_t index = 0; index < tile_case_count() && failures < 10; ++index) {
    if (!case_selected(index)) continue;
    const forced_tile tile(index);
    layer l = make_tile_case(index);
    l.poison = 0xA5;
    fill_integers(l, index);
    random_source random(index);
    operand& o = l.get(random.below(2) == 0 ? GEMMACT_X : GEMMACT_W);
    const std::vector<double> values = special_values(o.spec.type);
    const double v = values[size_t(random.below(std::ssize(values)))];
    o.values[o.place(0, edge(o.rows, random), edge(o.cols, random))] = v;
    const bool tiny = v != 0 && std::fabs(v) < 0x1p-8;
    const std::string failure = check_layer(device_under_test(), l, {.exact = !tiny, .refuse = false});
    if (failure.empty()) continue;
    ++failures;
    ADD_FAILURE() << fmt::format("{} in {}: ", v, o.name()) << failure << "\n  " << replay_line(index);
  }
}

// Ties and NaN in a maxout: all pieces equal, two equal largest ones, one and two NaN.
TEST(special, winners_of_a_maxout) {
  const std::vector<std::vector<double>> pieces = {{1, 5, 5, nan, 1, nan, -inf, 0.0, inf, 2},
                                                   {1, 5, 2, 7, nan, nan, -inf, -0.0, inf, 3},
                                                   {1, 5, 5, 7, nan, 3, -inf, 0.0, nan, 3}};
  const std::vector<double> winners = {0, 0, 0, 0, 1, 0, 0, 0, 2, 1};
  layer l;
  l.combine = GEMMACT_MAXOUT;
  l.pieces = 3;
  l.n = int64_t(winners.size());
  l.add(GEMMACT_X, GEMMACT_F32);
  for (uint32_t p = 0; p < 3; ++p) {
    l.add(GEMMACT_W, GEMMACT_F32, {.index = p});
    l.add(GEMMACT_BIAS, GEMMACT_F32, {.index = p, .extent = GEMMACT_PER_COLUMN}).values = pieces[p];
  }
  l.add(GEMMACT_Y, GEMMACT_F32);
  l.add(GEMMACT_KEPT, GEMMACT_U8);
  if (!covered(device_under_test(), l)) GTEST_SKIP() << "the device has no kernel for it";
  layer_run run(device_under_test(), l);
  run.run();
  EXPECT_EQ(run.stray_write(), "");
  EXPECT_EQ(run.values(GEMMACT_KEPT), winners);
  const std::vector<double> y = run.values(GEMMACT_Y);
  for (size_t j = 0; j < y.size(); ++j) {
    const double right = pieces[size_t(winners[j])][j];
    EXPECT_TRUE(std::isnan(right) ? std::isnan(y[j]) : y[j] == right) << j;
  }
}

// The last one.
TEST(special, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
