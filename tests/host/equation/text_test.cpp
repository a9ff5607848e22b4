// What the text of an equation's struct may consist of, whoever wrote the equation.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "host/core/status.hpp"
#include "host/equation/function.hpp"
#include "tests/host/equation/known_forms.hpp"
#include "tests/host/equation/random_text.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::equation {
namespace {

using test::known_forms;

std::string source_of(std::string_view text) { return make_function(text, known_forms())->source; }

// The words and numbers of a text.
std::vector<std::string> words_of(const std::string& source) {
  static const std::regex word(R"([A-Za-z_][A-Za-z_0-9]*|[0-9]+([.][0-9]+)?(e[+-][0-9]+)?[0-9A-Za-z_.]*)");
  return {std::sregex_token_iterator(source.begin(), source.end(), word), {}};
}

// Words that the writer uses of its own; the catalogue's and those of operations.inc come to them.
const std::set<std::string>& own_words() {
  static const std::set<std::string> all = [] {
    std::set<std::string> words = {"template",   "accuracy", "mode",  "struct", "static",        "constexpr",
                                   "traits",     "info",     "const", "float",  "bool",          "int",
                                   "i",          "x",        "y",     "b",      "GEMMACT_FN",    "operator",
                                   "grad",       "return",   "if",    "math",   "bit_cast",      "param_count",
                                   "param_grad", "bit",      "pow",   "divide", "grad_from_bit", "grad_from_output"};
    for (const core::activation_info& info : known_forms().functions()) words.insert(info.name);
    for (const operation_row& row : operation_rows())
      if (row.is_function) words.insert(std::string(row.spelling));
    return words;
  }();
  return all;
}

bool is_known(const std::string& word) {
  static const std::regex temporary("t[1-9][0-9]*|p[0-3]|equation_[0-9a-f]{16}");
  static const std::regex number(R"([0-9]+|0x7f800000u|[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?f)");
  static const std::regex integer("[0-9]+");
  if (std::isdigit(static_cast<unsigned char>(word.front())) == 0)
    return own_words().contains(word) || std::regex_match(word, temporary);
  return std::regex_match(word, number);
}

// What is wrong with a struct's text; nothing where nothing is.
std::string fault_in(const std::string& source) {
  if (source.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ \n(){}<>.,;:?=!&|+-*") != source.npos)
    return "a character that no such text has";
  for (const std::string& word : words_of(source))
    if (!is_known(word)) return word;
  static const std::regex whole_number(R"([^0-9a-zA-Z_.+-]([0-9]+)[^0-9a-zA-Z_.])");
  for (std::sregex_iterator at(source.begin(), source.end(), whole_number), end; at != end; ++at) {
    const std::string before(source.begin(), source.begin() + at->position(1));
    if (!before.ends_with("param_count = ") && !before.ends_with("i == ") && !before.ends_with("param_grad("))
      return "the whole number " + at->str(1);
  }
  for (size_t at = source.find("if ("); at != source.npos; at = source.find("if (", at + 1))
    if (source.compare(at, 9, "if (i == ") != 0) return source.substr(at, 20);
  return "";
}

TEST(equation_text, of_random_equations_is_made_of_known_words) {
  const uint64_t count = test::case_count(1000);
  for (uint64_t i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
    if (!test::case_selected(i)) continue;
    SCOPED_TRACE(test::replay_line(i));
    test::random_source random(50000 + i);
    const std::string text = test::random_equation(random, static_cast<int>(random.between(1, 30)));
    EXPECT_EQ(fault_in(source_of(text)), "") << text;
  }
}

TEST(equation_text, with_a_fault_is_noticed) {
  const std::string good = source_of("f(x; a=1, b=2) = a * x + 0.5^b");
  EXPECT_EQ(fault_in(good), "");
  const auto with = [&](std::string_view what, std::string_view instead) {
    std::string text = good;
    const size_t at = text.find(what);
    EXPECT_NE(at, text.npos) << what << " in\n" << text;
    return fault_in(text.replace(at, what.size(), instead));
  };
  EXPECT_EQ(with("p0 * x", "p0 / x"), "a character that no such text has");
  EXPECT_EQ(with("0.5f", "0.5"), "0.5");
  EXPECT_EQ(with("0.5f", "5"), "the whole number 5");
  EXPECT_EQ(with("p0 * x", "asm(x)"), "asm");
  EXPECT_EQ(with("p0 * x", "sqrtf(x)"), "sqrtf");
  EXPECT_EQ(with("    return", "    if (x > p0) return"), "if (x > p0) return p");
  EXPECT_NE(with("p0 * x", "(double)x"), "");
}

// A name is the user's own and goes no further than what is shown.
TEST(equation_text, has_no_name_of_a_user) {
  const char* names[] = {"asm",      "__asm__",  "GEMMACT_FN", "float", "return", "operator", "this",     "math",
                         "mode",     "p0",       "t1",         "x1",    "i",      "goto",     "NULL",     "defined",
                         "__FILE__", "volatile", "template",   "info",  "traits", "accuracy", "namespace"};
  const std::string plain = source_of("f(x; a=1) = x * a + b, b = exp(a * x)");
  for (const char* name : names) {
    EXPECT_EQ(source_of(fmt::format("f(x; {0}=1) = x * {0} + b, b = exp({0} * x)", name)), plain) << name;
    EXPECT_EQ(source_of(fmt::format("{0}(x; a=1) = x * a + b, b = exp(a * x)", name)), plain) << name;
    EXPECT_EQ(source_of(fmt::format("f(x; a=1) = x * a + {0}, {0} = exp(a * x)", name)), plain) << name;
    EXPECT_EQ(make_function(fmt::format("{0}(x) = x", name), known_forms())->info.name, std::string_view(name));
  }
}

// A text that tries to leave its place is no equation.
TEST(equation_text, that_leaves_its_place_is_refused) {
  const std::string texts[] = {"x; asm(\"trap;\")",
                               "x; } }",
                               "x /* comment */",
                               "x // comment",
                               "x \\\n #include <evil>",
                               "#define x y",
                               "x\" + \"",
                               "x 'c'",
                               "x`ls`",
                               "x ? asm : x",
                               "__asm__(x)",
                               "asm(x)",
                               "x + ::gemmact::math",
                               "x[0]",
                               "x->y",
                               "*x",
                               "&x",
                               "x = 3",
                               "x, x",
                               "(float)x",
                               "x.y",
                               "0x10 * x",
                               "1.0f * x",
                               "{x}",
                               "x$",
                               "x @ x",
                               "sizeof(x)",
                               "GEMMACT_FN(x)",
                               std::string("x\0 + 1", 6),
                               "x + \xe2\x88\x9e",
                               "f(x; a=\"1\") = x",
                               "f(x; a=1; b=2) = x",
                               "f(x; a[3]=1) = x",
                               "x ?"
                               "?/ x"};
  for (const std::string& text : texts) EXPECT_THROW(make_function(text, known_forms()), core::failure) << text;
}

}  // namespace
}  // namespace gemmact::equation
