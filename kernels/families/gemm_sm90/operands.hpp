// How gemm_sm90 multiplies a layer's operands: in which type, in which order, by which maps.
#pragma once
#include "kernels/families/facing.hpp"
#include "kernels/families/gemm_sm90/config.hpp"
#include "kernels/families/gemm_sm90/params.hpp"
#include "kernels/families/gradient_chain.hpp"

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
inline bool has_boxes(const layer& l, const factor& f) {
  return std::all_of(l.operands.begin(), l.operands.end(), [&](const operand& o) {
    return o.what != f.of->what || o.below || has_boxes(l, o, f.lines(), f.line_stride());
  });
}

// Whether a matrix of the epilogue goes by TMA: rows of 16-bit elements, other ones for each of D's batch entries.
inline bool has_slabs(const layer& l, const operand& o) {
  return (o.type == element::f16 || o.type == element::bf16) && o.spread == extent::each &&
         facing(l).col_stride(o) == 1 &&
         has_boxes(l, o, facing(l).turned() ? o.cols : o.rows, facing(l).row_stride(o)) &&
         (facing(l).entries() == 1 || o.batch_stride != 0);
}
// The same of all products' matrices.
inline bool all_have_slabs(const layer& l, slot what, bool below) {
  return std::all_of(l.operands.begin(), l.operands.end(),
                     [&](const operand& o) { return o.what != what || o.below != below || has_slabs(l, o); });
}

// Which matrix of those that the epilogue reads TMA brings: one (of each D, or of both products of a pair), or none.
inline slot read_by_tma(const layer& l) {
  if (l.what == operation::input_grad)
    return l.find(slot::kept, 0, true) != nullptr && all_have_slabs(l, slot::kept, true) ? slot::kept : slot{};
  if (l.what == operation::weight_grad)
    return written(l).accumulate && all_have_slabs(l, slot::dw, false) ? slot::dw : slot{};
  for (const slot s : {slot::residual, slot::c})
    if (const operand* o = l.find(s); o != nullptr && has_slabs(l, *o) && (s == slot::residual || l.pieces == 1))
      return s;
  return slot{};
}

// Whether the epilogue reads bits, which the lanes load before a tile's products are waited for.
inline bool reads_bits(const layer& l) {
  return l.what == operation::input_grad && l.below_kept == keep::bit && l.find(slot::kept, 0, true) != nullptr;
}

// What an epilogue reads that has come before, for all products.
inline slot brought_before(const layer& l, const config& c) {
  if (reads_bits(l)) return slot::kept;
  const bool all = c.reads_pair || l.what != operation::input_grad || l.below_combined != combine::gated;
  return c.reads && all ? read_by_tma(l) : slot{};
}

// Whether TMA stores what is written beside D: what is kept or, backward, the second output.
inline bool kept_by_tma(const layer& l) {
  if (l.what == operation::forward) return l.find(slot::kept) != nullptr && all_have_slabs(l, slot::kept, false);
  const operand* second = l.what == operation::input_grad ? second_output(l) : nullptr;
  return second != nullptr && has_slabs(l, *second);
}

// As many as there is room for beside the slabs.
constexpr u32 fitting_stages(config c) {
  while (c.shared_bytes() > most_shared_bytes && c.stages > 2) --c.stages;
  return c.stages;
}

inline config config_of(const layer& l, int row, int splits) {
  const facing f(l);
  config c = configs[row];
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  c.parts = u32(f.parts()), c.pairs = u32(f.pairs()), c.outputs = u32(f.outputs());
  c.staged = c.outputs == 1 ? has_slabs(l, written(l)) : all_have_slabs(l, slot::dw, false);
  c.batched = l.batch > 1, c.sums_batch = f.sums_batch();
  c.splits = splits > 1;
  c.reads = c.staged && !c.splits && read_by_tma(l) != slot{};
  const slot read = c.reads ? read_by_tma(l) : slot{};
  for (const slot s : {slot::residual, slot::c}) c.overwrites |= c.staged && s != read && l.find(s) != nullptr;
  c.overwrites |= c.staged && written(l).accumulate && read != slot::dw;
  c.keeps = c.staged && !c.splits && kept_by_tma(l);
  c.reads_pair = c.reads && c.keeps && read == slot::kept && l.below_combined == combine::gated;
  const wanted_sums sums(l);
  if (l.what == operation::input_grad) c.sums = u32(sums.count);
  if (l.what == operation::weight_grad) c.sums_a = sums.products;
  c.stages = fitting_stages(c);
  c.promotes = f.a().type() == element::e4m3 && l.computed != compute::fp8_fast;
  return c;
}
inline config config_of(const layer& l, const candidate& chosen) { return config_of(l, chosen.config, chosen.splits); }

