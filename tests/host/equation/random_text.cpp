#include "tests/host/equation/random_text.hpp"

namespace gemmact::test {
namespace {

class writer {
 public:
  explicit writer(random_source& random) : random_(random) {}

  std::string number(int size) {
    if (size <= 1) return leaf();
    switch (random_.below(11)) {
      case 0:
      case 1:
      case 2:
      case 3: {
        static constexpr const char* operators[] = {" + ", "-", "*", " / ", " * "};
        const int left = static_cast<int>(random_.below(size));
        return "(" + number(left) + ")" + operators[random_.below(5)] + "(" + number(size - 1 - left) + ")";
      }
      case 4: {
        static constexpr const char* exponents[] = {"2", "3", "0.5", "-1", "1.5", "x", "-2", "a"};
        return "(" + number(size - 1) + ")^" + exponents[random_.below(8)];
      }
      case 5:
        return condition(size / 2) + " ? " + number(size / 2) + " : " + number(size / 2);
      case 6: {
        const char* name = random_.below(2) == 0 ? "min(" : "max(";
        return name + number(size / 2) + ", " + number(size / 2) + ")";
      }
      case 7:
        return random_.below(3) == 0 ? "clamp(" + number(size - 1) + ", -1, 2)" : "-" + primary(size - 1);
      case 8:
        return rewritten(size - 1);
      default:
        return primary(size);
    }
  }

 private:
  // What the stable forms and their limits are about.
  std::string rewritten(int size) {
    const std::string a = "(" + number(size / 2) + ")", b = "(" + number(size - size / 2) + ")";
    switch (random_.below(12)) {
      case 0:
        return a + " / exp(" + b + ")";
      case 1:
        return a + " * exp(x) * exp(" + b + ")";
      case 2:
        return "(" + a + " / exp(" + b + "))^" + (random_.below(2) == 0 ? "8" : "2");
      case 3:
        return "((x + 1e5) / (x + 2e5) * exp(-" + a + "))^8 * " + b;
      case 4:
        return a + " / " + a + " / exp(" + b + ")";
      case 5:
        return a + " / (2 + exp(" + b + "))";
      case 6:
        return "x * " + a + " / (1 + exp(-x))";
      case 7:
        return a + "^5 * exp(-x) * " + a + "^5 / (1 + exp(-x))";
      case 8:
        return "(1.0000001 - sigmoid(" + a + "))";
      case 9:
        return "(exp(" + a + ") - 1.0000001)";
      case 10:
        return a + " * " + b + " / (" + b + " * (1 + exp(x)))";
      default:
        return "log(1 + " + a + " + 1e-7)";
    }
  }

  std::string leaf() {
    static constexpr const char* leaves[] = {"x", "x", "x", "x", "a", "b", "0", "1", "2", "0.5", "3.25", "1e-3", "pi"};
    return leaves[random_.below(13)];
  }

  // A call.
  std::string primary(int size) {
    static constexpr const char* functions[] = {
        "abs",  "exp",  "expm1",    "log",     "log1p",   "sqrt",      "rsqrt",       "sin",
        "cos",  "tan",  "atan",     "sinh",    "cosh",    "asinh",     "erf",         "sign",
        "tanh", "relu", "gelu",     "mish",    "sigmoid", "silu",      "softplus",    "exp",
        "log",  "tanh", "softsign", "sigmoid", "relu6",   "hardswish", "squared_relu"};
    static constexpr const char* with_parameters[] = {"swish(", "leaky_relu(", "elu(", "prelu("};
    static constexpr const char* parameters[] = {", beta=2)", ", slope=0.125)", ", alpha=1.5)", ", slope=b)"};
    if (random_.below(6) == 0) {
      const int64_t which = random_.below(4);
      return with_parameters[which] + number(size - 1) + parameters[which];
    }
    return functions[random_.below(31)] + ("(" + number(size - 1) + ")");
  }

  std::string condition(int size) {
    static constexpr const char* comparisons[] = {" < ", "<=", ">", " >= ", "==", "!="};
    if (size > 2 && random_.below(3) == 0) {
      const char* join = random_.below(2) == 0 ? " && " : "||";
      return (random_.below(3) == 0 ? "!" : "") + ("(" + condition(size / 2) + join + condition(size / 2) + ")");
    }
    // Never of constants alone: what such a choice leaves may tie otherwise than what is written.
    const std::string left = random_.below(2) == 0 ? "x" : "(" + number(size / 2) + ") - x";
    return left + comparisons[random_.below(6)] + "(" + number(size / 2) + ")";
  }

  random_source& random_;
};

}  // namespace

std::string random_equation(random_source& random, int size) {
  return "f(x; a=0.75, b[n]=-1.25) = " + writer(random).number(size);
}

}  // namespace gemmact::test
