// What happens to z on its way to memory, as a type: chain<add<...>, activate<...>, store<...>>. Each step is a struct with
//
//   GEMMACT_FN void apply(const params&, tile::strip&)
//   and, where it has something to do there,
//   GEMMACT_FN void begin(const params&, const tile::strip_place&)    the strips to come have these columns
//   GEMMACT_FN void end(const params&, u32 batch)                     the warp's strips of a tile have all been applied
//   static constexpr int sums                                         how many sums over rows it makes of each column, and
//   GEMMACT_FN void columns_done(const params&, const tile::strip_place&, shared_address to, u32 pitch, bool first)
//                                                                     the strips of these columns have been applied: the warp
//                                                                     stores (first) or adds sum i of column c of all that lanes
//                                                                     beside each other have at to + 4 * (i * pitch + c)
//   GEMMACT_FN static constexpr bool reads_bits(), keeps_bits()       strips that have a place for the bits of a row are to
//                                                                     bring them, are to store them
//   GEMMACT_FN static void finish(const params&)                      all of the block's tiles are done; every thread calls it
//
// that whole warps call with strips of several lanes beside each other in a row, 4 or, where nothing is multiplied, 8 (the
// strip's Columns::lanes, kernels/tile/strip_layout.hpp); strips outside of the matrix (valid == 0) too, for which nothing
// may be read or written.
#pragma once
#include "kernels/base/address.hpp"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

template <class Step>
GEMMACT_FN constexpr int sums_of() {
  if constexpr (requires { Step::sums; }) return Step::sums;
  else return 0;
}

template <class Step>
GEMMACT_FN constexpr bool reads_bits_of() {
  if constexpr (requires { Step::reads_bits(); }) return Step::reads_bits();
  else return false;
}
template <class Step>
GEMMACT_FN constexpr bool keeps_bits_of() {
  if constexpr (requires { Step::keeps_bits(); }) return Step::keeps_bits();
  else return false;
}

template <class... Steps>
class chain : Steps... {
 public:
  static constexpr int sums = (0 + ... + sums_of<Steps>());  // of one step at most

  GEMMACT_FN static constexpr bool reads_bits() { return (false || ... || reads_bits_of<Steps>()); }
  GEMMACT_FN static constexpr bool keeps_bits() { return (false || ... || keeps_bits_of<Steps>()); }

  GEMMACT_FN void begin(const params& p, const auto& s) { (begin_step<Steps>(p, s), ...); }
  GEMMACT_FN void apply(const params& p, auto& s) { (Steps::apply(p, s), ...); }
  GEMMACT_FN void end(const params& p, u32 batch) { (end_step<Steps>(p, batch), ...); }
  GEMMACT_FN void columns_done(const params& p, const auto& s, shared_address to, u32 pitch, bool first) {
    (columns_done_step<Steps>(p, s, to, pitch, first), ...);
  }
  GEMMACT_FN static void finish(const params& p) { (finish_step<Steps>(p), ...); }

 private:
  template <class Step>
  GEMMACT_FN void begin_step(const params& p, const auto& s) {
    if constexpr (requires(Step step) { step.begin(p, s); }) Step::begin(p, s);
  }
  template <class Step>
  GEMMACT_FN void end_step(const params& p, u32 batch) {
    if constexpr (requires(Step step) { step.end(p, batch); }) Step::end(p, batch);
  }
  template <class Step>
  GEMMACT_FN void columns_done_step(const params& p, const auto& s, shared_address to, u32 pitch, bool first) {
    if constexpr (sums_of<Step>() != 0) Step::columns_done(p, s, to, pitch, first);
  }
  template <class Step>
  GEMMACT_FN static void finish_step(const params& p) {
    if constexpr (requires { Step::finish(p); }) Step::finish(p);
  }
};

}  // namespace gemmact::epilogue
