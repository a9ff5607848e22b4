#include "tests/support/emulated_gpu/any_function.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "activation_includes.hpp"
#include "sample_equations.hpp"

namespace gemmact::emulated_gpu {

struct function_row {
  std::string name;
  accuracy mode;
  const char* source;  // of an equation's struct; null: the catalogue's
  float (*value)(const float* p, float x);
  bool (*bit)(const float* p, float x);
  float (*other)(const float* p, float x);
  float (*grad)(const float* p, float x);
  float (*grad_from_output)(const float* p, float y);
  float (*grad_from_bit)(const float* p, bool b);
  float (*param_grad)(const float* p, int i, float x);
};

namespace {

template <class Act>
function_row row_of(const char* name, accuracy mode, const char* source = nullptr) {
  function_row row{};
  row.name = name, row.mode = mode, row.source = source;
  row.value = [](const float* p, float x) { return activation::make<Act>(p)(x); };
  row.grad = [](const float* p, float x) { return activation::make<Act>(p).grad(x); };
  if constexpr (activation::has_bit<Act>) {
    row.bit = [](const float* p, float x) { return activation::make<Act>(p).bit(x); };
    row.grad_from_bit = [](const float* p, bool b) { return activation::make<Act>(p).grad_from_bit(b); };
  }
  if constexpr (activation::has_grad_from_output<Act>)
    row.grad_from_output = [](const float* p, float y) { return activation::make<Act>(p).grad_from_output(y); };
  if constexpr (activation::has_param_grad<Act>)
    row.param_grad = [](const float* p, int i, float x) { return activation::make<Act>(p).param_grad(i, x); };
  if constexpr (activation::has_other<Act>)
    row.other = [](const float* p, float x) { return activation::make<Act>(p).other(x); };
  return row;
}

template <accuracy mode>
void add_all(std::vector<function_row>& to) {
#define GEMMACT_ACTIVATION(name) to.push_back(row_of<activation::name<mode>>(#name, mode));
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
#define GEMMACT_EQUATION(type, text, source) to.push_back(row_of<activation::type<mode>>(#type, mode, source));
#include "sample_equation_rows.inc"
#undef GEMMACT_EQUATION
}

const function_row* chosen = nullptr;

}  // namespace

const function_row* find_function(const std::string& name, accuracy mode) {
  static const std::vector<function_row> all = [] {
    std::vector<function_row> made;
    add_all<accuracy::accurate>(made);
    add_all<accuracy::fast>(made);
    return made;
  }();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const function_row& f) { return f.name == name && f.mode == mode; });
  return found == all.end() ? nullptr : &*found;
}

const char* source_of(const function_row& f) { return f.source; }

void choose(const function_row* f) { chosen = f; }

namespace {

// Of what a function lacks the real kernel would not compile.
template <class Result, class... Arguments>
Result call(Result (*of_chosen)(Arguments...), const char* what, std::type_identity_t<Arguments>... arguments) {
  if (of_chosen == nullptr) throw std::logic_error(chosen->name + " has no " + what);
  return of_chosen(arguments...);
}

}  // namespace

template <int count>
float any_function<count>::operator()(float x) const {
  return chosen->value(p, x);
}
template <int count>
bool any_function<count>::bit(float x) const {
  return call(chosen->bit, "bit", p, x);
}
template <int count>
float any_function<count>::other(float x) const {
  return call(chosen->other, "1 - f", p, x);
}
template <int count>
float any_function<count>::grad(float x) const {
  return chosen->grad(p, x);
}
template <int count>
float any_function<count>::grad_from_output(float y) const {
  return call(chosen->grad_from_output, "derivative by its output", p, y);
}
template <int count>
float any_function<count>::grad_from_bit(bool b) const {
  return call(chosen->grad_from_bit, "derivative by its bit", p, b);
}
template <int count>
float any_function<count>::param_grad(int i, float x) const {
  return call(chosen->param_grad, "derivative by its parameters", p, i, x);
}

template struct any_function<1>;
template struct any_function<2>;
template struct any_function<4>;

}  // namespace gemmact::emulated_gpu
