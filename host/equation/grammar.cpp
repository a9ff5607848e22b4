// The grammar of equations. This is the one file that PEGTL is included in: it takes long to compile.
//
//   text        = [ name "(" "x" [ ";" parameter { "," parameter } ] ")" "=" ] choice { "," name "=" choice }
//   parameter   = name [ "[" "n" "]" ] [ "=" [ sign ] number ]
//   choice      = either [ "?" choice ":" choice ]
//   either      = both { "||" both }
//   both        = denial { "&&" denial }
//   denial      = "!" denial | comparison
//   comparison  = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
//   sum         = product { ( "+" | "-" ) product }
//   product     = signed { ( "*" | "/" ) signed }
//   signed      = ( "-" | "+" ) signed | primary [ "^" signed ]
//   primary     = number | name | "(" choice ")" | name [ "'" [ name ] ] "(" argument { "," argument } ")"
//   argument    = [ name "=" ] choice
//
// Nothing is read twice but the head and an argument's name, so the time is linear; what may contain itself counts its
// depth.
#include <string>
#include <tao/pegtl.hpp>

#include "host/core/names.hpp"
#include "host/core/status.hpp"
#include "host/equation/syntax.hpp"

namespace gemmact::equation {
namespace {

namespace peg = tao::pegtl;

struct reading {
  explicit reading(std::string_view all) : text(all) {}
  std::string_view text;
  syntax result;
  std::vector<step>* steps = &result.steps;
  struct open_call {
    step made;
    std::string_view label;
  };
  std::vector<open_call> calls;
  int depth = 0;
};

// clang-format off
struct blank : peg::star<peg::one<' ', '\t'>> {};
template <class Rule> struct token : peg::seq<Rule, blank> {};
template <char... c> struct mark : token<peg::string<c...>> {};

struct word : peg::seq<peg::sor<peg::alpha, peg::one<'_'>>, peg::star<peg::sor<peg::alnum, peg::one<'_'>>>> {};
struct exponent : peg::seq<peg::one<'e', 'E'>, peg::opt<peg::one<'+', '-'>>, peg::plus<peg::digit>> {};
struct decimal : peg::seq<peg::sor<peg::seq<peg::plus<peg::digit>, peg::opt<peg::one<'.'>, peg::star<peg::digit>>>,
                                   peg::seq<peg::one<'.'>, peg::plus<peg::digit>>>, peg::opt<exponent>> {};
// "=" and not "=="
struct equals : token<peg::seq<peg::one<'='>, peg::not_at<peg::one<'='>>>> {};
struct closing : mark<')'> {};

struct choice;
struct signed_value;
struct denial;
// Where an expression contains another.
struct inner : peg::seq<choice> {};
struct inner_signed : peg::seq<signed_value> {};
struct inner_denial : peg::seq<denial> {};

struct number : decimal {};
struct number_token : token<number> {};

struct label : word {};
struct labelled : peg::seq<peg::at<word, blank, equals>, label, blank, equals, peg::must<inner>> {};
struct argument : peg::sor<labelled, inner> {};
struct arguments_end : mark<')'> {};
struct opening : mark<'('> {};
struct call_tail : peg::if_must<opening, argument, peg::star<peg::if_must<mark<','>, argument>>, arguments_end> {};
struct by : word {};
struct prime : peg::seq<peg::one<'\''>, peg::opt<by>, blank> {};
struct plain_name : peg::success {};
struct name : word {};
struct reference : peg::seq<name, peg::sor<peg::if_must<prime, call_tail>,
                                           peg::seq<blank, peg::sor<call_tail, plain_name>>>> {};

struct primary : peg::sor<number_token, peg::if_must<mark<'('>, inner, closing>, reference> {};
struct raised : peg::if_must<mark<'^'>, inner_signed> {};
struct negative : peg::if_must<mark<'-'>, inner_signed> {};
struct positive : peg::if_must<mark<'+'>, inner_signed> {};
struct signed_value : peg::sor<negative, positive, peg::seq<primary, peg::opt<raised>>> {};
struct multiplied : peg::if_must<mark<'*'>, signed_value> {};
struct divided : peg::if_must<mark<'/'>, signed_value> {};
struct product : peg::seq<signed_value, peg::star<peg::sor<multiplied, divided>>> {};
struct added : peg::if_must<mark<'+'>, product> {};
struct subtracted : peg::if_must<mark<'-'>, product> {};
struct sum : peg::seq<product, peg::star<peg::sor<added, subtracted>>> {};

struct at_most : peg::if_must<mark<'<', '='>, sum> {};
struct less : peg::if_must<mark<'<'>, sum> {};
struct at_least : peg::if_must<mark<'>', '='>, sum> {};
struct greater : peg::if_must<mark<'>'>, sum> {};
struct equal : peg::if_must<mark<'=', '='>, sum> {};
struct unequal : peg::if_must<mark<'!', '='>, sum> {};
struct no_chain : peg::not_at<peg::sor<peg::one<'<', '>'>, peg::string<'=', '='>, peg::string<'!', '='>>> {};
struct comparison : peg::seq<sum, peg::opt<peg::sor<at_most, less, at_least, greater, equal, unequal>,
                                           peg::must<no_chain>>> {};
struct denied : peg::if_must<token<peg::seq<peg::one<'!'>, peg::not_at<peg::one<'='>>>>, inner_denial> {};
struct denial : peg::sor<denied, comparison> {};
struct and_denial : peg::if_must<mark<'&', '&'>, denial> {};
struct both : peg::seq<denial, peg::star<and_denial>> {};
struct or_both : peg::if_must<mark<'|', '|'>, both> {};
struct either : peg::seq<both, peg::star<or_both>> {};
struct colon : mark<':'> {};
struct chosen : peg::if_must<mark<'?'>, inner, colon, inner> {};
struct choice : peg::seq<either, peg::opt<chosen>> {};

struct head_name : word {};
struct head_argument : word {};
struct head_argument_token : token<head_argument> {};
struct parameter_name : word {};
struct column_n : token<peg::seq<peg::one<'n'>, peg::not_at<peg::sor<peg::alnum, peg::one<'_'>>>>> {};
struct column_end : mark<']'> {};
struct per_column : peg::if_must<mark<'['>, column_n, column_end> {};
struct default_value : peg::seq<peg::opt<peg::one<'+', '-'>>, decimal> {};
struct default_token : token<default_value> {};
struct parameter : peg::seq<parameter_name, blank, peg::opt<per_column>,
                            peg::opt<peg::if_must<equals, default_token>>> {};
struct head_end : mark<')'> {};
struct head_without_parameters : mark<')'> {};
struct parameters : peg::if_must<mark<';'>, parameter, peg::star<peg::if_must<mark<','>, parameter>>, head_end> {};
struct is_head : peg::at<word, blank, peg::one<'('>, peg::star<peg::not_one<'(', ')', ';'>>,
                         peg::sor<peg::one<';'>, peg::seq<peg::one<')'>, blank, equals>>> {};
struct head : peg::seq<is_head, head_name, blank, mark<'('>, peg::must<head_argument_token>,
                       peg::sor<parameters, peg::must<head_without_parameters>>, peg::must<equals>> {};
struct definition_name : word {};
struct definition_token : token<definition_name> {};
struct defined : peg::if_must<mark<','>, definition_token, equals, choice> {};
struct whole_end : peg::eof {};
struct whole : peg::seq<blank, peg::opt<head>, peg::must<choice>, peg::star<defined>, peg::must<whole_end>> {};

template <class Rule> inline constexpr bool counts_depth = false;
template <> inline constexpr bool counts_depth<inner> = true;
template <> inline constexpr bool counts_depth<inner_signed> = true;
template <> inline constexpr bool counts_depth<inner_denial> = true;

template <class Rule> inline constexpr const char* expected = "a number, x, a name or '('";
template <> inline constexpr const char* expected<closing> = "an operator or ')'";
template <> inline constexpr const char* expected<arguments_end> = "an operator, ',' or ')'";
template <> inline constexpr const char* expected<call_tail> = "'('";
template <> inline constexpr const char* expected<colon> = "an operator or ':'";
template <> inline constexpr const char* expected<whole_end> = "an operator, ',' or the end";
template <> inline constexpr const char* expected<definition_token> = "the name of a definition";
template <> inline constexpr const char* expected<equals> = "'='";
template <> inline constexpr const char* expected<head_argument_token> = "x";
template <> inline constexpr const char* expected<head_end> = "',' or ')'";
template <> inline constexpr const char* expected<head_without_parameters> = "';' or ')'";
template <> inline constexpr const char* expected<parameter> = "the name of a parameter";
template <> inline constexpr const char* expected<column_n> = "n";
template <> inline constexpr const char* expected<column_end> = "']'";
template <> inline constexpr const char* expected<default_token> = "a number";
// clang-format on

template <class Rule>
inline constexpr bool wants_operand = std::string_view(expected<Rule>).starts_with("a number, x");
template <class Rule>
inline constexpr bool wants_operator = std::string_view(expected<Rule>).starts_with("an operator");

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c); }

