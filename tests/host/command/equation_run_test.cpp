// Equations as the functions of layers that the command runs, explains and draws.
#include <cmath>

#include "tests/host/command/run_fixture.hpp"

namespace gemmact::test {
namespace {

class equation_run : public run {
 protected:
  const std::string hinge = "f(x; scale=1, t) = scale * max(0, 1 - t * x)";
  const std::string leaky = "f(x; slope[n]=0.5) = x > 0 ? x : slope * x";
};

TEST_F(equation_run, operands_of_every_extent) {
  const array rows = whole_numbers({m, 1}, 5), columns = whole_numbers({n}, 6), each = whole_numbers({m, n}, 7);
  const array one = {{}, {2}};
  const array* all[] = {&rows, &columns, &each, &one};
  for (int extent = 0; extent < 4; ++extent) {
    write_array(path("t.npy"), *all[extent]);
    const auto target = [&](int64_t i, int64_t j) {
      return extent == 0 ? rows.at(i, 0) : extent == 1 ? columns.values[size_t(j)] : extent == 2 ? each.at(i, j) : 2.0;
    };
    const array zs = product_nt(x, w);
    const array expected = fill({m, n}, [&](int64_t i, int64_t j) { return relu(1 - target(i, j) * zs.at(i, j)); });
    for (const char* name : {"t=", ""}) {
      expect_success(forward({"--activation", hinge, "--operand", name + path("t.npy")}));
      expect_equal(read_array(path("y.npy")), expected, "extent " + std::to_string(extent));
    }
  }
}

TEST_F(equation_run, parameters_as_they_are_declared) {
  const array slopes = whole_numbers({n}, 8), zs = product_nt(x, w), dy = whole_numbers({m, n}, 9);
  write_array(path("slope.npy"), slopes);
  expect_success(forward(
      {"--activation", leaky, "--param", "slope=" + path("slope.npy"), "--train-params", "--kept", path("z.npy")}));
  expect_equal(
      read_array(path("y.npy")),
      fill({m, n}, [&](int64_t i,
                       int64_t j) { return zs.at(i, j) > 0 ? zs.at(i, j) : slopes.values[size_t(j)] * zs.at(i, j); }),
      "y");
  write_array(path("dy.npy"), dy);
  expect_success(backward("activation_grad", {"--activation", leaky, "--param", path("slope.npy"), "--train-params",
                                              "--kept", path("z.npy"), "--dy", path("dy.npy"), "--dz", path("dz.npy"),
                                              "--dparam", "slope=" + path("ds.npy")}));
  expect_equal(read_array(path("dz.npy")),
               fill({m, n}, [&](int64_t i,
                                int64_t j) { return dy.at(i, j) * (zs.at(i, j) > 0 ? 1 : slopes.values[size_t(j)]); }),
               "dz");
  expect_equal(read_array(path("ds.npy")),
               column_sums(fill(
                   {m, n}, [&](int64_t i, int64_t j) { return dy.at(i, j) * (zs.at(i, j) > 0 ? 0 : zs.at(i, j)); })),
               "dslope, one a column without being told so");
}

TEST_F(equation_run, an_operand_below) {
  const array dz = whole_numbers({m, n}, 10), t = whole_numbers({m, k}, 11);
  write_array(path("dz.npy"), dz);
  write_array(path("t.npy"), t);
  expect_success(backward("input_grad", {"--dz", path("dz.npy"), "--w", path("w.npy"), "--below", "f(x; t) = t * x",
                                         "--below-operand", path("t.npy"), "--below-dz", path("below.npy")}));
  const array dx = product_nn(dz, w);
  expect_equal(read_array(path("below.npy")),
               fill({m, k}, [&](int64_t i, int64_t j) { return dx.at(i, j) * t.at(i, j); }), "dZ below");
}

// As many rows as columns: a single dimension says nothing, and is not guessed. A bias' always means columns.
TEST_F(equation_run, a_square_layer_and_one_dimension) {
  const array wide = whole_numbers({n, k}, 1), line = whole_numbers({n}, 6);
  const array row = {{1, n}, line.values}, column = {{n, 1}, line.values};
  write_array(path("x.npy"), wide);
  write_array(path("t.npy"), line);
  const words given = {"--activation", hinge, "--operand", path("t.npy")};
  expect_failure(forward(given), 1, "that may be one a row, saved as (37, 1), or one a column, saved as (1, 37)");
  const array zs = product_nt(wide, w);
  for (const bool by_row : {true, false}) {
    write_array(path("t.npy"), by_row ? column : row);
    expect_success(forward(given));
    const auto hinged = [&](int64_t i, int64_t j) {
      return relu(1 - line.values[size_t(by_row ? i : j)] * zs.at(i, j));
    };
    expect_equal(read_array(path("y.npy")), fill({n, n}, hinged), by_row ? "one a row" : "one a column");
  }
  write_array(path("t.npy"), line);
  expect_success(forward({"--activation", "linear", "--bias", path("t.npy")}));
  expect_equal(read_array(path("y.npy")),
               fill({n, n}, [&](int64_t i, int64_t j) { return zs.at(i, j) + line.values[size_t(j)]; }), "bias");
  write_array(path("dz.npy"), whole_numbers({k, n}, 10));
  write_array(path("t.npy"), whole_numbers({k}, 11));
  expect_failure(backward("input_grad", {"--dz", path("dz.npy"), "--w", path("w.npy"), "--below", "f(x; t) = t * x",
                                         "--below-operand", path("t.npy"), "--below-dz", path("below.npy")}),
                 1, "may be one a row");
}

TEST_F(equation_run, what_does_not_fit) {
  write_array(path("t.npy"), whole_numbers({m, 1}, 5));
  expect_failure(forward({"--activation", "relu", "--operand", path("t.npy")}), 2,
                 "--operand is given, but relu is no equation");
  expect_failure(forward({"--activation", "hinge", "--operand", path("t.npy")}), 2, "its targets are --target");
  expect_failure(forward({"--activation", hinge, "--operand", "u=" + path("t.npy")}), 2, "which is no operand of f");
  expect_failure(forward({"--activation", hinge, "--operand", "scale=" + path("t.npy")}), 2,
                 "which is no operand of f");
  expect_failure(forward({"--activation", hinge, "--param", "t=" + path("t.npy")}), 2, "which is no parameter of f");
  expect_failure(forward({"--activation", leaky, "--operand", path("t.npy")}), 2, "f has no operands");
  expect_failure(forward({"--activation", "f(x; t, u) = t * u", "--operand", path("t.npy")}), 2,
                 "f has several operands");
  expect_failure(forward({"--activation", "x^3", "--operand", path("t.npy")}), 2, "the equation has no operands");
  expect_failure(forward({"--activation", hinge}), 2, "OPERAND");
  write_array(path("t.npy"), whole_numbers({m}, 5));
  for (const char* option : {"--operand", "--bias"})
    expect_failure(forward({"--activation", hinge, option, path("t.npy")}), 1,
                   "has shape (5,); it must be one of (37,) or (1, 37), (5, 1), () or (1,), (5, 37)");
  expect_failure(forward({"--activation", leaky, "--param", path("t.npy")}), 1, "it must be one of (37,) or (1, 37)");
  write_array(path("one.npy"), {{}, {1}});
  expect_failure(forward({"--activation", leaky, "--param", path("one.npy")}), 1, "it must be one of (37,) or (1, 37)");
}

TEST_F(equation_run, other_commands_take_equations) {
  const words sizes{"explain", "--m", "64", "--n", "256", "--k", "512"};
  const auto explained = [&](words more) {
    more.insert(more.begin(), sizes.begin(), sizes.end());
    const outcome result = run_command(more);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  };
  EXPECT_NE(explained({"--activation", hinge}).find("OPERAND[1]"), std::string::npos);
  const std::string below = explained({"--operation", "input_grad", "--below", "f(x; t) = t * x^2"});
  EXPECT_NE(below.find("BELOW|OPERAND"), below.npos);
  EXPECT_NE(below.find("\nEquation of the layer below: f(x; t) = t * x^2\n"), below.npos) << below;
  EXPECT_NE(explained({"--operation", "activation_grad", "--activation", leaky, "--dparam"}).find("DPARAM"),
            std::string::npos);
  EXPECT_EQ(explained({"--activation", "hinge"}).find("OPERAND"), std::string::npos);
  expect_success({"plot", "x * 2", hinge, "--out", path("f.svg")});
  EXPECT_EQ(run_command({"list", "x * exp(x)"}).status, 0);
}

}  // namespace
}  // namespace gemmact::test