// The map of a product's factor of `rows` rows, `box_rows` of which a box has.
inline tensor_box box_of(const run& r, const factor& f, u32 product, i64 rows, u32 box_rows) {
  const operand* own = r.problem.find(f.of->what, product);
  const operand& o = own == nullptr ? *f.of : *own;
  const i64 depth = facing(r.problem).depth(r.m);
  const i64 bytes = element_bytes(o.type);
  const u32 elems = u32(config::span / bytes);
  const i64 stride = f.line_stride() * bytes;
  tensor_box box;
  box.type = o.type;
  box.to_tf32 = o.type == element::f32;
  box.base = r.data[o.binding];
  box.rank = r.problem.batch > 1 ? 3 : 2;
  box.dims[0] = f.along_depth ? depth : rows;
  box.dims[1] = f.along_depth ? rows : depth;
  box.dims[2] = o.batch_stride == 0 ? 1 : r.problem.batch;
  // A single line's stride is not promised to be one that TMA takes.
  box.stride_bytes[0] = box.dims[1] > 1 ? stride : whole_stride(box.dims[0] * bytes);
  box.stride_bytes[1] = o.batch_stride == 0 ? box.dims[1] * box.stride_bytes[0] : o.batch_stride * bytes;
  box.box[0] = elems;
  box.box[1] = f.along_depth ? box_rows : elems;
  return box;
}

// The map of a matrix that goes by slabs.
inline tensor_box slab_box_of(const run& r, const config& c, const operand& o, const common_params& p) {
  const facing f(r.problem);
  tensor_box box;
  box.type = o.type;
  box.base = r.data[o.binding];
  box.rank = c.batched_d() ? 3 : 2;
  box.dims[0] = p.n, box.dims[1] = p.m, box.dims[2] = f.entries();
  box.stride_bytes[0] = p.m > 1 ? f.row_stride(o) * 2 : whole_stride(i64(p.n) * 2);
  box.stride_bytes[1] = o.batch_stride * 2;
  box.box[0] = c.slab_span() / 2, box.box[1] = 16;
  box.span_bytes = c.slab_span();
  return box;
}

inline void set_maps(const run& r, const config& c, params<most_maps>& p) {
  const layer& l = r.problem;
  const facing f(l);
  const operand& d = written(l);
  for (u32 product = 0; product < c.products(); ++product)
    p.map[c.a_map() + product] = r.maps->encode(box_of(r, f.a(), product, p.m, c.block_m));
  for (u32 i = 0; i < c.products() * c.parts; ++i)
    p.map[c.b_map() + i] = r.maps->encode(box_of(r, f.b(), i, p.n, c.width() / c.cluster));
  const auto slabs_of = [&](const operand& o) { return r.maps->encode(slab_box_of(r, c, o, p)); };
  for (u32 output = 0; output < c.outputs; ++output) {
    if (c.staged) p.map[c.y_map() + output] = slabs_of(*l.find(d.what, output, d.below));
  }
  const slot read = read_by_tma(l);
  for (u32 i = 0; c.reads && i < c.outputs * c.matrices(); ++i)
    p.map[c.read_map() + i] = slabs_of(*l.find(read, i, l.what == operation::input_grad));
  for (u32 i = 0; i < c.kept_matrices(); ++i)
    p.map[c.kept_map() + i] = slabs_of(l.what == operation::forward ? *l.find(slot::kept, i) : *second_output(l));
}

}  // namespace gemmact::families::gemm_sm90
