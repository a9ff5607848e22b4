// What is known beforehand: the texts of the catalogue as expressions, and the forms that are computed in another way.
#pragma once
#include <string>
#include <vector>

#include "host/equation/match.hpp"
#include "host/equation/parse.hpp"

namespace gemmact::equation {

// A form to look for and what is computed instead, both expressions of forms::nodes().
struct form {
  pattern written;
  node_id computed = no_node;
  std::string why;
  int function = -1;              // of the catalogue, where that is what is computed
  bool against_overflow = false;  // only where a factor can overflow
  bool is_alone = false;          // only where nothing but a number from 1 to 16 is left of a product
  bool is_positive = false;       // only where the parameters are positive numbers
};

// A function of the catalogue in x and its parameters; no_node where its text is not in the language.
struct function_form {
  node_id value = no_node, grad = no_node;
  node_id second = no_node;  // the derivative of grad, where it is known: of others grad's formula is differentiated
  std::array<node_id, max_params> param_grad{no_node, no_node, no_node, no_node};
};

class forms {
 public:
  explicit forms(core::catalogue functions);
  forms(const forms&) = delete;
  forms& operator=(const forms&) = delete;

  core::catalogue functions() const { return functions_; }
  const graph& nodes() const { return nodes_; }
  const std::vector<form>& all() const { return all_; }
  const function_form& of(int function) const { return by_function_[static_cast<size_t>(function)]; }

 private:
  node_id read(std::string_view text, std::span<const std::string_view> parameters);
  void read_function(int function);
  void add_second_derivatives();
  void add_stable_forms();
  void add_formulas();
  void normalise();

  core::catalogue functions_;
  graph nodes_;
  std::vector<function_form> by_function_;
  std::vector<form> all_;
};

}  // namespace gemmact::equation
