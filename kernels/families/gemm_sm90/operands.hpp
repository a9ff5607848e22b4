// How gemm_sm90 multiplies a layer's operands: in which type, in which order, by which maps.
#pragma once
#include "kernels/families/facing.hpp"
#include "kernels/families/gemm_sm90/config.hpp"

namespace gemmact::families::gemm_sm90 {

inline constexpr config configs[] = {
#define GEMMACT_GEMM_SM90(...) {__VA_ARGS__},
#include "kernels/families/gemm_sm90/configs.inc"
#undef GEMMACT_GEMM_SM90
};

inline constexpr u32 most_shared_bytes = 227 * 1024;  // of a block on sm_90
inline constexpr i64 piece = 16;                      // bytes of which TMA's strides and addresses are multiples
inline bool takes_stride(i64 bytes) { return bytes % piece == 0 && bytes < i64{1} << 40; }
inline i64 whole_stride(i64 bytes) { return (bytes + piece - 1) / piece * piece; }

// Whether TMA can copy boxes of a matrix: its lines and batch entries begin at multiples of 16 bytes. A single line's stride
// does not matter, but where results must not depend on how many there are.
inline bool has_boxes(const layer& l, const operand& o, i64 lines, i64 line_stride) {
  const i64 bytes = element_bytes(o.type);
  const bool several = l.batch_invariant || lines > 1;
  return o.align_bytes % piece == 0 && (!several || takes_stride(line_stride * bytes)) &&
         (l.batch == 1 || takes_stride(o.batch_stride * bytes));
}
inline bool has_boxes(const layer& l, const factor& f) { return has_boxes(l, *f.of, f.lines(), f.line_stride()); }

// Whether a matrix of the epilogue goes by TMA: rows of 16-bit elements, other ones for each batch entry.
inline bool has_slabs(const layer& l, const operand& o) {
  return (o.type == element::f16 || o.type == element::bf16) && o.spread == extent::each &&
         facing(l).col_stride(o) == 1 &&
         has_boxes(l, o, facing(l).turned() ? o.cols : o.rows, facing(l).row_stride(o)) &&
         (l.batch == 1 || o.batch_stride != 0);
}

// Which matrix of those that the epilogue adds TMA brings: one, or none.
inline slot read_by_tma(const layer& l) {
  for (const slot s : {slot::residual, slot::c})
    if (const operand* o = l.find(s); o != nullptr && has_slabs(l, *o)) return s;
  return slot{};
}

// As many as there is room for beside the slabs.
constexpr u32 fitting_stages(config c) {
  while (c.shared_bytes() > most_shared_bytes && c.stages > 2) --c.stages;
  return c.stages;
}

inline config config_of(const layer& l, const candidate& chosen) {
  const facing f(l);
  config c = configs[chosen.config];
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  c.staged = has_slabs(l, written(l));
  c.batched = l.batch > 1;
  c.splits = chosen.splits > 1;
  c.reads = c.staged && !c.splits && read_by_tma(l) != slot{};
  const slot read = c.reads ? read_by_tma(l) : slot{};
  for (const slot s : {slot::residual, slot::c}) c.overwrites |= c.staged && s != read && l.find(s) != nullptr;
  const operand* kept = l.find(slot::kept);
  c.keeps = c.staged && !c.splits && kept != nullptr && has_slabs(l, *kept);
  c.stages = fitting_stages(c);
  c.promotes = f.a().type() == element::e4m3 && l.computed != compute::fp8_fast;
  return c;
}

}  // namespace gemmact::families::gemm_sm90
