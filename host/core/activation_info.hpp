// An activation as the host knows it: the catalogue's row or one made of an equation, and one use of it with parameter values.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

inline constexpr int max_params = GEMMACT_MAX_PARAMS;
using param_values = std::array<float, max_params>;

struct activation_info {
  const char* name;
  const char* aliases;
  const char* formula;
  const char* derivative;
  const char* note;
  gemmact_keep needs;  // NOTHING, BIT, OUTPUT or Z
  bool zero_at_zero, has_other, has_grad_from_output, has_bit;
  struct {
    int special_functions, arithmetic;
  } work[2];  // instructions of a value, by gemmact_accuracy
  int param_count;
  gemmact_param_info params[max_params];
  bool (*output_determines_grad)(const float* params);  // sound for these values? Null: has_grad_from_output says it
  const char* (*invalid)(const float* params);          // the rule these values break, or null; may itself be null
};

struct made_function;

// The functions of the catalogue in alphabetical order of names, and what makes a function of an equation's text (null:
// nothing does). It throws BAD_ACTIVATION_TEXT.
struct catalogue : std::span<const activation_info> {
  using span::span;
  using maker = std::shared_ptr<const made_function> (*)(std::string_view text);
  maker make = nullptr;
};

// A function with its parameters' values (an operand's value is 0 and not used).
struct activation_use {
  int index = 0;  // in the catalogue; not of an equation
  const activation_info* info = nullptr;
  param_values params{};
  std::shared_ptr<const made_function> made;  // of an equation: has *info
};

}  // namespace gemmact::core
