// What the command equation knows of a text, before anything is computed with it.
#pragma once
#include <string>
#include <vector>

#include "host/core/made_function.hpp"
#include "host/equation/equation.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct equation_facts {
  explicit equation_facts(const std::string& given);  // usage_error

  std::string text;  // without blanks around it
  equation::forms known;
  equation::equation worked_out;
  std::shared_ptr<const core::made_function> made;
  equation::kept kept;          // without gradients of parameters
  gemmact_keep keeps_to_train;  // with them
  std::vector<float> values;    // of the parameters, operands at 1, until told otherwise

  void set(const std::string& assignment);  // "name=value"; usage_error
  std::string values_text() const;          // "beta = 1, t = 2"; empty without parameters
  std::vector<float> constants() const;     // of the text, and their negatives: where choices turn and poles stand
  const core::activation_info& info() const { return made->info; }

  // f and f' by the CPU device.
  void evaluate(const std::vector<float>& x, std::vector<float>& y, std::vector<float>& dy) const;
};

}  // namespace gemmact::api
