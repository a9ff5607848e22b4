// What each text means, or why it is refused. Uses a small catalogue of its own.
#include <gtest/gtest.h>

#include "host/core/made_function.hpp"
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
      // Equations, of which this catalogue makes nothing.
      {"x", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"-x", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"x * sigmoid(1.7 * x)", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"x < -3 ? 0 : min(x, 6)", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"max(x, 0)", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"sigmoid(x)", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"tanh(sigmoid(x))", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"f(x; beta=1, slope[n]=0.25) = x * beta", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"f(x) = 3", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"relu + tanh", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"x^2", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
      {"leaky-relu", GEMMACT_BAD_ACTIVATION_TEXT, "neither name nor"},
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

// Makes a function that remembers the text.
catalogue with_equations() {
  catalogue all = test::small_catalogue();
  all.make = [](std::string_view text) -> std::shared_ptr<const made_function> {
    auto made = std::make_shared<made_function>();
    made->text = text;
    made->info.param_count = 2;
    made->info.params[0] = {"beta", 1.5f, 1, 0, 0};
    made->info.params[1] = {"t", 0, 0, 1, 0};
    return made;
  };
  return all;
}

TEST(activation_text, equations_are_made_into_functions) {
  for (const char* text :
       {"x", " -x ", "x % 2", "1", "f(t) = t", "x * sigmoid(1.7 * x)", "x < -3 ? 0 : min(x, 6)", "max(x, 0)",
        "sigmoid(x)", "f(x; beta=1, slope[n]=0.25) = x * beta", "f(x) = 3", "relu + tanh", "x^2"}) {
    const activation_use use = parse_activation(text, with_equations());
    ASSERT_NE(use.made, nullptr) << text;
    EXPECT_EQ(use.info, &use.made->info);
    EXPECT_EQ(use.params[0], 1.5f);
    EXPECT_EQ(std::string_view(text).find(use.made->text), text[0] == ' ' ? 1u : 0u) << text;
  }
  EXPECT_EQ(parse_activation("relu", with_equations()).made, nullptr);
}

TEST(activation_text, a_misspelt_name_is_no_difference) {
  catalogue none = test::small_catalogue();
  none.make = [](std::string_view) -> std::shared_ptr<const made_function> {
    fail(GEMMACT_BAD_ACTIVATION_TEXT, "nothing is named so");
  };
  try {
    parse_activation("leaky-relu", none);
    ADD_FAILURE() << "accepted";
  } catch (const failure& f) {
    EXPECT_EQ(f.status(), GEMMACT_BAD_ACTIVATION_TEXT);
    EXPECT_NE(f.message().find("did you mean leaky_relu"), std::string::npos) << f.message();
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
