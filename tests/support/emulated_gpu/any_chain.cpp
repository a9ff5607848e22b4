#include "tests/support/emulated_gpu/any_chain.cuh"

namespace gemmact::emulated_gpu {
namespace {

std::vector<const step_row*> chosen;

}  // namespace

void choose(const std::vector<const step_row*>& steps) { chosen = steps; }

any_chain::any_chain() {
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i]->make(states_[i]);
}

void any_chain::begin(const epilogue::params& p, const tile::strip_place& s) {
  for (size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]->begin != nullptr) chosen[i]->begin(states_[i], p, s);
}

void any_chain::begin(const epilogue::params& p, const tile::strip_place_of<tile::pairs>& s) {
  for (size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]->begin_pairs != nullptr) chosen[i]->begin_pairs(states_[i], p, s);
}

void any_chain::apply(const epilogue::params& p, tile::strip& s) {
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i]->apply(states_[i], p, s);
}

void any_chain::apply(const epilogue::params& p, tile::staged_strip& s) {
  for (size_t i = 0; i < chosen.size(); ++i) chosen[i]->apply_staged(states_[i], p, s);
}

void any_chain::end(const epilogue::params& p, u32 batch) {
  for (size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]->end != nullptr) chosen[i]->end(states_[i], p, batch);
}

void any_chain::finish(const epilogue::params& p) {
  for (const step_row* step : chosen)
    if (step->finish != nullptr) step->finish(p);
}

}  // namespace gemmact::emulated_gpu
