// A text taken apart by the grammar, before names mean anything: steps of a machine with a stack (operands first, then
// what is done with them). No step holds more than the text's own characters, their place and their number.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "host/equation/graph.hpp"

namespace gemmact::equation {

struct step {
  enum class what : uint8_t {
    number,     // push the decimal `text`
    name,       // push what `text` names
    operation,  // `operation` of the values on the stack
    label,      // the value on the stack is the argument named `text` of the call to come
    call        // `text` of the last `arguments` values; prime: its derivative, by the parameter `by` if there is one
  } does;
  op operation = op::constant;
  bool prime = false;
  int arguments = 0;
  std::string_view text, by;
  uint32_t at = 0;  // offset in the text, for messages
};

struct declared_parameter {
  std::string_view name, value;  // no value: an operand tensor
  bool per_column = false;
};

struct definition {
  std::string_view name;
  std::vector<step> steps;
};

struct syntax {
  std::string_view name, argument;  // of the head, if there is one
  std::vector<declared_parameter> parameters;
  std::vector<step> steps;
  std::vector<definition> definitions;
};

// Takes a text apart; the views are into it. GEMMACT_BAD_ACTIVATION_TEXT, with the place and what was expected there.
syntax read_syntax(std::string_view text);

// Throws GEMMACT_BAD_ACTIVATION_TEXT: the sentence with its column, and a line of the text with a caret under it.
[[noreturn]] void refuse_at(std::string_view text, size_t at, const std::string& sentence);

}  // namespace gemmact::equation
