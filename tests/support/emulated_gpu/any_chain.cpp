#include "tests/support/emulated_gpu/any_chain.cuh"

#include <algorithm>
#include <stdexcept>

namespace gemmact::emulated_gpu {
namespace {

step_list chosen[2];

size_t place_bytes(const step_row& row) { return (row.bytes + 15) / 16 * 16; }

void check(const step_list& steps, size_t most) {
  size_t bytes = 0;
  for (const step_row* row : steps) bytes += place_bytes(*row);
  if (bytes > most) throw std::invalid_argument("the steps of a chain have more state than any_steps has room for");
}

}  // namespace

void choose(const step_list& chain, const step_list& of_each_product) {
  check(chain, most_state_bytes[0]);
  check(of_each_product, most_state_bytes[1]);
  chosen[0] = chain, chosen[1] = of_each_product;
}

template <int list>
template <class Visit>
void any_steps<list>::each(const Visit& visit) {
  unsigned char* state = states_;
  for (const step_row* row : chosen[list]) {
    visit(*row, state);
    state += place_bytes(*row);
  }
}

template <int list>
any_steps<list>::any_steps() {
  each([](const step_row& row, void* state) { row.make(state); });
}

template <int list>
void any_steps<list>::begin(const epilogue::params& p, const tile::strip_place& s) {
  each([&](const step_row& row, void* state) {
    if (row.begin != nullptr) row.begin(state, p, s);
  });
}

template <int list>
void any_steps<list>::begin(const epilogue::params& p, const place_of_pairs& s) {
  each([&](const step_row& row, void* state) {
    if (row.begin_pairs != nullptr) row.begin_pairs(state, p, s);
  });
}

template <int list>
void any_steps<list>::apply(const epilogue::params& p, tile::strip& s) {
  each([&](const step_row& row, void* state) { row.apply(state, p, s); });
}

template <int list>
void any_steps<list>::apply(const epilogue::params& p, tile::staged_strip& s) {
  each([&](const step_row& row, void* state) { row.apply_staged(state, p, s); });
}

template <int list>
void any_steps<list>::begin(const epilogue::params& p, const tile::fetched_place& s) {
  each([&](const step_row& row, void* state) {
    if (row.begin_fetched != nullptr) row.begin_fetched(state, p, s);
  });
}

template <int list>
void any_steps<list>::apply(const epilogue::params& p, tile::fetched_strip& s) {
  each([&](const step_row& row, void* state) { row.apply_fetched(state, p, s); });
}

template <int list>
void any_steps<list>::end(const epilogue::params& p, u32 batch) {
  each([&](const step_row& row, void* state) {
    if (row.end != nullptr) row.end(state, p, batch);
  });
}

template <int list>
void any_steps<list>::columns_done(const epilogue::params& p, const tile::strip_place& s, shared_address to, u32 pitch,
                                   bool first) {
  each([&](const step_row& row, void* state) {
    if (row.columns_done != nullptr) row.columns_done(state, p, s, to, pitch, first);
  });
}

template <int list>
void any_steps<list>::columns_done(const epilogue::params& p, const place_of_pairs& s, shared_address to, u32 pitch,
                                   bool first) {
  each([&](const step_row& row, void* state) {
    if (row.columns_done_pairs != nullptr) row.columns_done_pairs(state, p, s, to, pitch, first);
  });
}

template <int list>
void any_steps<list>::columns_done(const epilogue::params& p, const tile::fetched_place& s, shared_address to,
                                   u32 pitch, bool first) {
  each([&](const step_row& row, void* state) {
    if (row.columns_done_fetched != nullptr) row.columns_done_fetched(state, p, s, to, pitch, first);
  });
}

template <int list>
void any_steps<list>::finish(const epilogue::params& p) {
  for (const step_row* step : chosen[list])
    if (step->finish != nullptr) step->finish(p);
}

template <int list>
bool any_steps<list>::reads_bits() {
  return std::any_of(chosen[list].begin(), chosen[list].end(), [](const step_row* step) { return step->reads_bits(); });
}

template <int list>
bool any_steps<list>::keeps_bits() {
  return std::any_of(chosen[list].begin(), chosen[list].end(), [](const step_row* step) { return step->keeps_bits; });
}

template class any_steps<0>;
template class any_steps<1>;

}  // namespace gemmact::emulated_gpu
