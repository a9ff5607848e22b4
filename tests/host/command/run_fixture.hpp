// Whole numbers small enough to be exact in every type, plain double loops over them, and a folder with a layer's files.
#pragma once
#include <gtest/gtest.h>

#include <functional>

#include "tests/host/command/command_support.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {

using words = std::vector<std::string>;

inline array whole_numbers(std::vector<int64_t> shape, uint64_t seed, int64_t most = 3) {
  random_source random(seed);
  array a{std::move(shape), {}};
  int64_t count = 1;
  for (const int64_t d : a.shape) count *= d;
  for (int64_t i = 0; i < count; ++i) a.values.push_back(double(random.between(-most, most)));
  return a;
}

inline array fill(std::vector<int64_t> shape, const std::function<double(int64_t, int64_t)>& f) {
  array a{std::move(shape), {}};
  for (int64_t i = 0; i < a.shape[0]; ++i)
    for (int64_t j = 0; j < a.shape[1]; ++j) a.values.push_back(f(i, j));
  return a;
}

// a b^T, a b, a^T b.
inline array product_nt(const array& a, const array& b) {
  return fill({a.shape[0], b.shape[0]}, [&](int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t l = 0; l < a.shape[1]; ++l) sum += a.at(i, l) * b.at(j, l);
    return sum;
  });
}
inline array transposed(const array& a) {
  return fill({a.shape[1], a.shape[0]}, [&](int64_t i, int64_t j) { return a.at(j, i); });
}
inline array product_nn(const array& a, const array& b) { return product_nt(a, transposed(b)); }
inline array product_tn(const array& a, const array& b) { return product_nt(transposed(a), transposed(b)); }
inline array map(const array& a, const std::function<double(double)>& f) {
  array out = a;
  for (double& v : out.values) v = f(v);
  return out;
}
inline array column_sums(const array& a) {
  array sums{{a.shape[1]}, std::vector<double>(size_t(a.shape[1]))};
  for (int64_t i = 0; i < a.shape[0]; ++i)
    for (int64_t j = 0; j < a.shape[1]; ++j) sums.values[size_t(j)] += a.at(i, j);
  return sums;
}
inline double relu(double v) { return v > 0 ? v : 0; }

inline void expect_equal(const array& got, const array& expected, const std::string& what, double tolerance = 0) {
  ASSERT_EQ(got.shape, expected.shape) << what;
  for (size_t i = 0; i < got.values.size(); ++i)
    ASSERT_NEAR(got.values[i], expected.values[i], tolerance) << what << " at element " << i;
}

inline constexpr int64_t m = 5, n = 37, k = 11;

// A layer of m x n x k in files.
class run : public scratch_test {
 protected:
  void SetUp() override {
    scratch_test::SetUp();
    write_array(path("x.npy"), x);
    write_array(path("w.npy"), w);
    write_array(path("b.npy"), b);
  }
  // --x x.npy --w w.npy --y y.npy and more, names of files being those of this test's folder.
  words forward(const words& more) const {
    words line{"run", "--x", path("x.npy"), "--w", path("w.npy"), "--y", path("y.npy")};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }
  words backward(const std::string& operation, const words& more) const {
    words line{"run", "--operation", operation};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }
  array with_bias(const array& product) const {
    return fill(product.shape, [&](int64_t i, int64_t j) { return product.at(i, j) + b.values[size_t(j)]; });
  }

  const array x = whole_numbers({m, k}, 1), w = whole_numbers({n, k}, 2), b = whole_numbers({n}, 3, 9);
  const array z = with_bias(product_nt(x, w));
};

}  // namespace gemmact::test
