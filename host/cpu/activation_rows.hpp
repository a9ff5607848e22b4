// An activation applied to strips of a tile, with parameters that may be one for all, one a row or one an element.
#pragma once
#include "host/cpu/access.hpp"
#include "host/cpu/function_loops.hpp"

namespace gemmact::cpu {

class activation_rows {
 public:
  // `slot_bits`: 0, or GEMMACT_BELOW for the layer below. The loops are those of the run's problem.
  activation_rows(const run_view& run, const core::activation_use& use, const function_loops& loops,
                  uint32_t slot_bits);

  // Floats of scratch a thread needs for strips of up to `count` elements.
  static int64_t scratch_elems(int64_t count) { return core::max_params * count; }
  // Whether a strip may have several rows: not where a parameter differs by row.
  bool same_in_all_rows() const;

  // A thread's view of one tile and row.
  class row {
   public:
    row(const activation_rows& all, float* scratch, int64_t stride) : all_(all), scratch_(scratch), stride_(stride) {}
    // The columns and the largest number of rows of the strips to come; then each of them.
    void begin_tile(const strip& largest);
    void begin_strip(const strip& s);

    void value(const float* z, float* y) const { apply(function_loops::value, z, y); }
    void other(const float* z, float* y) const { apply(function_loops::other, z, y); }
    void bit(const float* z, float* out) const { apply(function_loops::bit, z, out); }
    void param_grad(int p, const float* z, float* out) const { apply(function_loops::param_grad + p, z, out); }
    // f' from what was kept, already as f32 (bits as 0 or 1; anything where nothing is kept).
    void grad(gemmact_keep kept, const float* from, float* out) const {
      apply(kept == GEMMACT_KEEP_OUTPUT ? function_loops::grad_from_output
            : kept == GEMMACT_KEEP_BIT  ? function_loops::grad_from_bit
                                        : function_loops::grad,
            from, out);
    }

   private:
    void apply(int quantity, const float* in, float* out) const {
      all_.loops_(quantity, pointers_, in, out, size_t(count_));
    }
    const activation_rows& all_;
    float* scratch_;
    int64_t stride_, count_ = 0;
    float single_[core::max_params] = {};
    const float* pointers_[core::max_params] = {};
  };

 private:
  const run_view& run_;
  const function_loops& loops_;
  core::param_values constants_;
  int param_count_;
  place sources_[core::max_params];
};

}  // namespace gemmact::cpu
