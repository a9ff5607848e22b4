// The table of steps: a row each, whose text is that of the very type, with any_function in place of any_function<count>.
#include <unordered_map>

#include "tests/support/emulated_gpu/any_gradient.hpp"
#include "tests/support/emulated_gpu/step_row_of.hpp"

namespace gemmact::emulated_gpu {
namespace {

// clang-format off
#define ROW(...) step_row_of<epilogue::__VA_ARGS__>("epilogue::" #__VA_ARGS__),

// Where Y is computed as its transpose, what there is one of a row there is one of a column, and the reverse.
#define MULTIPLY(which, how) ROW(multiply<&epilogue::params::which, tile::spread::how>)
#define SCALES(which) MULTIPLY(which, scalar) MULTIPLY(which, per_column) MULTIPLY(which, per_row)
#define ADD(which, T, how) ROW(add<&epilogue::params::which, T, tile::spread::how>)
#define BIAS(T) ADD(bias, T, scalar) ADD(bias, T, per_column) ADD(bias, T, per_row) ADD(bias, T, each)
#define STORE(which, T) step_row_of<epilogue::store<&epilogue::params::which, T>, true>("epilogue::store<&epilogue::params::" #which ", " #T ">"),
#define STAGE(which, T) ROW(stage<&tile::staged_strip::which, T>)
#define MATRICES(T) \
  ADD(c, T, each) ADD(residual, T, each) ROW(add_scaled<T>) STORE(y, T) \
  ROW(activate<any_function<4>, epilogue::sources<>, epilogue::other<T>>)
// A function whose parameters, so many, come from tensors; with none, from the problem.
#define ACTIVATE(count, ...) \
  ROW(activate<any_function<count>, epilogue::sources<__VA_ARGS__>>) \
  ROW(activate<any_function<count>, epilogue::sources<__VA_ARGS__>, epilogue::keep_bit>)
#define EACH_PRODUCT(count) \
  ROW(each_product<count, false, any_steps<1>>) ROW(winner<count, false>) ROW(winner<count, true>)

const step_row rows[] = {
  MULTIPLY(alpha, scalar) SCALES(scale_x) SCALES(scale_w) MULTIPLY(scale_y, scalar)
  BIAS(float) BIAS(f16_bits) BIAS(bf16_bits)
  MATRICES(float) MATRICES(f16_bits) MATRICES(bf16_bits) MATRICES(e4m3_bits)
  STORE(kept, float) STORE(kept, f16_bits) STORE(kept, bf16_bits)
  STORE(dx, float) STORE(dx, f16_bits) STORE(dx, bf16_bits)
  ROW(each_product<2, true, any_steps<1>>)
  EACH_PRODUCT(2) EACH_PRODUCT(3) EACH_PRODUCT(4) EACH_PRODUCT(5) EACH_PRODUCT(6) EACH_PRODUCT(7) EACH_PRODUCT(8)
  ACTIVATE(4) ACTIVATE(1, any_source) ACTIVATE(2, any_source, any_source)
  ACTIVATE(4, any_source, any_source, any_source, any_source)
  ROW(amax) STAGE(y, f16_bits) STAGE(y, bf16_bits) STAGE(kept, f16_bits) STAGE(kept, bf16_bits)
  ROW(add_staged<f16_bits>) ROW(add_staged<bf16_bits>)
  ROW(add_staged_scaled<f16_bits>) ROW(add_staged_scaled<bf16_bits>)
};
// clang-format on

const std::vector<step_row>& all_rows() {
  static const auto& all = *[] {
    auto* made = new std::vector<step_row>(std::begin(rows), std::end(rows));
    const std::vector<step_row> backward = gradient_step_rows();
    made->insert(made->end(), backward.begin(), backward.end());
    return made;
  }();
  return all;
}

}  // namespace

std::vector<std::string> step_types() {
  std::vector<std::string> all;
  for (const step_row& row : all_rows()) all.push_back(row.text);
  const std::vector<std::string> parts = gradient_part_types();
  all.insert(all.end(), parts.begin(), parts.end());
  return all;
}

const step_row* find_step(const std::string& text) {
  static const auto& by_text = *[] {
    auto* made = new std::unordered_map<std::string, const step_row*>;
    for (const step_row& row : all_rows()) made->emplace(row.text, &row);
    return made;
  }();
  const auto found = by_text.find(text);
  return found == by_text.end() ? nullptr : found->second;
}

}  // namespace gemmact::emulated_gpu