std::string_view word_at(std::string_view text) {
  size_t length = 0;
  while (length < text.size() && is_word(text[length])) ++length;
  return text.substr(0, length);
}

std::string_view word_before(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t") + 1);
  size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  return text.substr(begin);
}

// What a writer of another language may have meant where an operator had to be.
const char* hint_of_operator(std::string_view rest, std::string_view before) {
  const std::string_view word = word_at(rest), last = word_before(before);
  if (rest.starts_with("=")) return "; equality is written ==, and a head f(x) = ...";
  if (rest.starts_with("%")) return "; there is no remainder";
  if (rest.starts_with("'")) return "; a derivative of the catalogue's is written swish'(x)";
  if (rest.starts_with(".") && !word_at(rest.substr(1)).empty() && !last.empty() && !is_digit(last[0]))
    return "; a name has no parts: exp(x), not math.exp(x)";
  if (rest.starts_with(";")) return "; parameters stand in a head: f(x; beta=1) = ...";
  if (word == "and") return "; 'and' is written &&";
  if (word == "or") return "; 'or' is written ||";
  if (last == "not") return "; 'not' is written !";
  if (word == "if" || word == "else" || last == "if") return "; a choice is written condition ? a : b";
  if (!word.empty() || rest.starts_with("(")) return "; a product is written with *, an argument in (): 2 * x, exp(x)";
  return "";
}

