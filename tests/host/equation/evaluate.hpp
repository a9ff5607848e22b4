// What an expression says, worked out apart from the library's own folding and derivatives: in any precision, and with
// dual numbers. Calls are answered by tests/reference.
#pragma once
#include <span>

#include "host/equation/graph.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {

struct point {
  double x = 0;
  std::span<const double> parameters;
};

// Every operation rounded to f32.
float in_f32(const equation::graph& g, equation::node_id root, const point& at);

double value_of(const equation::graph& g, equation::node_id root, const point& at);

struct dual {
  double value, derivative;
  bool constant =
      false;  // the derivative is 0 because nothing changes or a choice says so, and so beside infinity, too
  bool overflowed = false;  // somewhere on the way
};

// One operation in double; conditions are 1 and 0.
double operation_result(const equation::node& n, const double* children);

// Value and derivative by x (by = -1) or a parameter. With noise, each operation's result is off by up to that much,
// relatively: how far that moves the answer says how far rounding may.
dual dual_of(const equation::graph& g, equation::node_id root, const point& at, int by, double noise = 0,
             random_source* random = nullptr);

// The most that a few runs with noise move value and derivative.
dual sensitivity(const equation::graph& g, equation::node_id root, const point& at, int by, uint64_t seed);

}  // namespace gemmact::test
