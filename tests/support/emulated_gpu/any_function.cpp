#include "tests/support/emulated_gpu/any_function.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "activation_includes.hpp"

namespace gemmact::emulated_gpu {

struct function_row {
  std::string name;
  accuracy mode;
  float (*value)(const float* p, float x);
  bool (*bit)(const float* p, float x);
  float (*other)(const float* p, float x);
};

namespace {

template <class Act>
function_row row_of(const char* name, accuracy mode) {
  function_row row{name, mode, [](const float* p, float x) { return activation::make<Act>(p)(x); }, nullptr, nullptr};
  if constexpr (activation::has_bit<Act>)
    row.bit = [](const float* p, float x) { return activation::make<Act>(p).bit(x); };
  if constexpr (activation::has_other<Act>)
    row.other = [](const float* p, float x) { return activation::make<Act>(p).other(x); };
  return row;
}

template <accuracy mode>
void add_all(std::vector<function_row>& to) {
#define GEMMACT_ACTIVATION(name) to.push_back(row_of<activation::name<mode>>(#name, mode));
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
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

void choose(const function_row* f) { chosen = f; }

template <int count>
float any_function<count>::operator()(float x) const {
  return chosen->value(p, x);
}
template <int count>
bool any_function<count>::bit(float x) const {
  if (chosen->bit == nullptr)
    throw std::logic_error(chosen->name + " has no bit");  // the real kernel would not compile
  return chosen->bit(p, x);
}
template <int count>
float any_function<count>::other(float x) const {
  if (chosen->other == nullptr) throw std::logic_error(chosen->name + " has no 1 - f");
  return chosen->other(p, x);
}

template struct any_function<1>;
template struct any_function<2>;
template struct any_function<4>;

}  // namespace gemmact::emulated_gpu
