// The table of steps: a row each, whose text is that of the very type, with any_function in place of any_function<count>.
#include <new>
#include <unordered_map>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

std::string text_of(const char* row) {
  std::string text = without_spaces(row);
  constexpr std::string_view name = "any_function";
  if (const size_t at = text.find(name); at != text.npos) text.erase(at + name.size(), 3);
  return text;
}

template <class Step>
step_row row_of(const char* text) {
  using epilogue::params;
  static_assert(sizeof(Step) <= most_step_bytes && alignof(Step) <= 16);
  step_row row{};
  row.text = text_of(text);
  row.make = [](void* self) { new (self) Step; };
  if constexpr (requires(Step step, const params& p, tile::strip& s) { step.apply(p, s); })
    row.apply = [](void* self, const params& p, tile::strip& s) { static_cast<Step*>(self)->apply(p, s); };
  row.apply_staged = [](void* self, const params& p, tile::staged_strip& s) { static_cast<Step*>(self)->apply(p, s); };
  using of_pairs = tile::strip_place_of<tile::pairs>;
  if constexpr (requires(Step s, const params& p, tile::strip_place at) { s.begin(p, at); }) {
    row.begin = [](void* self, const params& p, const tile::strip_place& s) { static_cast<Step*>(self)->begin(p, s); };
    row.begin_pairs = [](void* self, const params& p, const of_pairs& s) { static_cast<Step*>(self)->begin(p, s); };
  }
  if constexpr (requires(Step s, const params& p) { s.end(p, 0u); })
    row.end = [](void* self, const params& p, u32 batch) { static_cast<Step*>(self)->end(p, batch); };
  if constexpr (requires(const params& p) { Step::finish(p); }) row.finish = [](const params& p) { Step::finish(p); };
  return row;
}

// clang-format off
#define ROW(...) row_of<epilogue::__VA_ARGS__>("epilogue::" #__VA_ARGS__),

// Where Y is computed as its transpose, what there is one of a row there is one of a column, and the reverse.
#define MULTIPLY(which, how) ROW(multiply<&epilogue::params::which, tile::spread::how>)
#define SCALES(which) MULTIPLY(which, scalar) MULTIPLY(which, per_column) MULTIPLY(which, per_row)
#define ADD(which, T, how) ROW(add<&epilogue::params::which, T, tile::spread::how>)
#define BIAS(T) ADD(bias, T, scalar) ADD(bias, T, per_column) ADD(bias, T, per_row) ADD(bias, T, each)
#define STORE(which, T) ROW(store<&epilogue::params::which, T>)
#define STAGE(which, T) ROW(stage<&tile::staged_strip::which, T>)
#define MATRICES(T) \
  ADD(c, T, each) ADD(residual, T, each) ROW(add_scaled<T>) STORE(y, T) \
  ROW(activate<any_function<4>, epilogue::sources<>, epilogue::other<T>>)
// A function of one parameter that a tensor gives, and one of two; bits are not kept of transposes.
#define TENSOR(T, how) epilogue::tensor<T, tile::spread::how>
#define ACTIVATE(count, ...) ROW(activate<any_function<count>, epilogue::sources<__VA_ARGS__>>)
#define WITH_BITS(count, ...) \
  ACTIVATE(count, __VA_ARGS__) ROW(activate<any_function<count>, epilogue::sources<__VA_ARGS__>, epilogue::keep_bit>)
#define PARAMETERS(T) \
  WITH_BITS(1, TENSOR(T, scalar)) WITH_BITS(1, TENSOR(T, per_column)) \
  WITH_BITS(1, TENSOR(T, per_row)) WITH_BITS(1, TENSOR(T, each)) \
  WITH_BITS(2, TENSOR(T, scalar), TENSOR(T, scalar)) WITH_BITS(2, TENSOR(T, per_column), TENSOR(T, per_column)) \
  ACTIVATE(2, TENSOR(T, per_row), TENSOR(T, per_row)) \
  WITH_BITS(2, epilogue::number, TENSOR(T, per_column)) WITH_BITS(2, TENSOR(T, per_column), epilogue::number) \
  WITH_BITS(2, TENSOR(T, scalar), TENSOR(T, per_column)) \
  ACTIVATE(2, epilogue::number, TENSOR(T, per_row)) ACTIVATE(2, TENSOR(T, per_row), epilogue::number) \
  ACTIVATE(2, TENSOR(T, scalar), TENSOR(T, per_row))

const step_row rows[] = {
  MULTIPLY(alpha, scalar) SCALES(scale_x) SCALES(scale_w) MULTIPLY(scale_y, scalar)
  BIAS(float) BIAS(f16_bits) BIAS(bf16_bits)
  MATRICES(float) MATRICES(f16_bits) MATRICES(bf16_bits) MATRICES(e4m3_bits)
  STORE(kept, float) STORE(kept, f16_bits) STORE(kept, bf16_bits)
  ROW(activate<any_function<4>>) ROW(activate<any_function<4>, epilogue::sources<>, epilogue::keep_bit>)
  PARAMETERS(float) PARAMETERS(f16_bits) PARAMETERS(bf16_bits)
  ROW(amax) STAGE(y, f16_bits) STAGE(y, bf16_bits) STAGE(kept, f16_bits) STAGE(kept, bf16_bits)
  ROW(add_staged<f16_bits>) ROW(add_staged<bf16_bits>)
  ROW(add_staged_scaled<f16_bits>) ROW(add_staged_scaled<bf16_bits>)
};
// clang-format on

}  // namespace

std::vector<std::string> step_types() {
  std::vector<std::string> all;
  for (const step_row& row : rows) all.push_back(row.text);
  return all;
}

const step_row* find_step(const std::string& text) {
  static const auto& by_text = *[] {
    auto* made = new std::unordered_map<std::string, const step_row*>;
    for (const step_row& row : rows) made->emplace(row.text, &row);
    return made;
  }();
  const auto found = by_text.find(text);
  return found == by_text.end() ? nullptr : found->second;
}

}  // namespace gemmact::emulated_gpu
