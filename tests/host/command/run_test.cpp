// `gemmact run` against plain double loops.
#include <fmt/format.h>

#include <cmath>

#include "tests/host/command/run_fixture.hpp"

namespace gemmact::test {
namespace {

TEST_F(run, forward) {
  expect_success(forward({"--bias", path("b.npy"), "--activation", "relu"}));
  expect_equal(read_array(path("y.npy")), map(z, relu), "y");
  EXPECT_EQ(files(), (words{"b.npy", "w.npy", "x.npy", "y.npy"}));
  expect_success(forward({}));
  expect_equal(read_array(path("y.npy")), product_nt(x, w), "no bias, linear");
  expect_success(forward({"--activation", "sigmoid", "--y-other", path("o.npy")}));
  expect_equal(read_array(path("y.npy")), map(product_nt(x, w), [](double v) { return 1 / (1 + std::exp(-v)); }), "y",
               1e-6);
  expect_equal(read_array(path("o.npy")), map(product_nt(x, w), [](double v) { return 1 / (1 + std::exp(v)); }),
               "other", 1e-6);
}

TEST_F(run, every_type_and_order) {
  struct row {
    gemmact_type type, result;
    bool void_bits;
  };
  for (const row& r : {row{GEMMACT_F32, GEMMACT_F32, false}, row{GEMMACT_F16, GEMMACT_F16, false},
                       row{GEMMACT_BF16, GEMMACT_BF16, false}, row{GEMMACT_BF16, GEMMACT_F32, true},
                       row{GEMMACT_E4M3, GEMMACT_BF16, false}, row{GEMMACT_E4M3, GEMMACT_F16, true}}) {
    for (int variant = 0; variant < 8; ++variant) {
      const bool swapped = (variant & 4) != 0 && r.type != GEMMACT_E4M3 && !r.void_bits;
      write_array(path("x.npy"), x, {r.type, (variant & 1) != 0, swapped, r.void_bits});
      write_array(path("w.npy"), w, {r.type, (variant & 2) != 0, swapped, r.void_bits});
      const char* names[] = {"", "f32", "f16", "bf16", "e4m3"};
      expect_success(
          forward({"--bias", path("b.npy"), "--activation", "leaky_relu(slope=0.5)", "--y-type", names[r.result]}));
      expect_equal(read_array(path("y.npy"), r.result), map(z, [](double v) { return v > 0 ? v : v / 2; }),
                   fmt::format("variant {}", variant));
    }
  }
}

TEST_F(run, bias_shapes) {
  struct row {
    std::vector<int64_t> shape;
    std::function<size_t(int64_t, int64_t)> place;
  };
  const std::vector<row> rows = {
      {{n}, [](int64_t, int64_t j) { return j; }},    {{1, n}, [](int64_t, int64_t j) { return j; }},
      {{m, 1}, [](int64_t i, int64_t) { return i; }}, {{}, [](int64_t, int64_t) { return 0; }},
      {{1}, [](int64_t, int64_t) { return 0; }},      {{m, n}, [](int64_t i, int64_t j) { return i * n + j; }}};
  for (const row& r : rows) {
    const array bias = whole_numbers(r.shape, 40 + r.shape.size(), 9);
    write_array(path("b.npy"), bias);
    expect_success(forward({"--bias", path("b.npy")}));
    const array expected =
        fill({m, n}, [&](int64_t i, int64_t j) { return product_nt(x, w).at(i, j) + bias.values[r.place(i, j)]; });
    expect_equal(read_array(path("y.npy")), expected, fmt::format("bias of {} dimensions", r.shape.size()));
  }
}

TEST_F(run, every_summand_and_factor) {
  const array c = whole_numbers({m, n}, 5), residual = whole_numbers({m, n}, 6);
  write_array(path("c.npy"), c);
  write_array(path("r.npy"), residual, {GEMMACT_F32, true});
  const array sx = map(whole_numbers({m}, 7), [](double v) { return v == 0 ? 1 : v; });
  const array sw = map(whole_numbers({n}, 8), [](double v) { return v == 0 ? 1 : v; });
  write_array(path("sx.npy"), sx);
  write_array(path("sw.npy"), sw);
  write_array(path("sy.npy"), {{}, {0.5}});
  expect_success(forward({"--bias", path("b.npy"), "--c", path("c.npy"), "--alpha", "2", "--beta=-3", "--residual",
                          path("r.npy"), "--scale-x", path("sx.npy"), "--scale-w", path("sw.npy"), "--scale-y",
                          path("sy.npy"), "--amax-y", path("amax.npy"), "--activation", "relu"}));
  double amax = 0;
  const array expected = fill({m, n}, [&](int64_t i, int64_t j) {
    const double p = product_nt(x, w).at(i, j) * sx.values[size_t(i)] * sw.values[size_t(j)];
    const double y = relu(2 * p + b.values[size_t(j)] - 3 * c.at(i, j)) + residual.at(i, j);
    amax = std::max(amax, std::abs(y));
    return y * 0.5;
  });
  expect_equal(read_array(path("y.npy")), expected, "y");
  expect_equal(read_array(path("amax.npy")), {{}, {amax}}, "amax");
}

TEST_F(run, batch_with_shared_weights) {
  const array xs = whole_numbers({3, m, k}, 9), bias = whole_numbers({3, 1, n}, 10);
  write_array(path("x.npy"), xs);
  write_array(path("b.npy"), bias);
  expect_success(forward({"--bias", path("b.npy"), "--activation", "relu", "--kept", path("kept.npy")}));
  const array y = read_array(path("y.npy")), kept = read_array(path("kept.npy"), GEMMACT_BIT);
  ASSERT_EQ(y.shape, (std::vector<int64_t>{3, m, n}));
  ASSERT_EQ(kept.shape, (std::vector<int64_t>{3, m, 2}));
  for (int64_t e = 0; e < 3; ++e) {
    const array one{{m, k}, {xs.values.begin() + e * m * k, xs.values.begin() + (e + 1) * m * k}};
    const array product = product_nt(one, w);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        const double v = product.at(i, j) + bias.values[size_t(e * n + j)];
        ASSERT_EQ(y.values[size_t((e * m + i) * n + j)], relu(v));
        ASSERT_EQ(uint32_t(kept.values[size_t((e * m + i) * 2 + j / 32)]) >> (j % 32) & 1u, v > 0 ? 1u : 0u);
      }
  }
}

// forward, activation_grad, input_grad and weight_grad of one layer, by files alone.
TEST_F(run, a_training_step) {
  const array dy = whole_numbers({m, n}, 11);
  write_array(path("dy.npy"), dy);
  expect_success(forward({"--bias", path("b.npy"), "--activation", "relu", "--kept", path("mask.npy")}));
  expect_success(backward("activation_grad", {"--activation", "relu", "--dy", path("dy.npy"), "--kept",
                                              path("mask.npy"), "--dz", path("dz.npy"), "--dbias", path("db.npy")}));
  const array dz = fill({m, n}, [&](int64_t i, int64_t j) { return z.at(i, j) > 0 ? dy.at(i, j) : 0; });
  expect_equal(read_array(path("dz.npy")), dz, "dz");
  expect_equal(read_array(path("db.npy")), column_sums(dz), "db");
  expect_success(backward("input_grad", {"--dz", path("dz.npy"), "--w", path("w.npy"), "--dx", path("dx.npy")}));
  expect_equal(read_array(path("dx.npy")), product_nn(dz, w), "dx");
  expect_success(backward("weight_grad", {"--dz", path("dz.npy"), "--x", path("x.npy"), "--dw", path("dw.npy"),
                                          "--dbias", path("db2.npy")}));
  expect_equal(read_array(path("dw.npy")), product_tn(dz, x), "dw");
  expect_equal(read_array(path("db2.npy")), column_sums(dz), "db of weight_grad");
  // Added to what is there: twice as much.
  expect_success(backward("weight_grad", {"--dz", path("dz.npy"), "--x", path("x.npy"), "--dw", path("dw.npy"),
                                          "--dbias", path("db2.npy"), "--accumulate"}));
  expect_equal(read_array(path("dw.npy")), map(product_tn(dz, x), [](double v) { return 2 * v; }), "accumulated dw");
  expect_equal(read_array(path("db2.npy")), map(column_sums(dz), [](double v) { return 2 * v; }), "accumulated db");
}

TEST_F(run, input_grad_with_the_layer_below) {
  const array dz = whole_numbers({m, n}, 12), below = whole_numbers({m, k}, 13);
  write_array(path("dz.npy"), dz);
  write_array(path("z.npy"), below);
  expect_success(backward(
      "input_grad", {"--dz", path("dz.npy"), "--w", path("w.npy"), "--below", "relu", "--keep-below", "z",
                     "--below-kept", path("z.npy"), "--below-dz", path("bdz.npy"), "--below-dbias", path("bdb.npy")}));
  const array dx = product_nn(dz, w);
  const array expected = fill({m, k}, [&](int64_t i, int64_t j) { return below.at(i, j) > 0 ? dx.at(i, j) : 0; });
  expect_equal(read_array(path("bdz.npy")), expected, "dz of the layer below");
  expect_equal(read_array(path("bdb.npy")), column_sums(expected), "db of the layer below");
}

TEST_F(run, gated_pair) {
  const array w1 = whole_numbers({n, k}, 14), dy = whole_numbers({m, n}, 15);
  write_array(path("w1.npy"), w1);
  write_array(path("dy.npy"), dy);
  expect_success(forward({"--w", path("w1.npy"), "--combine", "gated", "--activation", "relu", "--kept", path("z0.npy"),
                          "--kept", path("z1.npy")}));
  const array z0 = product_nt(x, w), z1 = product_nt(x, w1);
  expect_equal(read_array(path("y.npy")),
               fill({m, n}, [&](int64_t i, int64_t j) { return relu(z0.at(i, j)) * z1.at(i, j); }), "y");
  expect_equal(read_array(path("z0.npy")), z0, "z0");
  expect_equal(read_array(path("z1.npy")), z1, "z1");
  expect_success(backward(
      "activation_grad", {"--combine", "gated", "--activation", "relu", "--dy", path("dy.npy"), "--kept",
                          path("z0.npy"), "--kept", path("z1.npy"), "--dz", path("dz0.npy"), "--dz", path("dz1.npy")}));
  const array dz0 = fill({m, n}, [&](int64_t i, int64_t j) { return z0.at(i, j) > 0 ? dy.at(i, j) * z1.at(i, j) : 0; });
  const array dz1 = fill({m, n}, [&](int64_t i, int64_t j) { return dy.at(i, j) * relu(z0.at(i, j)); });
  expect_equal(read_array(path("dz0.npy")), dz0, "dz0");
  expect_equal(read_array(path("dz1.npy")), dz1, "dz1");
  expect_success(backward("input_grad", {"--combine", "gated", "--dz", path("dz0.npy"), "--dz", path("dz1.npy"), "--w",
                                         path("w.npy"), "--w", path("w1.npy"), "--dx", path("dx.npy")}));
  const array a = product_nn(dz0, w), c = product_nn(dz1, w1);
  expect_equal(read_array(path("dx.npy")), fill({m, k}, [&](int64_t i, int64_t j) { return a.at(i, j) + c.at(i, j); }),
               "dx");
}

TEST_F(run, maxout) {
  const array ws[] = {w, whole_numbers({n, k}, 16), whole_numbers({n, k}, 17)};
  const array dy = whole_numbers({m, n}, 18);
  for (int p = 1; p < 3; ++p) write_array(path(fmt::format("w{}.npy", p)), ws[p]);
  write_array(path("dy.npy"), dy);
  expect_success(
      forward({"--w", path("w1.npy"), "--w", path("w2.npy"), "--combine", "maxout", "--kept", path("winner.npy")}));
  const array zs[] = {product_nt(x, ws[0]), product_nt(x, ws[1]), product_nt(x, ws[2])};
  const array winner = fill({m, n}, [&](int64_t i, int64_t j) {
    int best = 0;
    for (int p = 1; p < 3; ++p)
      if (zs[p].at(i, j) > zs[best].at(i, j)) best = p;
    return best;
  });
  expect_equal(read_array(path("y.npy")),
               fill({m, n}, [&](int64_t i, int64_t j) { return zs[int(winner.at(i, j))].at(i, j); }), "y");
  const std::string stored = read_file(path("winner.npy"));
  for (int64_t i = 0; i < m * n; ++i)
    ASSERT_EQ(stored[stored.size() - size_t(m * n) + size_t(i)], char(winner.values[size_t(i)]));
  expect_success(backward(
      "weight_grad", {"--combine", "maxout", "--dy", path("dy.npy"), "--kept", path("winner.npy"), "--x", path("x.npy"),
                      "--dw", path("dw0.npy"), "--dw", path("dw1.npy"), "--dw", path("dw2.npy")}));
  for (int p = 0; p < 3; ++p) {
    const array dz = fill({m, n}, [&](int64_t i, int64_t j) { return winner.at(i, j) == p ? dy.at(i, j) : 0; });
    expect_equal(read_array(path(fmt::format("dw{}.npy", p))), product_tn(dz, x), fmt::format("dw {}", p));
  }
}

TEST_F(run, parameters_and_targets) {
  const array slope = map(whole_numbers({n}, 19), [](double v) { return v * 0.25; }), dy = whole_numbers({m, n}, 20);
  write_array(path("slope.npy"), slope);
  write_array(path("dy.npy"), dy);
  expect_success(forward({"--activation", "prelu", "--param", "slope=" + path("slope.npy"), "--train-params", "--kept",
                          path("z.npy"), "--bias", path("b.npy")}));
  expect_equal(
      read_array(path("y.npy")),
      fill({m, n},
           [&](int64_t i, int64_t j) { return z.at(i, j) > 0 ? z.at(i, j) : slope.values[size_t(j)] * z.at(i, j); }),
      "y");
  expect_equal(read_array(path("z.npy")), z, "z");
  expect_success(backward("activation_grad", {"--activation", "prelu", "--param", path("slope.npy"), "--dy",
                                              path("dy.npy"), "--kept", path("z.npy"), "--dz", path("dz.npy"),
                                              "--dparam", path("ds.npy"), "--dparam-extent", "per_column"}));
  expect_equal(
      read_array(path("ds.npy")),
      column_sums(fill({m, n}, [&](int64_t i, int64_t j) { return z.at(i, j) > 0 ? 0 : dy.at(i, j) * z.at(i, j); })),
      "dslope");
  const array t = map(whole_numbers({m}, 21), [](double v) { return v >= 0 ? 1 : -1; });
  write_array(path("t.npy"), t);
  expect_success(forward({"--activation", "hinge", "--target", path("t.npy")}));
  expect_equal(
      read_array(path("y.npy")),
      fill({m, n}, [&](int64_t i, int64_t j) { return relu(1 - t.values[size_t(i)] * product_nt(x, w).at(i, j)); }),
      "hinge");
}

TEST_F(run, sums_over_a_batch_or_for_each) {
  const array dz = whole_numbers({2, m, n}, 22), xs = whole_numbers({2, m, k}, 23);
  write_array(path("dz.npy"), dz);
  write_array(path("x.npy"), xs);
  array each[2];
  for (int64_t e = 0; e < 2; ++e)
    each[e] = product_tn({{m, n}, {dz.values.begin() + e * m * n, dz.values.begin() + (e + 1) * m * n}},
                         {{m, k}, {xs.values.begin() + e * m * k, xs.values.begin() + (e + 1) * m * k}});
  const words line = backward(
      "weight_grad", {"--dz", path("dz.npy"), "--x", path("x.npy"), "--dw", path("dw.npy"), "--dbias", path("db.npy")});
  expect_success(line);
  expect_equal(read_array(path("dw.npy")),
               fill({n, k}, [&](int64_t i, int64_t j) { return each[0].at(i, j) + each[1].at(i, j); }), "summed");
  words per = line;
  per.push_back("--per-batch");
  expect_success(per);
  array both{{2, n, k}, each[0].values};
  both.values.insert(both.values.end(), each[1].values.begin(), each[1].values.end());
  expect_equal(read_array(path("dw.npy")), both, "each");
  EXPECT_EQ(read_array(path("db.npy")).shape, (std::vector<int64_t>{2, 1, n}));
}

TEST_F(run, verbose_tells_what_ran) {
  const outcome result = run_command(forward({"--verbose"}));
  EXPECT_EQ(result.status, 0);
  for (const char* part : {"m 5, n 37, k 11", "cpu", "y.npy: f32 (5, 37)"})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
  EXPECT_EQ(run_command(forward({})).out, "");
}

}  // namespace
}  // namespace gemmact::test
