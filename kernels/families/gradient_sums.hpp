// The sums over rows that a backward operation writes beside its matrices: which they are, their place in the workspace, and
// what an epilogue is given of them for a run.
#pragma once
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/sums_tree.hpp"
#include "kernels/families/facing.hpp"

namespace gemmact::families {

// In the order of epilogue::summed: DBIAS of each product, then DPARAM of each parameter; of the layer below in input_grad. Of a
// maxout's activation_grad, all products' or none: those that are not listed are null.
struct wanted_sums {
  const operand* of[epilogue::max_sums] = {};
  int count = 0;
  u32 products = 0;  // those with a DBIAS, a bit each

  explicit wanted_sums(const layer& l) {
    const bool below = l.what == operation::input_grad;
    const operand *biases[epilogue::max_products] = {}, *params[epilogue::max_products] = {};
    bool any_bias = false;
    for (const operand& o : l.operands) {
      if (o.below != below || o.index >= u32(epilogue::max_products)) continue;
      if (o.what == slot::dbias) biases[o.index] = &o, any_bias = true;
      if (o.what == slot::dparam) params[o.index] = &o;
    }
    const bool routed = any_bias && l.what == operation::activation_grad && l.combined == combine::maxout;
    for (int product = 0; product < epilogue::max_products; ++product)
      if (biases[product] != nullptr || (routed && product < l.pieces))
        of[count++] = biases[product], products |= 1u << product;
    for (const operand* param : params)
      if (param != nullptr) of[count++] = param;
  }
  bool has(u32 product) const { return (products >> product & 1) != 0; }
  int number(u32 product) const { return __builtin_popcount(products & ((1u << product) - 1)); }  // of its DBIAS
};
static_assert(epilogue::max_sums >= epilogue::max_products, "each product of a maxout may have one");

// Why they cannot be summed by columns, or nothing.
inline std::string refuse_sums(const layer& l) {
  for (const operand& o : l.operands)
    if ((o.what == slot::dbias || o.what == slot::dparam) && o.spread == extent::per_row)
      return "it sums over rows, and a DBIAS of one a row sums over columns";
  if (facing(l).sums_batch())
    for (const operand& o : l.operands)
      if (o.what == slot::dbias && o.batch_stride != 0)
        return "it sums DW over the batch, and DBIAS with it, not of each entry";
  return "";
}

// Where they come together: blocks have groups of columns and, of each batch entry, parts of the rows. A group's sums are
// `together` beside each other (all, or one of each product where products have their own).
struct sums_places {
  size_t counters, partials, scalars, bytes;  // of the workspace; where this ends

  sums_places(const layer& l, size_t at, i64 groups, i64 parts, i64 cols, int together = 0) {
    const wanted_sums wanted(l);
    const size_t sums = size_t(wanted.count), entries = size_t(facing(l).entries());
    const epilogue::sums_tree tree{u32(entries), u32(parts)};
    const auto after = [](size_t from, size_t words) { return from + (words * 4 + 255) / 256 * 256; };
    counters = partials = scalars = bytes = at;
    if (sums == 0) return;
    const size_t sets = together == 0 ? 1 : sums / size_t(together);
    partials = after(counters, sets * (size_t(groups) * tree.counters + entries + 1));
    scalars = after(partials, sums * size_t(tree.rows) * size_t(cols));
    bytes = after(scalars, sums * entries * size_t(groups));
  }
};

// Of a run that has so many groups and parts, at most those of the places.
inline epilogue::sums sums_of(const run& r, const sums_places& places, i64 groups, i64 parts, i64 cols) {
  const wanted_sums wanted(r.problem);
  epilogue::sums s{};
  for (int i = 0; i < wanted.count; ++i) {
    if (wanted.of[i] == nullptr) continue;
    const operand& o = *wanted.of[i];
    const bool apart = facing(r.problem).entries() > 1;
    s.to[i] = {global_at(r.data[o.binding]), apart ? o.batch_stride : 0, o.spread == extent::scalar ? 0 : o.col_stride,
               u8(o.type), u8(o.accumulate)};
  }
  s.counters = global_at(r.workspace) + i64(places.counters);
  s.partials = global_at(r.workspace) + i64(places.partials);
  s.scalars = global_at(r.workspace) + i64(places.scalars);
  s.cols = u32(cols), s.entries = u32(facing(r.problem).entries());
  s.parts = u32(parts), s.groups = u32(groups);
  const epilogue::sums_tree tree(s.entries, s.parts);
  s.rows = tree.rows, s.group_counters = tree.counters;
  return s;
}

}  // namespace gemmact::families
