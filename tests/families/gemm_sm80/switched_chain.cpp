#include "tests/families/gemm_sm80/switched_chain.cuh"

#include <stdexcept>

namespace gemmact::test {
namespace {

using families::element, families::extent, families::keep, families::slot;

void turn_on(int first, element type) {
  switch (type) {
    case element::f32:
      step_is_on[first] = true;
      return;
    case element::f16:
      step_is_on[first + 1] = true;
      return;
    case element::bf16:
      step_is_on[first + 2] = true;
      return;
    default:
      throw std::logic_error("not a type of an epilogue");
  }
}

int bias_steps(extent spread) {
  switch (spread) {
    case extent::per_column:
      return switched_chain::column;
    case extent::per_row:
      return switched_chain::row;
    case extent::scalar:
      return switched_chain::scalar;
    case extent::each:
      return switched_chain::each;
  }
  throw std::logic_error("not an extent");
}

}  // namespace

void choose_chain(const families::layer& l) {
  for (bool& on : step_is_on) on = false;
  step_is_on[switched_chain::function] = true;
  if (const families::operand* bias = l.find(slot::bias)) turn_on(bias_steps(bias->spread), bias->type);
  if (const families::operand* residual = l.find(slot::residual)) turn_on(switched_chain::residual, residual->type);
  turn_on(switched_chain::store, l.find(slot::y)->type);
  const families::operand* kept = l.find(slot::kept);
  if (kept == nullptr) return;
  if (l.kept == keep::bit) step_is_on[switched_chain::bit] = true;
  else turn_on(l.kept == keep::z ? switched_chain::keep_z : switched_chain::keep_output, kept->type);
}

void switched_chain::begin(const epilogue::params& p, u32 col, u32 valid) { steps_.begin(p, col, valid); }
void switched_chain::apply(const epilogue::params& p, tile::strip& s) { steps_.apply(p, s); }

}  // namespace gemmact::test
