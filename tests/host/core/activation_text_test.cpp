// What each text means, or why it is refused. Uses a small catalogue of its own.
#include <gtest/gtest.h>

#include "host/core/nearest.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "tests/host/core/small_catalogue.hpp"

namespace gemmact::core {
namespace {

struct accepted {
  const char* text;
  const char* name;
  float first, second;
};

TEST(activation_text, accepted) {
  const accepted rows[] = {
      {"relu", "relu", 0, 0},
      {"  relu\t\n", "relu", 0, 0},
      {"relu()", "relu", 0, 0},
      {"relu ( )", "relu", 0, 0},
      {"silu", "swish", 1, 0},
      {"silu(beta=2)", "swish", 2, 0},
      {"swish(beta=1.5)", "swish", 1.5f, 0},
      {"swish( beta = +1.5 )", "swish", 1.5f, 0},
      {"swish(beta=-.5)", "swish", -0.5f, 0},
      {"swish(beta=5.)", "swish", 5, 0},
      {"swish(beta=1e-3)", "swish", 1e-3f, 0},
      {"swish(beta=1E+2)", "swish", 100, 0},
      {"swish(beta=0)", "swish", 0, 0},
      {"clip", "clip", -1, 1},
      {"clip(hi=3)", "clip", -1, 3},
      {"clip(hi=3,lo=2)", "clip", 2, 3},
      {"clip(\n lo = 2 , hi = 3 )", "clip", 2, 3},
      {"hinge", "hinge", 0, 0},
  };
  for (const accepted& row : rows) {
    SCOPED_TRACE(row.text);
    activation_use use = parse_activation(row.text, test::small_catalogue());
    EXPECT_STREQ(use.info->name, row.name);
    EXPECT_EQ(use.info, &test::small_catalogue()[use.index]);
    EXPECT_EQ(use.params[0], row.first);
    EXPECT_EQ(use.params[1], row.second);
  }
}

struct refused {
  std::string text;
  gemmact_status status;
  const char* says;
};

TEST(activation_text, refused) {
  const refused rows[] = {
      // Unknown names, with what is near.
      {"rleu", GEMMACT_UNKNOWN_ACTIVATION, "did you mean relu"},
      {"RELU", GEMMACT_UNKNOWN_ACTIVATION, "did you mean relu"},
      {"Silu", GEMMACT_UNKNOWN_ACTIVATION, "silu"},
      {"leakyrelu", GEMMACT_UNKNOWN_ACTIVATION, "leaky_relu"},
      {"leaky", GEMMACT_UNKNOWN_ACTIVATION, "leaky_relu"},
      {"sigmod(beta=1)", GEMMACT_UNKNOWN_ACTIVATION, "did you mean sigmoid"},
      {"quadratic", GEMMACT_UNKNOWN_ACTIVATION, "the catalogue has"},
      {std::string(300, 'a'), GEMMACT_UNKNOWN_ACTIVATION, "..."},
      // Parameters.
      {"relu(slope=1)", GEMMACT_BAD_PARAMETER, "relu has no parameters, but \"slope\""},
      {"swish(slope=1)", GEMMACT_BAD_PARAMETER, "swish has no parameter \"slope\"; it has beta"},
      {"clip(low=1)", GEMMACT_BAD_PARAMETER, "it has lo, hi"},
      {"swish(beta=1, beta=1)", GEMMACT_BAD_PARAMETER, "beta of swish is given twice"},
      {"swish(beta=nan)", GEMMACT_BAD_PARAMETER, "must be finite"},
      {"swish(beta=-inf)", GEMMACT_BAD_PARAMETER, "must be finite"},
      {"swish(beta=infinity)", GEMMACT_BAD_PARAMETER, "must be finite"},
      {"swish(beta=1e39)", GEMMACT_BAD_PARAMETER, "outside the range"},
      {"swish(beta=1e-60)", GEMMACT_BAD_PARAMETER, "outside the range"},
      {"swish(beta=0x10)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"swish(beta=1,5)", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"swish(beta=1 5)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"swish(beta=1f)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"swish(beta=+-1)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"swish(beta=)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"swish(beta=x)", GEMMACT_BAD_PARAMETER, "no decimal number"},
      {"clip(lo=3, hi=2)", GEMMACT_BAD_PARAMETER, "lo must not exceed hi"},
      {"hinge(target=1)", GEMMACT_BAD_PARAMETER, "TARGET"},
      // Equations.
      {"x", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"-x", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"x * sigmoid(1.7 * x)", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"x < -3 ? 0 : min(x, 6)", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"max(x, 0)", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"sigmoid(x)", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"tanh(sigmoid(x))", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"f(x; beta=1, slope[n]=0.25) = x * beta", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"f(x) = 3", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"relu + tanh", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"x^2", GEMMACT_EQUATION_UNSUPPORTED, "equation"},
      {"leaky-relu", GEMMACT_EQUATION_UNSUPPORTED, "did you mean leaky_relu"},
      // Neither.
      {"", GEMMACT_BAD_ACTIVATION_TEXT, "empty"},
      {"  ", GEMMACT_BAD_ACTIVATION_TEXT, "empty"},
      {"relu(", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"relu)", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"relu(beta", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"swish(beta=1", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"swish(1.5)", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"swish(beta=1,)", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"swish(,beta=1)", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"relu tanh", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"relu;", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"1.5", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"'relu'", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"x $ y", GEMMACT_BAD_ACTIVATION_TEXT, "neither"},
      {"rel\xc3\xbc", GEMMACT_BAD_ACTIVATION_TEXT, "\\xc3\\xbc"},
      {std::string("re\0lu", 5), GEMMACT_BAD_ACTIVATION_TEXT, "\\x00"},
      {std::string(5000, 'x'), GEMMACT_BAD_ACTIVATION_TEXT, "more than 4096"},
  };
  for (const refused& row : rows) {
    SCOPED_TRACE(row.text.substr(0, 80));
    try {
      parse_activation(row.text, test::small_catalogue());
      ADD_FAILURE() << "accepted";
    } catch (const failure& f) {
      EXPECT_EQ(f.status(), row.status) << f.message();
      EXPECT_NE(f.message().find(row.says), std::string::npos) << f.message();
    }
  }
}

TEST(nearest, distances) {
  EXPECT_EQ(edit_distance("relu", "relu"), 0);
  EXPECT_EQ(edit_distance("RELU", "relu"), 0);
  EXPECT_EQ(edit_distance("rleu", "relu"), 1);
  EXPECT_EQ(edit_distance("", "relu"), 4);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
}

}  // namespace
}  // namespace gemmact::core
