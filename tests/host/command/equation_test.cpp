// `gemmact equation`: what it says of texts that are right, and of those that are wrong.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "tests/host/command/command_support.hpp"
#include "tests/host/command/xml_check.hpp"

namespace gemmact::test {
namespace {

using words = std::vector<std::string>;
using json = nlohmann::json;

class equations : public scratch_test {
 protected:
  static std::string output(const words& more) {
    words line{"equation"};
    line.insert(line.end(), more.begin(), more.end());
    const outcome result = run_command(line);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  // What does not depend on how this machine rounds.
  static std::string meaning(const std::string& text) {
    const std::string all = output({text});
    return all.substr(0, all.find("\nFrom "));
  }
};

TEST_F(equations, all_that_is_said_of_one) {
  EXPECT_EQ(output({"f(x; b=2, q[n]=0.5, t) = x > 1 ? x - t / 4 : q * x * b", "--set", "t=-1", "--set=q=-0.25"}),
            R"(f(x; b=2, q[n]=0.5, t) = x > 1 ? x - t / 4 : q * x * b

  read as         f(x; b=2, q[n]=0.5, t) = (x > 1) ? x - (t / 4) : (q * x) * b
  computed as     x > 1 ? x - 0.25 * t : q * x * b
  derivative      x > 1 ? 1 : b * q
    by b          x > 1 ? 0 : q * x
    by q          x > 1 ? 0 : b * x
  backward keeps  bit (one an element): f' is 1 where x > 1, else b * q; z with gradients of parameters
  instructions    about 0 special-function, 5 other for a value; in fast mode 0 and 5
  parameters      b = 2, one for all, trainable
                  q = 0.5, one a column, trainable
                  t, an operand: the tensor OPERAND

From -10 to 10 with b = 2, q = -0.25, t = -1, as the CPU device computes it:
  lowest          -0.5 at x = 0.99999994
  highest         10.25 at x = 10
  steepest        |f'| is 1 at x = 1.0009766
  fixed points    0
  ends            f(-inf) is inf, f(inf) is inf, f(nan) is nan
  not finite      nowhere: neither at 8193 points of the interval, nor at 26 of any size
)");
}

// Where there is no function there is no slope, whatever the derivative's formula says.
TEST_F(equations, the_steepest_place_is_one_of_the_function) {
  const std::string text = output({"log(x)", "--from", "-1", "--to", "2"});
  const size_t at = text.find("steepest");
  EXPECT_EQ(text.substr(at, text.find('\n', at) - at).find("x = -"), text.npos) << text;
}

TEST_F(equations, what_is_not_finite_and_where) {
  const std::string text = output({"1 / (x - 2)"});
  EXPECT_EQ(text.substr(text.find("\nFrom ")), R"(
From -10 to 10, as the CPU device computes it:
  lowest          -8.38861e+06 at x = 1.9999999
  highest         4.1943e+06 at x = 2.0000002
  steepest        |f'| is 7.03687e+13 at x = 1.9999999
  fixed points    -0.414214, 2.41421
  ends            f(-inf) is -0, f(inf) is 0, f(nan) is nan
  not finite      f is inf at 2
                  f' is -inf at 2
)");
  EXPECT_NE(output({"sqrt(x)"}).find("f is nan on [-10, -1e-45], at -3.4028235e+38"), text.npos);
}

// Points where they are alone, intervals where f(x) is x, though rounding leaves a unit here and none there.
TEST_F(equations, fixed_points_are_points_or_intervals) {
  const auto fixed = [](const words& given) {
    const std::string text = output(given);
    const size_t at = text.find("fixed points    ") + 16;
    return text.substr(at, text.find("\n", at) - at);
  };
  EXPECT_EQ(fixed({"x"}), "every x from -10 to 10 (to f32's precision)");
  EXPECT_EQ(fixed({"x >= 0 ? x : 2 * x", "--from", "-1", "--to", "3"}), "every x from 0 to 3 (to f32's precision)");
  EXPECT_EQ(fixed({"max(x, 0)"}), "every x from 0 to 10 (to f32's precision)");
  EXPECT_EQ(fixed({"clamp(x, -1, 1)"}), "every x from -1 to 1 (to f32's precision)");
  EXPECT_EQ(fixed({"x < -2 ? x : x > 3 ? x : 0"}),
            "every x from -10 to -2.0000002, 0, every x from 3.0000002 to 10 (to f32's precision)");
  EXPECT_EQ(fixed({"x > 0.3 ? x + 1 : x - 1"}), "none") << "a jump is no fixed point";
  EXPECT_EQ(fixed({"x^2 - 1"}), "-0.618034, 1.61803");
  EXPECT_EQ(fixed({"x + 0.001 * sin(x)"}), "-9.42478, -6.28319, -3.14159, 0, 3.14159, 6.28319, 9.42478");
  EXPECT_EQ(fixed({"x^2", "--from", "0.9999", "--to", "1.0001"}), "1") << "seen by every float around it";
  for (const char* text : {"softplus(x)", "swish(x)", "mish(x)", "gelu(x)", "x * sigmoid(1.7 * x)"}) {
    const json found = json::parse(output({text, "--from", "-10", "--to", "40", "--json"}))["probe"]["fixed_points"];
    const size_t intervals = found.size() - (std::string(text) == "softplus(x)" ? 0 : 1);  // beside 0
    EXPECT_EQ(intervals, 1u) << text << found;
    EXPECT_EQ(found.back()[1], 40.0) << text << found;
    EXPECT_LT(found.back()[0], 20.0) << text << found;
  }
}

TEST_F(equations, what_is_rewritten_and_kept) {
  EXPECT_EQ(meaning("x / (1 + exp(-x))"), R"(x / (1 + exp(-x))

  read as         x / (1 + exp(-x))
  computed as     swish(x)
    because       x / (1 + exp(-x)) is computed as x * sigmoid(x): finite, and accurate in both tails
    because       x * sigmoid(x) is computed as swish(x): the catalogue's own
  derivative      swish'(x)
  backward keeps  z
)" + meaning("swish(x)").substr(meaning("swish(x)").find("  instructions")));
  EXPECT_EQ(meaning("-x^2 * 3 + x").find("-x^2 * 3 + x\n\n  read as         (3 * (-(x^2))) + x\n"), 0u)
      << meaning("-x^2 * 3 + x");
  expect_success({"plot", "-x * 2", "--out", "/dev/null"});
  EXPECT_NE(meaning("2 * x + 1").find("backward keeps  nothing"), std::string::npos);
  EXPECT_NE(meaning("tanh(x)").find("backward keeps  output"), std::string::npos);
  EXPECT_NE(meaning("max(x, 0.5 * x)").find("bit (one an element): f' is 1 where"), std::string::npos);
}

// The name in a head is a label: the catalogue's function of that name stays, in this text and elsewhere.
TEST_F(equations, a_head_named_like_a_function) {
  const std::string text = meaning("relu(x) = 2 * x + relu(x)");
  EXPECT_NE(text.find("computed as     2 * x + relu(x)\n  its name        relu is what explanations call it; the"),
            text.npos)
      << text;
  EXPECT_EQ(meaning("f(x) = 2 * x").find("its name"), text.npos);
  const words sizes{"explain", "--m", "4", "--n", "4", "--k", "4", "--activation"};
  const auto explained = [&](const std::string& f) {
    words all = sizes;
    all.push_back(f);
    return run_command(all).out;
  };
  EXPECT_NE(explained("relu(x) = 2 * x").find("\nEquation: relu(x) = 2 * x\n  computed as 2 * x\n"), text.npos);
  EXPECT_EQ(explained("relu").find("Equation"), text.npos);
  EXPECT_NE(explained("x^3").find("\nEquation: x^3\n"), text.npos);
}

TEST_F(equations, the_page_shows_what_is_said) {
  const std::string page = read_file(GEMMACT_SOURCE_FOLDER "/docs/equations.md"),
                    said = meaning("x / (1 + exp(-1.7 * x))");
  EXPECT_NE(page.find("```\n" + said.substr(said.find("\n\n") + 2) + "```\n"), page.npos) << said;
}

TEST_F(equations, json_says_it_all) {
  const json all = json::parse(output({"f(x; beta=1.5) = x * sigmoid(beta * x)", "--json", "--check"}));
  EXPECT_EQ(all["name"], "f");
  EXPECT_EQ(all["computed_as"], "swish(x, beta=beta)");
  EXPECT_EQ(all["keeps"], "z");
  EXPECT_EQ(all["rewritten"].size(), 1u);
  EXPECT_EQ(all["parameters"][0]["name"], "beta");
  EXPECT_EQ(all["parameters"][0]["default"], 1.5);
  EXPECT_EQ(all["parameters"][0]["derivative"], "swish'beta(x, beta=beta)");
  EXPECT_EQ(all["probe"]["fixed_points"], json::parse("[[0.0, 0.0]]"));
  EXPECT_TRUE(all["probe"]["not_finite"].empty());
  ASSERT_EQ(all["check"].size(), 3u);
  for (const json& one : all["check"]) {
    EXPECT_EQ(one["differ"], 0) << one;
    EXPECT_GT(one["agree"], 2500) << one;
    EXPECT_LT(one["worst_of_bound"], 1) << one;
  }
  EXPECT_EQ(all["check"][2]["of"], "f' by beta");
  const json pole = json::parse(output({"f(x; t) = 1 / (x - 2) + t", "--json"}));
  EXPECT_EQ(pole["probe"]["not_finite"][0], json::parse(R"({"of": "value", "is": "inf", "x": [2.0, 2.0]})"));
  EXPECT_TRUE(pole["parameters"][0]["default"].is_null());
  EXPECT_EQ(json::parse(output({"log(x)", "--json"}))["probe"]["at_infinity"], "inf");
}

TEST_F(equations, a_picture_and_a_source) {
  output({"f(x; t) = max(0, 1 - t * x)", "--plot", path("f.svg"), "--set", "t=-1"});
  const std::string picture = read_file(path("f.svg"));
  EXPECT_EQ(xml_trouble(picture), "");
  EXPECT_NE(picture.find("at t = -1"), picture.npos);
  EXPECT_NE(picture.find("stroke-dasharray"), picture.npos);
  const std::string source = output({"x^3 + 1", "--source"});
  EXPECT_EQ(source.rfind("template <accuracy mode>\nstruct equation_", 0), 0u) << source;
  size_t bytes = 0;
  EXPECT_EQ(gemmact_activation_source("x^3 + 1", nullptr, &bytes), GEMMACT_OK) << gemmact_last_error();
  std::string from_library(bytes, '\0');
  EXPECT_EQ(gemmact_activation_source("x^3 + 1", from_library.data(), &bytes), GEMMACT_OK);
  from_library.resize(bytes - 1);
  EXPECT_TRUE(source == from_library || source == from_library + "\n");
}

TEST_F(equations, a_check_says_where_the_text_itself_is_worse) {
  const std::string text = output({"log(1 + exp(x))", "--check"});  // 0 below -37 in double, infinite above 709
  EXPECT_NE(text.find("say nothing for the text"), text.npos) << text;
  EXPECT_EQ(text.find("DIFFER"), text.npos) << text;
  for (const char* one : {"x * tanh(softplus(x))", "sin(x) * exp(-x^2) + abs(x)^0.3", "max(x, 0)^2 / (1 + abs(x))",
                          "f(x; a=0.5, b[n]=2, t) = clamp(x, -a, b) * t + a^2 * erf(x)", "swish'(x) - tanh'(x)"})
    EXPECT_NE(output({one, "--check"}).find("points agree"), text.npos) << one;
}

TEST_F(equations, mistakes_are_shown_with_their_place) {
  expect_refused_at({"equation", "max(0, x"}, "expected, not the end (column 9)", "max(0, x", 8);
  expect_refused_at({"equation", "2 * sigmod(x)"}, "sigmo", "2 * sigmod(x)", 4);
  expect_refused_at({"explain", "--m", "1", "--n", "1", "--k", "1", "--activation", "x + * 2"}, "(column 5)", "x + * 2",
                    4);
  expect_refused_at({"plot", "x < 1", "--out", path("f.svg")}, "condition", "x < 1", 0);
  expect_refused_at({"list", "(x"}, "not the end", "(x", 2);
  expect_refused_at({"equation", "[x]"}, "(column 1)", "[x]", 0);
  expect_refused_at({"equation", "ln(x) + 1"}, "; write log(x) (column 1)", "ln(x) + 1", 0);
  // A long text is cut on both sides, and the caret stays under the place.
  std::string text = "x";
  for (int i = 0; i < 30; ++i) text += " + x";
  text += " + )";
  for (int i = 0; i < 30; ++i) text += " + x";
  const outcome cut = run_command({"equation", text});
  const size_t caret = cut.err.rfind('^') - cut.err.rfind('\n', cut.err.rfind('^'));
  const size_t line = cut.err.find('\n');
  EXPECT_EQ(cut.err[line + caret], ')') << cut.err;
  EXPECT_NE(cut.err.find("\n  ..."), cut.err.npos);
}

TEST_F(equations, texts_that_try_to_leave_their_place) {
  for (const char* text : {"x; asm(\"trap;\")",
                           "x /* y */",
                           "x // y",
                           "x\"",
                           "x'; drop",
                           "x\n#include <x>",
                           "__FILE__ + x",
                           "x \\",
                           "x @ 1",
                           "x ? 1 : {}",
                           "`x`",
                           "$(x)",
                           "struct(x)",
                           "x::y",
                           "x->y",
                           "(x)[0]",
                           "f(x; asm=1) = asm(x)",
                           "x\x01",
                           "x\xff",
                           "%s%n * x"}) {
    const outcome result = run_command({"equation", text, "--source"});
    EXPECT_EQ(result.status, 2) << text << "\n" << result.out;
    EXPECT_EQ(result.out, "") << text;
    EXPECT_EQ(result.err.rfind("gemmact: ", 0), 0u) << text;
    for (const char c : result.err) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
  }
}

TEST_F(equations, wrong_options) {
  const std::string head = "f(x; beta=1, t) = beta * x + t";
  expect_failure({"equation"}, 2, "equation needs one TEXT in quotes, and 0 are given");
  expect_failure({"equation", "x", "2*x"}, 2, "and 2 are given");
  expect_failure({"equation", "relu"}, 2, "gemmact list relu tells of; as an equation it is \"relu(x)\"");
  expect_failure({"equation", "rleu"}, 2, "did you mean relu");
  expect_failure({"equation", head, "--set", "beta"}, 2, "--set is \"beta\"; it takes name=value");
  expect_failure({"equation", head, "--set", "bta=2"}, 2, "did you mean beta?");
  expect_failure({"equation", head, "--set", "beta=two"}, 2, "which is no finite 32-bit number");
  expect_failure({"equation", head, "--set", "beta=inf"}, 2, "which is no finite 32-bit number");
  expect_failure({"equation", head, "--set", "beta=1e39"}, 2, "which is no finite 32-bit number");
  expect_failure({"equation", head, "--from", "1", "--to", "0"}, 2, "--from must lie below --to");
  expect_failure({"equation", head, "--source", "--json"}, 2, "it writes the source and nothing else");
  expect_failure({"equation", head, "--plot", "-"}, 2, "gemmact plot draws to standard output");
  expect_failure({"equation", head, "--plot", path("no/f.svg")}, 1, "cannot be written");
  expect_failure({"equation", head, "--compile", "sm_80,"}, 2, "--compile is \"sm_80,\": architecture is \"\"");
  expect_failure({"equation", head, "--compile", "90"}, 2, "architecture is \"90\"; it is sm_ and a number");
  expect_failure({"equation", head, "--compile", "sm_42"}, 2,
                 "architecture is \"sm_42\"; there are kernels for sm_80 and newer");
}

// Names of a user's, macros' among them, do not reach what is compiled.
TEST_F(equations, names_stay_in_their_text) {
  EXPECT_EQ(output({"f(x; GEMMACT_FN=2) = NAN * x + GEMMACT_FN, NAN = x^2", "--source"}),
            output({"g(x; a=2) = b * x + a, b = x^2", "--source"}));
}

class with_environment {
 public:
  with_environment(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~with_environment() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST_F(equations, kernels_without_a_gpu) {
  const with_environment cache("GEMMACT_CACHE_DIR", path("cache"));
  if (run_command({"info"}).out.find("NVRTC 1") == std::string::npos) GTEST_SKIP() << "there is no NVRTC";
  const json all = json::parse(output({"f(x; t) = atan(x) * t", "--json", "--compile", "sm_80"}));
  ASSERT_EQ(all["kernels"].size(), 2u);
  for (const json& kernel : all["kernels"]) {
    EXPECT_EQ(kernel["architecture"], "sm_80");
    EXPECT_EQ(kernel["spills"], 0);
    EXPECT_GT(kernel["registers"], 16);
    EXPECT_GT(kernel["bytes"], 1000);
    EXPECT_NE(kernel["name"].get<std::string>().find("equation_"), std::string::npos);
  }
  const std::string text = output({"f(x; t) = atan(x) * t", "--compile", "sm_80"});
  std::string told = text.substr(text.find("\nKernels"));
  for (size_t at = 0; (at = told.find("\n", at)) != told.npos;)
    told.replace(at, told.find_first_not_of("\n ", at) - at, " ");
  for (const json& kernel : all["kernels"]) {
    const std::string line = kernel["name"].get<std::string>() + ": " + kernel["registers"].dump() +
                             " registers a thread, 0 bytes of spills, a cubin of " + kernel["bytes"].dump() + " bytes";
    EXPECT_NE(told.find(line), told.npos) << told << line;
  }
  expect_failure({"equation", "x * 2", "--compile", "sm_81"}, 1, "gemmact: NVRTC ");
}

TEST_F(equations, no_compiler_is_said) {
  const with_environment cache("GEMMACT_CACHE_DIR", "off"), none("GEMMACT_NVRTC", path("libnvrtc.so"));
  expect_failure({"equation", "atan(x) * 3", "--compile", "sm_80"}, 1, "NVRTC");
}

}  // namespace
}  // namespace gemmact::test
