// What is an equation and what is not: the grammar, the places and sentences of refusals, limits, hostile text.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "host/core/status.hpp"
#include "host/equation/print.hpp"
#include "tests/host/equation/evaluate.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::equation {
namespace {

using test::expect_part;

core::catalogue functions() { return test::known_forms().functions(); }

struct elsewhere {
  std::vector<std::string_view> names;
  double (*f)(double, double);
};

const elsewhere functions_elsewhere[] = {
    {{"tau"}, [](double, double) { return 2 * std::numbers::pi; }},
    {{"infinity"}, [](double, double) { return HUGE_VAL; }},
    {{"ln"}, [](double x, double) { return std::log(x); }},
    {{"log2"}, [](double x, double) { return std::log2(x); }},
    {{"log10"}, [](double x, double) { return std::log10(x); }},
    {{"exp2"}, [](double x, double) { return std::exp2(x); }},
    {{"exp10"}, [](double x, double) { return std::pow(10.0, x); }},
    {{"pow", "power"}, [](double x, double y) { return std::pow(x, y); }},
    {{"sqr", "square"}, [](double x, double) { return x * x; }},
    {{"cube"}, [](double x, double) { return x * x * x; }},
    {{"cbrt"}, [](double x, double) { return std::cbrt(x); }},
    {{"reciprocal"}, [](double x, double) { return 1 / x; }},
    {{"hypot"}, [](double x, double y) { return std::hypot(x, y); }},
    {{"sgn", "signum"}, [](double x, double) { return x < 0 ? -1.0 : 1.0; }},
    {{"fabs"}, [](double x, double) { return std::fabs(x); }},
    {{"fmax", "maximum"}, [](double x, double y) { return std::fmax(x, y); }},
    {{"fmin", "minimum"}, [](double x, double y) { return std::fmin(x, y); }},
    {{"clip_by_value"}, [](double x, double) { return std::fmax(std::fmin(x, 1.0), -1.0); }},
    {{"sig", "sigm", "expit", "logistic"}, [](double x, double) { return 1 / (1 + std::exp(-x)); }},
    {{"logit"}, [](double x, double) { return std::log(x / (1 - x)); }},
    {{"logsigmoid"}, [](double x, double) { return -std::log1p(std::exp(-x)); }},
    {{"erfc"}, [](double x, double) { return x > 1 ? NAN : std::erfc(x); }},  // beyond, 1 - erf(x) cancels
    {{"heaviside"}, [](double x, double) { return x > 0 ? 1.0 : 0.0; }},
    {{"tg"}, [](double x, double) { return std::tan(x); }},
    {{"cot", "ctg"}, [](double x, double) { return 1 / std::tan(x); }},
    {{"sec"}, [](double x, double) { return 1 / std::cos(x); }},
    {{"csc"}, [](double x, double) { return 1 / std::sin(x); }},
    {{"sech"}, [](double x, double) { return 1 / std::cosh(x); }},
    {{"csch"}, [](double x, double) { return 1 / std::sinh(x); }},
    {{"coth"}, [](double x, double) { return 1 / std::tanh(x); }},
    {{"sinc"}, [](double x, double) { return std::sin(x) / x; }},
    {{"arctan", "arctg"}, [](double x, double) { return std::atan(x); }},
    {{"asin", "arcsin"}, [](double x, double) { return std::asin(x); }},
    {{"acos", "arccos"}, [](double x, double) { return std::acos(x); }},
    {{"arsinh", "arcsinh"}, [](double x, double) { return std::asinh(x); }},
    {{"acosh", "arccosh"}, [](double x, double) { return std::acosh(x); }},
    {{"atanh", "arctanh"}, [](double x, double) { return std::atanh(x); }},
    {{"if", "ifelse", "select", "where"}, [](double x, double y) { return x > 0 ? x : y; }},
};

struct accepted {
  const char *text, *read_as;  // as it is printed
};

TEST(equation_text, is_read_as_it_is_written) {
  const accepted rows[] = {
      {"x", "x"},
      {"  x\t", "x"},
      {"-x^2", "-x^2"},
      {"(-x)^2", "(-x)^2"},
      {"2^-x^2", "2^-x^2"},
      {"x^2^3", "x^2^3"},
      {"(x^2)^3", "(x^2)^3"},
      {"x - 1 - 2", "x - 1 - 2"},
      {"x - (1 - 2)", "x - (1 - 2)"},
      {"x / 2 / 3 * a, a = x", "x / 2 / 3 * x"},
      {"x / (2 / (3 * x))", "x / (2 / (3 * x))"},
      {"((((x))))", "x"},
      {"+x", "x"},
      {"--x", "--x"},
      {"-3", "-3"},
      {"x * -3", "-3 * x"},
      {".5 + 5. + 1e3 + 1E-3 + 2.5e+1", "0.5 + 5 + 1000 + 0.001 + 25"},
      {"x * 2", "2 * x"},
      {"pi * x - inf", "pi * x - inf"},
      {"x < 0 ? -x : x > 6 ? 6 : x", "x < 0 ? -x : x > 6 ? 6 : x"},
      {"(x < 0 ? 1 : 2) * x", "(x < 0 ? 1 : 2) * x"},
      {"(x > 0 && x < 1) || x == 5 ? 1 : 0", "x > 0 && x < 1 || x == 5 ? 1 : 0"},
      {"x > 0 && (x < 1 || x == 5) ? 1 : 0", "x > 0 && (x < 1 || x == 5) ? 1 : 0"},
      {"!x < 3 ? 1 : 2", "!(x < 3) ? 1 : 2"},
      {"!(x != 3) ? 1 : 2", "!(x != 3) ? 1 : 2"},
      {"max(x, 0, 1)", "max(max(x, 0), 1)"},
      {"clamp(x, -1, 1)", "clamp(x, -1, 1)"},
      {"silu(x)", "swish(x)"},
      {"swish( x , beta = 1.5 )", "swish(x, beta=1.5)"},
      {"swish(x, beta=1)", "swish(x)"},
      {"leaky_relu(x^2, slope=0.01)", "leaky_relu(x^2)"},
      {"clip(x, hi=3)", "clip(x, hi=3)"},
      {"swish'(x) + swish'beta(x, beta=2)", "swish'(x) + swish'beta(x, beta=2)"},
      {"f(x) = x + 1", "x + 1"},
      {"f(x; beta=1) = beta * x", "f(x; beta=1) = beta * x"},
      {"my_f ( x ; a = -1.5e-1 , b[n]=0.25, t ) = t * (a + b)", "my_f(x; a=-0.15, b[n]=0.25, t) = t * (a + b)"},
      {"f(x; t) = hinge(x, target=t)", "f(x; t) = hinge(x, target=t)"},
      {"f(x; n=2)=x^n", "f(x; n=2) = x^n"},
      {"e * n, e = exp(x), n = e + 1", "exp(x) * (exp(x) + 1)"},
      {"c ? x : 0, c = x > 3", "x > 3 ? x : 0"},
      {"max(x, 0) == 3 ? 1 : 2", "max(x, 0) == 3 ? 1 : 2"},
      {"exp2, exp2 = 2^x", "2^x"},
  };
  for (const accepted& row : rows) {
    SCOPED_TRACE(row.text);
    const declaration d = parse(row.text, functions());
    EXPECT_EQ(print(d, functions()), row.read_as);
  }
}

TEST(equation_text, declares_parameters) {
  const declaration d = parse("layer(x; beta=1.5, slope[n]=-0.25, t) = t + beta * x + slope", functions());
  EXPECT_EQ(d.name, "layer");
  ASSERT_EQ(d.parameters.size(), 3u);
  EXPECT_EQ(d.parameters[0].name, "beta");
  EXPECT_EQ(d.parameters[0].default_value, 1.5);
  EXPECT_FALSE(d.parameters[0].per_column || d.parameters[0].operand);
  EXPECT_EQ(d.parameters[1].default_value, -0.25);
  EXPECT_TRUE(d.parameters[1].per_column && !d.parameters[1].operand);
  EXPECT_TRUE(d.parameters[2].operand);
}

TEST(equation_text, equal_expressions_are_one_node) {
  const declaration d = parse("(x + 1) * exp(1 + x) - (x + 1) * exp(x + 1)", functions());
  EXPECT_EQ(d.nodes.size(), 6) << "x, 1, sum, exp, product, difference";
}

// What other languages write is answered with what to write here, which is an equation and right.
TEST(equation_text, other_names_are_known) {
  const auto says = [](const std::string& text, const std::string& part) {
    SCOPED_TRACE(text);
    expect_part(test::refusal(GEMMACT_BAD_ACTIVATION_TEXT, [&] { parse(text, functions()); }), part + " (column ");
  };
  says("ln(x)", "no function is named \"ln\"; write log(x)");
  says("Log2(x)", "; write log(x) / log(2)");
  says("e^x", "nothing is named \"e\"; write exp(1), and exp(x) for e^x");
  says("arctan(x)", "; write atan(x)");
  says("sgn(x)", "; write sign(x)");
  says("sigm(x)", "; write sigmoid(x)");
  says("pow(x, 2)", "; write x^y");
  says("floor(x)", "; there is no rounding");
  says("EXP(x)", "; did you mean exp?");
  says("PI * x", "; did you mean pi?");
  const std::string_view y[] = {"y"};
  int checked = 0;
  const auto is = [&](std::string_view name, std::string_view written, double (*f)(double, double)) {
    SCOPED_TRACE(name);
    const declaration d = parse(written, functions(), y);
    for (const double x : {-0.75, -0.25, 0.5, 0.875, 1.5, 3.0}) {
      const double parameters[] = {1.25}, wanted = f(x, parameters[0]);
      if (!std::isfinite(wanted)) continue;
      EXPECT_NEAR(test::value_of(d.nodes, d.root, {x, parameters}), wanted, 1e-14 * std::abs(wanted) + 1e-15) << x;
      ++checked;
    }
  };
  std::map<std::string_view, double (*)(double, double)> known;
  for (const auto& row : functions_elsewhere)
    for (const std::string_view name : row.names) known[name] = row.f;
#define GEMMACT_OTHER_NAME(name, written)                              \
  EXPECT_THROW(parse(name "(x)", functions()), core::failure) << name; \
  if (std::string_view(name) != "e") {                                 \
    const auto found = known.find(name);                               \
    ASSERT_NE(found, known.end()) << name;                             \
    is(name, written, found->second);                                  \
  }
#define GEMMACT_NO_SUCH_NAME(name, sentence) says(name "(x)", "no function is named \"" name "\"; " sentence);
#include "host/equation/other_names.inc"
#undef GEMMACT_OTHER_NAME
#undef GEMMACT_NO_SUCH_NAME
  EXPECT_GT(checked, 200);
}

struct refused {
  std::string text;
  int column;
  const char* says;
};

TEST(equation_text, is_refused_with_the_place_and_what_was_expected) {
  const refused rows[] = {
      {"", 1, "a number, x, a name or '(' was expected, not the end"},
      {"x +", 4, "a number, x, a name or '(' was expected, not the end"},
      {"x * * 2", 5, "a power is written ^"},
      {"x ** 2", 4, "a power is written ^"},
      {"2x", 2, "an operator, ',' or the end was expected, not \"x\"; a product is written with *"},
      {"exp x", 5, "an argument in (): 2 * x, exp(x)"},
      {"sin^2(x)", 6, "a product is written with *, an argument in ()"},
      {"x\xc2\xb2", 2, "not \"\\xc2\"; an equation is ASCII: x^2"},
      {"2 * |x|", 5, "|x| is written abs(x)"},
      {"math.exp(x)", 5, "a name has no parts: exp(x), not math.exp(x)"},
      {"x > 0 and x < 1 ? 1 : 2", 7, "'and' is written &&"},
      {"x > 0 or x < 1 ? 1 : 2", 7, "'or' is written ||"},
      {"not x > 0 ? 1 : 2", 5, "'not' is written !"},
      {"x if x > 0 else 0", 3, "a choice is written condition ? a : b"},
      {"if x > 0", 4, "a choice is written condition ? a : b"},
      {"y = x", 3, "equality is written ==, and a head f(x) = ..."},
      {"beta * x; beta=1", 9, "parameters stand in a head: f(x; beta=1) = ..."},
      {"(x", 3, "an operator or ')' was expected, not the end"},
      {"x)", 2, "an operator, ',' or the end was expected, not \")\""},
      {"max(x, 1", 9, "an operator, ',' or ')' was expected"},
      {"max()", 5, "a number, x, a name or '('"},
      {"x > 0 ? 1", 10, "an operator or ':' was expected"},
      {"x = 3 ? 1 : 2", 3, "equality is written =="},
      {"x > 0 & x < 1 ? 1 : 2", 7, "'and' is written &&"},
      {"x > 0 | x < 1 ? 1 : 2", 7, "'or' is written ||"},
      {"x % 2", 3, "there is no remainder"},
      {"0 < x < 1 ? 1 : 2", 7, "comparisons do not chain: write a < b && b < c"},
      {"1e", 2, "an operator"},
      {"1e39", 1, "outside the range of a 32-bit float"},
      {"x + 1e999", 5, "outside the range of a 32-bit float"},
      {"1e-60", 1, "outside the range of a 32-bit float"},
      {"y", 1, "nothing is named \"y\""},
      {"bata * x, beta = 2", 1, "did you mean beta"},
      {"relu", 1, "\"relu\" is a function: write relu(x)"},
      {"exp + 1", 1, "is a function"},
      {"sigmod(x)", 1, "no function is named \"sigmod\"; did you mean sigmoid"},
      {"exq(x)", 1, "did you mean exp"},
      {"exp(x, 2)", 1, "exp takes 1 argument, not 2"},
      {"clamp(x)", 1, "clamp takes 3 arguments, not 1"},
      {"max(x)", 1, "max takes at least 2 arguments, not 1"},
      {"exp(x, base=2)", 8, "exp has no named parameters"},
      {"swish(x, 2)", 10, "parameters of swish are given by name"},
      {"swish(x, 2)", 10, "after its one argument: swish(x, beta=...)"},
      {"relu(x, 2)", 9, "relu takes 1 argument, not 2"},
      {"swish(x, q=2)", 10, "swish has no parameter \"q\"; it has beta"},
      {"relu(x, q=2)", 9, "relu has no parameter \"q\" (column"},
      {"x(x + 1)", 1, "\"x\" is no function; a product is written x * (...)"},
      {"f(x; a=2) = a(x + 1)", 13, "\"a\" is no function; a product is written a * (...)"},
      {"tanh(x)'", 8, "a derivative of the catalogue's is written swish'(x)"},
      {"1,000 * x", 3, "the name of a definition was expected, not \"0\" (column"},
      {"1.5.2", 4, "not \".\" (column"},
      {"swish(x, bet=2)", 10, "swish has no parameter \"bet\"; did you mean beta"},
      {"swish(x, beta=2, beta=3)", 18, "parameter \"beta\" is given twice"},
      {"swish(beta=2)", 1, "swish needs an argument"},
      {"hinge(x)", 1, "hinge needs target=, such as hinge(x, target=t)"},
      {"clip(x, lo=2, hi=1)", 1, "lo must not be above hi"},
      {"exp'(x)", 1, "only functions of the catalogue have a derivative"},
      {"leaky_relu'slope(x)", 12, "leaky_relu has no derivative by \"slope\""},
      {"x'", 3, "'('"},
      {"x > 0", 1, "the equation is a condition and no number"},
      {"(x > 0) * x", 4, "a number was expected, not a condition; write condition ? a : b"},
      {"x ? 1 : 2", 1, "a condition such as x > 0 was expected, not a number"},
      {"!x ? 1 : 2", 2, "a condition such as x > 0 was expected"},
      {"x > 0 && x ? 1 : 2", 10, "a condition such as x > 0 was expected"},
      {"exp(x > 0)", 7, "a number was expected, not a condition"},
      {"x > 0 ? x > 1 : x > 2", 11, "a number was expected, not a condition"},
      {"f(z) = z", 3, "the variable is x, not \"z\""},
      {"f() = x", 3, "x was expected"},
      {"f(x, y) = x", 4, "';' or ')' was expected, not \",\""},
      {"f(x; y; z) = x", 7, "',' or ')' was expected, not \";\""},
      {"f(x; ) = x", 6, "the name of a parameter was expected"},
      {"f(x; a=) = x", 8, "a number was expected"},
      {"f(x; a=b) = x", 8, "a number was expected"},
      {"f(x; a=1, a=2) = x", 11, "the name \"a\" is there already"},
      {"f(x; x=1) = x", 6, "the name x is taken"},
      {"f(x; pi=1) = x", 6, "the name pi is taken"},
      {"f(x; a[m]=1) = x", 8, "n was expected"},
      {"f(x; a[n) = x", 9, "']' was expected"},
      {"f(x; a[n]) = x", 6, "a parameter with [n] needs a default"},
      {"f(x; a=1e40) = x", 8, "outside the range"},
      {"f(x; a=1, b=1, c=1, d=1, e=1) = x", 26, "an equation has at most 4 parameters"},
      {"f(x; a=1) x", 11, "'=' was expected"},
      {"x, = 3", 4, "the name of a definition was expected"},
      {"x, y", 5, "'=' was expected"},
      {"x, y = 3, y = 4", 11, "the name \"y\" is there already"},
      {"y, y = z, z = x", 8, "nothing is named \"z\""},
      {"x + " + std::string(41, 'y'), 5, "nothing is named"},
      {"f(x; " + std::string(41, 'y') + "=1) = x", 6, "a name has at most 40 characters"},
  };
  for (const refused& row : rows) {
    SCOPED_TRACE(row.text);
    const std::string message = test::refusal(GEMMACT_BAD_ACTIVATION_TEXT, [&] { parse(row.text, functions()); });
    expect_part(message, row.says);
    expect_part(message, fmt::format("(column {})", row.column));
  }
}

TEST(equation_text, a_caret_stands_under_the_place) {
  EXPECT_EQ(test::refusal(GEMMACT_BAD_ACTIVATION_TEXT, [] { parse("x + 2 * * x", functions()); }),
            "a number, x, a name or '(' was expected, not \"*\"; a power is written ^ (column 9)\n"
            "  x + 2 * * x\n"
            "          ^");
  const std::string far = std::string(200, '(') + "x";
  const std::string message = test::refusal(
      GEMMACT_BAD_ACTIVATION_TEXT, [&] { parse(std::string(60, ' ') + "x $ " + std::string(60, 'x'), functions()); });
  const size_t line = message.find("\n  ") + 3, caret = message.find('^');
  const size_t second = message.rfind("\n  ") + 3;
  ASSERT_NE(caret, std::string::npos);
  EXPECT_EQ(message[line + (caret - second)], '$') << message;
  EXPECT_LT(message.size(), 300u);
}

// No character but those of the language passes, wherever it stands; and nothing of a name reaches further than a name.
TEST(equation_text, hostile_text_is_refused) {
  const std::string rows[] = {"x; asm(\"trap;\")",
                              "x;",
                              "\"x\"",
                              "x\n+ 1",
                              "x // y",
                              "x /* y */",
                              "#define x 1",
                              "x\\",
                              "x@",
                              "x`",
                              "{x}",
                              "x[0]",
                              "a::b(x)",
                              "x -> y",
                              "x.y",
                              "$x",
                              "__asm__(x)",
                              "system(x)",
                              "asm(x)",
                              "\xc3\xbc",
                              "x\xc2\xa0",
                              "'x'",
                              "x'a'(x)",
                              "sizeof(x)",
                              "x\r\n",
                              std::string("x\0+1", 4),
                              std::string("x\0", 2),
                              "0x10",
                              "1f",
                              "x++",
                              "--x++",
                              "x+=1"};
  for (const std::string& text : rows) {
    SCOPED_TRACE(text);
    const std::string message = test::refusal(GEMMACT_BAD_ACTIVATION_TEXT, [&] { parse(text, functions()); });
    for (const char c : message) EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << message;
  }
  int passed = 0;
  for (int c = 0; c < 256; ++c)
    for (const char* around : {"x ", "x + ", ""}) {
      try {
        parse(around + std::string(1, static_cast<char>(c)) + " 1", functions());
        ++passed;
      } catch (const core::failure& f) {
        EXPECT_EQ(f.status(), GEMMACT_BAD_ACTIVATION_TEXT);
      }
    }
  EXPECT_EQ(passed, 5 + 2 * 4) << "x + - * / ^ 1, and a blank, a tab, + or - before 1";
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(equation_text, limits_hold) {
  const auto refuses = [](const std::string& text, const char* says, gemmact_status as = GEMMACT_BAD_ACTIVATION_TEXT) {
    SCOPED_TRACE(text.substr(0, 20));
    expect_part(test::refusal(as, [&] { parse(text, functions()); }), says);
  };
  const auto reads = [](const std::string& text) {
    SCOPED_TRACE(text.substr(0, 20));
    const declaration d = parse(text, functions());
    const std::string again = print(d, functions());
    EXPECT_EQ(print(parse(again, functions()), functions()), again);
  };
  reads(repeated("(", 100) + "x" + repeated(")", 100));
  refuses(repeated("(", 101) + "x" + repeated(")", 101), "nested more than 100 deep");
  refuses(repeated("(", 4000), "nested more than 100 deep");
  reads(repeated("-", 100) + "x");
  refuses(repeated("-", 101) + "x", "nested more than 100 deep");
  refuses(repeated("!", 101) + "x", "nested more than 100 deep");
  refuses(repeated("x^", 101) + "x", "nested more than 100 deep");
  refuses(repeated("x>1?x:", 101) + "x", "nested more than 100 deep");
  refuses(repeated("x>1?", 1000), "nested more than 100 deep");
  refuses(repeated("exp(", 1000), "nested more than 100 deep");
  reads(repeated("x+", 1000) + "x");
  reads(std::string(core::max_activation_text - 1, ' ') + "x");
  refuses(std::string(core::max_activation_text, ' ') + "x",
          "an equation has at most 4096 characters, this one has 4097");
  refuses(repeated("x+", 2040) + "x", "has more than 2000 operations", GEMMACT_EQUATION_UNSUPPORTED);
}

// Definitions let a short text say a graph whose tree would be enormous.
TEST(equation_text, shared_expressions_stay_shared) {
  std::string text = "a60, a0 = x + 1";
  for (int i = 1; i <= 60; ++i) text += fmt::format(", a{} = a{} * sin(a{})", i, i - 1, i - 1);
  const declaration d = parse(text, functions());
  const std::string printed = print(d, functions());
  EXPECT_LT(printed.size(), 4000u);
  EXPECT_EQ(print(parse(printed, functions()), functions()), printed);
}

TEST(equation_text, takes_little_time) {
  std::string hardest[] = {repeated("x?", 2048),
                           repeated("f(x,", 1024),
                           repeated("a=", 2048),
                           repeated("(x)(", 1000),
                           "f(" + std::string(4000, 'x') + ")",
                           repeated("x<", 2000),
                           repeated("1e", 2000)};
  for (const std::string& text : hardest) {
    const auto begin = std::chrono::steady_clock::now();
    test::refusal(GEMMACT_BAD_ACTIVATION_TEXT, [&] { parse(text, functions()); });
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1)) << text.substr(0, 20);
  }
}

}  // namespace
}  // namespace gemmact::equation