// What may have been meant by what stands there.
const char* hint_of_sign(std::string_view rest, std::string_view before, bool operand) {
  const bool beyond_ascii = !rest.empty() && static_cast<unsigned char>(rest[0]) >= 0x80;
  if (beyond_ascii) return "; an equation is ASCII: x^2, 2 * x, x - 1, pi";
  if (operand && rest.starts_with("*") && before.ends_with("*")) return "; a power is written ^";
  if (operand && rest.starts_with("|") && !before.ends_with("|")) return "; |x| is written abs(x)";
  if (rest.starts_with("&")) return "; 'and' is written &&";
  if (rest.starts_with("|")) return "; 'or' is written ||";
  return "";
}

template <class Rule>
struct control : peg::normal<Rule> {
  template <class Input>
  static void start(const Input& in, reading& r) {
    if constexpr (counts_depth<Rule>)
      if (++r.depth > max_depth)
        refuse_at(r.text, static_cast<size_t>(in.current() - r.text.data()),
                  fmt::format("the equation is nested more than {} deep", max_depth));
  }
  template <class Input>
  static void success(const Input&, reading& r) {
    if constexpr (counts_depth<Rule>) --r.depth;
  }
  template <class Input>
  static void failure(const Input&, reading& r) {
    if constexpr (counts_depth<Rule>) --r.depth;
  }
  template <class Input>
  [[noreturn]] static void raise(const Input& in, reading& r) {
    const auto at = static_cast<size_t>(in.current() - r.text.data());
    if constexpr (std::is_same_v<Rule, no_chain>)
      refuse_at(r.text, at, "comparisons do not chain: write a < b && b < c for a < b < c");
    const std::string_view rest = r.text.substr(at), before = r.text.substr(0, at);
    const std::string_view left = before.substr(0, before.find_last_not_of(" \t") + 1);
    std::string_view hint = hint_of_sign(rest, left, wants_operand<Rule>);
    if (hint.empty() && wants_operator<Rule>) hint = hint_of_operator(rest, left);
    refuse_at(r.text, at,
              fmt::format("{} was expected, not {}{}", expected<Rule>,
                          rest.empty() ? "the end" : core::quoted(rest.substr(0, 1)), hint));
  }
};

