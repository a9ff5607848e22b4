#include "tests/reference/formula.hpp"

#include <cctype>
#include <stdexcept>
#include <utility>
#include <vector>

namespace gemmact::reference {
namespace {

real constant_pi() { return real(1).apply(mpfr_atan) * real(4); }

class parser {
 public:
  parser(std::string_view text, const variables& names) : text_(text), names_(names) {}

  real whole() {
    const real v = choice();
    if (peek() != '\0') fail("the end");
    return v;
  }

 private:
  [[noreturn]] void fail(const std::string& wanted) const {
    throw std::runtime_error("\"" + std::string(text_) + "\": " + wanted + " was expected at " + std::to_string(at_));
  }
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(std::string_view token) {
    peek();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) fail(std::string(token));
  }

  real choice() {
    const real condition = comparison();
    if (!take("?")) return condition;
    const real yes = choice();
    need(":");
    const real no = choice();
    return condition.is_zero() ? no : yes;
  }
  real comparison() {
    const real a = sum();
    if (take("<=")) return a.compare(sum()) <= 0;
    if (take(">=")) return a.compare(sum()) >= 0;
    if (take("==")) return a.compare(sum()) == 0;
    if (take("<")) return a.compare(sum()) < 0;
    if (take(">")) return a.compare(sum()) > 0;
    return a;
  }
  real sum() {
    real v = product();
    for (;;) {
      if (take("+")) v = v + product();
      else if (take("-")) v = v - product();
      else return v;
    }
  }
  real product() {
    real v = sign();
    for (;;) {
      if (take("*")) v = v * sign();
      else if (take("/")) v = v / sign();
      else return v;
    }
  }
  real sign() { return take("-") ? -sign() : power(); }
  real power() {
    const real base = primary();
    return take("^") ? base.apply(mpfr_pow, sign()) : base;
  }
  real primary() {
    if (take("(")) {
      const real v = choice();
      need(")");
      return v;
    }
    const size_t start = (peek(), at_);
    if (std::isdigit(static_cast<unsigned char>(peek()))) {
      while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.')) ++at_;
      return real::from_decimal(std::string(text_.substr(start, at_ - start)).c_str());
    }
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    if (at_ == start) fail("a number, a name or a parenthesis");
    const std::string name(text_.substr(start, at_ - start));
    if (peek() == '(') return call(name);
    if (name == "pi") return constant_pi();
    const auto found = names_.find(name);
    if (found == names_.end()) fail("a known name, not " + name + ",");
    return found->second;
  }
  real call(const std::string& name) {
    need("(");
    std::vector<real> a = {choice()};
    while (take(",")) a.push_back(choice());
    need(")");
    using unary = int (*)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
    static const std::map<std::string, unary> functions = {
        {"exp", mpfr_exp}, {"expm1", mpfr_expm1}, {"log", mpfr_log},   {"log1p", mpfr_log1p}, {"sqrt", mpfr_sqrt},
        {"sin", mpfr_sin}, {"cos", mpfr_cos},     {"tanh", mpfr_tanh}, {"atan", mpfr_atan},   {"erf", mpfr_erf},
    };
    if (const auto f = functions.find(name); f != functions.end() && a.size() == 1) return a[0].apply(f->second);
    if (name == "abs" && a.size() == 1) return a[0].compare(0) < 0 ? -a[0] : a[0];
    if (name == "sigmoid" && a.size() == 1) return real(1) / (real(1) + (-a[0]).apply(mpfr_exp));
    if (name == "softplus" && a.size() == 1) return a[0].apply(mpfr_exp).apply(mpfr_log1p);
    if (name == "max" && a.size() == 2) return a[0].compare(a[1]) < 0 ? a[1] : a[0];
    if (name == "min" && a.size() == 2) return a[0].compare(a[1]) < 0 ? a[0] : a[1];
    if (name == "clamp" && a.size() == 3) return a[0].compare(a[1]) < 0 ? a[1] : a[0].compare(a[2]) > 0 ? a[2] : a[0];
    fail("a known function of " + std::to_string(a.size()) + ", not " + name + ",");
  }

  std::string_view text_;
  const variables& names_;
  size_t at_ = 0;
};

}  // namespace

real evaluate(std::string_view text, variables names) {
  std::vector<std::pair<std::string, std::string_view>> definitions;
  size_t end = text.size();
  // Commas between arguments are inside parentheses; those outside part the definitions.
  int depth = 0;
  for (size_t i = text.size(); i-- > 0;) {
    depth += text[i] == ')' ? 1 : text[i] == '(' ? -1 : 0;
    if (text[i] != ',' || depth != 0) continue;
    const std::string_view definition = text.substr(i + 1, end - i - 1);
    const size_t equals = definition.find(" = ");
    if (equals == std::string_view::npos) throw std::runtime_error("no definition: " + std::string(definition));
    definitions.emplace_back(std::string(definition.substr(1, equals - 1)), definition.substr(equals + 3));
    end = i;
  }
  for (auto d = definitions.rbegin(); d != definitions.rend(); ++d)
    names.insert_or_assign(d->first, parser(d->second, names).whole());
  return parser(text.substr(0, end), names).whole();
}

}  // namespace gemmact::reference
