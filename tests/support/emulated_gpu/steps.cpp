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
  for (const std::string_view name : {"any_function", "any_steps"})
    if (const size_t at = text.find(name); at != text.npos) text.erase(at + name.size(), 3);
  return text;
}

// How many products' sums the strips of a step have; 0: it asks for none.
template <class Step>
constexpr int products_of = 0;
template <int count, bool early, class... Steps>
constexpr int products_of<epilogue::each_product<count, early, Steps...>> = count;
template <class Act, class From>
constexpr int products_of<epilogue::gate<Act, From>> = 2;
template <int count, bool keeps>
constexpr int products_of<epilogue::winner<count, keeps>> = count;

template <class Step, class Strip>
void apply_step(void* self, const epilogue::params& p, Strip& s) {
  constexpr int products = products_of<Step>;
  if constexpr (products == 0) static_cast<Step*>(self)->apply(p, s);
  else static_cast<Step*>(self)->apply(p, static_cast<tile::strip_of_products<Strip, products>&>(s));
}

template <class Step, class Place>
void columns_done(void* self, const epilogue::params& p, const Place& s, shared_address to, u32 pitch, bool first) {
  static_cast<Step*>(self)->columns_done(p, s, to, pitch, first);
}

template <class Step>
step_row row_of(const char* text) {
  using epilogue::params;
  static_assert(alignof(Step) <= 16);
  step_row row{};
  row.text = text_of(text);
  row.bytes = sizeof(Step);
  row.make = [](void* self) { new (self) Step; };
  constexpr bool takes_any = requires(Step step, const params& p, tile::strip& s) { step.apply(p, s); };
  if constexpr (products_of<Step> != 0 || takes_any) row.apply = apply_step<Step, tile::strip>;
  row.apply_staged = apply_step<Step, tile::staged_strip>;
  if constexpr (requires(Step s, const params& p, tile::strip_place at) { s.begin(p, at); }) {
    row.begin = [](void* self, const params& p, const tile::strip_place& s) { static_cast<Step*>(self)->begin(p, s); };
    row.begin_pairs = [](void* self, const params& p, const place_of_pairs& s) {
      static_cast<Step*>(self)->begin(p, s);
    };
  }
  if constexpr (requires(Step s, const params& p) { s.end(p, 0u); })
    row.end = [](void* self, const params& p, u32 batch) { static_cast<Step*>(self)->end(p, batch); };
  if constexpr (epilogue::sums_of<Step>() != 0) {
    row.columns_done = columns_done<Step, tile::strip_place>;
    row.columns_done_pairs = columns_done<Step, place_of_pairs>;
  }
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
#define ACTIVATE(count, ...) \
  ROW(activate<any_function<count>, epilogue::sources<__VA_ARGS__>>) \
  ROW(gate<any_function<count>, epilogue::sources<__VA_ARGS__>>)
#define EACH_PRODUCT(count) \
  ROW(each_product<count, false, any_steps<1>>) ROW(winner<count, false>) ROW(winner<count, true>)
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
  ROW(each_product<2, true, any_steps<1>>) ROW(gate<any_function<4>>)
  EACH_PRODUCT(2) EACH_PRODUCT(3) EACH_PRODUCT(4) EACH_PRODUCT(5) EACH_PRODUCT(6) EACH_PRODUCT(7) EACH_PRODUCT(8)
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
