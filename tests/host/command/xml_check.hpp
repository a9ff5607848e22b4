// Is a text well-formed XML, as far as this project writes any (elements, attributes, the five entities)?
#pragma once
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::test {

class xml_checker {
 public:
  explicit xml_checker(std::string_view text) : text_(text) {}

  // "" when all is well.
  std::string trouble() {
    while (trouble_.empty() && at_ < text_.size()) text_[at_] == '<' ? element() : character();
    if (trouble_.empty() && !open_.empty()) fail("<" + open_.back() + "> is not closed");
    if (trouble_.empty() && roots_ != 1) fail("there is not exactly one root");
    return trouble_;
  }

 private:
  void fail(const std::string& what) {
    if (trouble_.empty()) trouble_ = what + " at byte " + std::to_string(at_);
  }
  void character() {
    if (text_[at_] == '&') return entity();
    if (open_.empty() && text_[at_] != '\n') fail("text outside the root");
    if (static_cast<unsigned char>(text_[at_]) < 0x20 && text_[at_] != '\n') fail("a control character");
    ++at_;
  }
  void entity() {
    for (const std::string_view known : {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"}) {
      if (text_.substr(at_, known.size()) != known) continue;
      at_ += known.size();
      return;
    }
    fail("an unknown entity");
    ++at_;
  }
  std::string name() {
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '-' || text_[at_] == ':'))
      ++at_;
    if (begin == at_) fail("a name is missing");
    return std::string(text_.substr(begin, at_ - begin));
  }
  bool take(std::string_view what) {
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  void attribute(std::set<std::string>& seen) {
    if (!seen.insert(name()).second) fail("an attribute is there twice");
    if (!take("=\"")) return fail("an attribute without a quoted value");
    while (trouble_.empty() && at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '<') fail("< within an attribute");
      text_[at_] == '&' ? entity() : void(++at_);
    }
    if (!take("\"")) fail("an attribute that does not end");
  }
  void element() {
    if (take("</")) {
      const std::string closed = name();
      if (open_.empty() || open_.back() != closed) return fail("</" + closed + "> closes nothing");
      open_.pop_back();
      if (!take(">")) fail("> is missing");
      return;
    }
    take("<");
    const std::string opened = name();
    if (open_.empty()) ++roots_;
    std::set<std::string> attributes;
    while (trouble_.empty() && take(" ")) attribute(attributes);
    if (take("/>")) return;
    if (!take(">")) return fail("> is missing");
    open_.push_back(opened);
  }

  std::string_view text_;
  size_t at_ = 0;
  int roots_ = 0;
  std::vector<std::string> open_;
  std::string trouble_;
};

inline std::string xml_trouble(std::string_view text) { return xml_checker(text).trouble(); }

}  // namespace gemmact::test
