// Rows of the table of steps, each from its type: the text is that of the very type, with any_function in place of
// any_function<count>.
#pragma once
#include <new>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {

inline std::string text_of(const char* row) {
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

// `fetched`: of backward, where nothing is multiplied, too.
template <class Step, bool fetched = false>
step_row step_row_of(const char* text) {
  using epilogue::params;
  static_assert(alignof(Step) <= 16);
  step_row row{};
  row.text = text_of(text);
  row.bytes = sizeof(Step);
  row.make = [](void* self) { new (self) Step; };
  constexpr bool takes_any = requires(Step step, const params& p, tile::strip& s) { step.apply(p, s); };
  if constexpr (products_of<Step> != 0 || takes_any) row.apply = apply_step<Step, tile::strip>;
  row.apply_staged = apply_step<Step, tile::staged_strip>;
  if constexpr (fetched) row.apply_fetched = apply_step<Step, tile::fetched_strip>;
  if constexpr (requires(Step s, const params& p, tile::strip_place at) { s.begin(p, at); }) {
    row.begin = [](void* self, const params& p, const tile::strip_place& s) { static_cast<Step*>(self)->begin(p, s); };
    row.begin_pairs = [](void* self, const params& p, const place_of_pairs& s) {
      static_cast<Step*>(self)->begin(p, s);
    };
    if constexpr (fetched)
      row.begin_fetched = [](void* self, const params& p, const tile::fetched_place& s) {
        static_cast<Step*>(self)->begin(p, s);
      };
  }
  if constexpr (requires(Step s, const params& p) { s.end(p, 0u); })
    row.end = [](void* self, const params& p, u32 batch) { static_cast<Step*>(self)->end(p, batch); };
  if constexpr (epilogue::sums_of<Step>() != 0) {
    row.columns_done = columns_done<Step, tile::strip_place>;
    row.columns_done_pairs = columns_done<Step, place_of_pairs>;
    if constexpr (fetched) row.columns_done_fetched = columns_done<Step, tile::fetched_place>;
  }
  row.reads_bits = [] { return epilogue::reads_bits_of<Step>(); };
  row.keeps_bits = epilogue::keeps_bits_of<Step>();
  if constexpr (requires(const params& p) { Step::finish(p); }) row.finish = [](const params& p) { Step::finish(p); };
  return row;
}

}  // namespace gemmact::emulated_gpu