template <class Rule>
struct action : peg::nothing<Rule> {};

template <class Input>
std::string_view text_of(const Input& in) {
  return {in.begin(), in.size()};
}

template <class Input>
step step_at(const Input& in, const reading& r, decltype(step::does) does) {
  step s{};
  s.does = does;
  s.text = text_of(in);
  s.at = static_cast<uint32_t>(in.begin() - r.text.data());
  return s;
}

template <step::what does>
struct push_step {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.steps->push_back(step_at(in, r, does));
  }
};
template <op operation>
struct push_operation {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    step s = step_at(in, r, step::what::operation);
    s.operation = operation;
    r.steps->push_back(s);
  }
};

// clang-format off
template <> struct action<number> : push_step<step::what::number> {};
template <> struct action<raised> : push_operation<op::power> {};
template <> struct action<negative> : push_operation<op::negate> {};
template <> struct action<multiplied> : push_operation<op::multiply> {};
template <> struct action<divided> : push_operation<op::divide> {};
template <> struct action<added> : push_operation<op::add> {};
template <> struct action<subtracted> : push_operation<op::subtract> {};
template <> struct action<less> : push_operation<op::less> {};
template <> struct action<at_most> : push_operation<op::at_most> {};
template <> struct action<greater> : push_operation<op::greater> {};
template <> struct action<at_least> : push_operation<op::at_least> {};
template <> struct action<equal> : push_operation<op::equal> {};
template <> struct action<unequal> : push_operation<op::unequal> {};
template <> struct action<and_denial> : push_operation<op::both> {};
template <> struct action<or_both> : push_operation<op::either> {};
template <> struct action<denied> : push_operation<op::deny> {};
template <> struct action<chosen> : push_operation<op::choose> {};
// clang-format on

// A name is noted as a call to come; where no argument follows it is a name after all.
template <>
struct action<name> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.calls.push_back({step_at(in, r, step::what::call), {}});
  }
};
template <>
struct action<prime> {
  template <class Input>
  static void apply(const Input&, reading& r) {
    r.calls.back().made.prime = true;
  }
};
template <>
struct action<by> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.calls.back().made.by = text_of(in);
  }
};
template <>
struct action<plain_name> {
  static void apply0(reading& r) {
    step s = r.calls.back().made;
    s.does = step::what::name;
    r.calls.pop_back();
    r.steps->push_back(s);
  }
};
template <>
struct action<label> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.calls.back().label = text_of(in);
  }
};
template <>
struct action<labelled> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    step s = step_at(in, r, step::what::label);
    s.text = r.calls.back().label;
    r.steps->push_back(s);
  }
};
template <>
struct action<argument> {
  static void apply0(reading& r) { ++r.calls.back().made.arguments; }
};
template <>
struct action<call_tail> {
  static void apply0(reading& r) {
    r.steps->push_back(r.calls.back().made);
    r.calls.pop_back();
  }
};

template <>
struct action<head_name> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.result.name = text_of(in);
  }
};
template <>
struct action<head_argument> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.result.argument = text_of(in);
  }
};
template <>
struct action<parameter_name> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.result.parameters.push_back({text_of(in), {}, false});
  }
};
template <>
struct action<per_column> {
  static void apply0(reading& r) { r.result.parameters.back().per_column = true; }
};
template <>
struct action<default_value> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.result.parameters.back().value = text_of(in);
  }
};
template <>
struct action<definition_name> {
  template <class Input>
  static void apply(const Input& in, reading& r) {
    r.result.definitions.push_back({text_of(in), {}});
    r.steps = &r.result.definitions.back().steps;
  }
};

}  // namespace

syntax read_syntax(std::string_view text) {
  if (text.size() > max_text)
    core::fail(GEMMACT_BAD_ACTIVATION_TEXT, "an equation has at most {} characters, this one has {}", max_text,
               text.size());
  reading r(text);
  peg::memory_input in(text.data(), text.data() + text.size(), "");
  if (!peg::parse<whole, action, control>(in, r)) refuse_at(text, 0, "this is no equation");
  return std::move(r.result);
}

}  // namespace gemmact::equation
