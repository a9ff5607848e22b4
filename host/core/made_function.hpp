// A function made at run time of an equation, in the forms that devices compute it in. host/equation makes it.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/core/activation_info.hpp"
#include "host/core/operations.hpp"

namespace gemmact::core {

// What a step of a program reads.
struct source {
  enum class what : uint8_t { step, argument, parameter, number } from = what::number;
  uint16_t index = 0;  // step: a register, as the step that last wrote it left it; parameter: its place
  float number = 0;
};

// One operation, of a whole block of values. A condition is 1 where it holds and 0 elsewhere.
struct program_step {
  op operation = op::negate;    // none of constant, variable and parameter
  part quantity = part::value;  // of a call: which of the function's
  uint8_t by = 0;               // of a param_grad: the function's parameter
  uint8_t count = 0;            // sources
  uint16_t function = 0;        // of a call: its place in the catalogue
  uint16_t to = 0;              // the register it writes; may be that of a source
  std::array<source, 1 + max_params> from{};
};

// Straight-line code for the CPU device. Its argument is x, an output, or a bit as 1 or 0.
struct program {
  std::vector<program_step> steps;
  int registers = 0;
  source result;
};

struct made_function {
  made_function() = default;
  made_function(const made_function&) = delete;  // info points into it
  made_function& operator=(const made_function&) = delete;

  activation_info info{};  // its strings are those below
  std::string text;        // as it was written
  std::string name, formula, derivative, note;
  std::array<std::string, max_params> param_names;
  // For a GPU: "equation_" and a hash of the source; the text of that struct, a template of the accuracy like those of
  // kernels/activation, to stand within namespace gemmact::activation; the files of the catalogue that it calls, by stem.
  std::string type, source;
  std::vector<std::string> files;
  // An element, by gemmact_accuracy: of a value, and of the derivatives by x and by every parameter together.
  std::array<int, 2> value_instructions{}, grad_instructions{};
  // For the CPU. What the function has not (info says it) is empty.
  program value, grad, grad_from_output, bit, grad_from_bit;
  std::array<program, max_params> param_grad;
};

}  // namespace gemmact::core
