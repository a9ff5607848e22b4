// What gemm_simt takes, in which configurations, and how it is launched.
#pragma once
#include <algorithm>

#include "kernels/families/finish.hpp"
#include "kernels/families/gemm_simt/config.hpp"
#include "kernels/families/gemm_simt/params.hpp"
#include "kernels/families/multiplied.hpp"
#include "kernels/families/tiled.hpp"

namespace gemmact::families::gemm_simt {

inline constexpr config configs[] = {
#define GEMMACT_GEMM_SIMT(...) {__VA_ARGS__},
#include "kernels/families/gemm_simt/configs.inc"
#undef GEMMACT_GEMM_SIMT
};

// Elements of a piece: several, if every line of X and of W consists of such pieces, in each run.
inline u32 piece_of(const layer& l) {
  const facing f(l);
  const i64 bytes = element_bytes(f.a().type()), several = bytes == 4 ? 4 : 8;
  const auto whole = [&](const factor& o) {
    const i64 length = o.along_depth ? o.depth() : o.rows();
    return length % several == 0 && !(l.m_varies && f.varies(o));
  };
  const bool wide = common_piece(l, f.a(), f.b()) >= several * bytes && whole(f.a()) && whole(f.b());
  return wide ? u32(several) : 1;
}

// The same tile of several products beside each other: as many warps, which share their columns; as short a slice as its
// memory asks for, and the registers of its threads, each of which has its part of the next slice in as many as there are
// elements, where those lie apart.
inline config beside_each_other(config c, u32 parts) {
  const u32 warps = c.warps_m * c.warps_n(), width = std::max(power_below(c.block_n / parts), 32u);
  c.parts = parts;
  c.block_n = parts * width;
  c.warps_m = std::min(warps / (width / 32), c.block_m / 8);
  c.depth = std::max(c.depth / power_below(parts), 16u);
  constexpr u32 most_in_flight = 56;  // of 60 beside 56 sums three registers are left, of 68 beside 64 some spill
  if ((c.block_m + c.block_n) * c.depth > most_in_flight * c.threads()) c.depth /= 2;
  if (c.warp_m() * parts > 32) c.min_blocks = 1;
  return c;
}

inline config config_of(const layer& l, int row, int splits = 1) {
  const facing f(l);
  config c = configs[row];
  if (f.parts() > 1) c = beside_each_other(c, u32(f.parts()));
  c.piece = piece_of(l);
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  c.splits = splits > 1;
  c.row_sums = l.what == operation::weight_grad && wanted_sums(l).count != 0;
  c.sums = l.what == operation::input_grad ? u32(wanted_sums(l).count) : 0;
  c.masked = is_masked(l);
  return c;
}

// Of the largest run; a run of fewer rows has fewer tiles.
struct work_size {
  i64 tiles, segment_slices, slices;  // of all outputs; of a stretch of the depth, of all of them
  work_size(const layer& l, const config& c, i64 m) {
    const facing f(l);
    tiles = saturating(tiles_of(f.rows(m), c.block_m) * tiles_of(f.cols(m), c.part_n()), f.entries() * f.outputs());
    segment_slices = tiles_of(f.depth(m), c.depth);
    slices = saturating(segment_slices, f.segments());
  }

 private:
  static i64 saturating(i64 a, i64 b) { return a > most_counted / b ? most_counted + 1 : a * b; }
};
inline i64 all_tiles(const layer& l, const config& c) { return work_size(l, c, l.m).tiles; }

// Whether one of its tiles fits the GPU, and its sums the registers of a lane; and as many as the layer has can be counted.
inline bool fits(const layer& l, const gpu& g, const config& c) {
  const work_size size(l, c, l.m);
  return int(c.shared_bytes()) <= g.shared_block_bytes && c.warp_m() * c.parts <= 96 && size.tiles <= most_counted &&
         size.slices <= most_counted;
}

inline std::string supports(const layer& l, const gpu& g) {
  if (g.architecture < 80) return "it needs sm_80 or later";
  if (std::string reason = refuse_finish(l); !reason.empty()) return reason;
  if (std::max({l.m, l.n, l.k}) > most_counted) return "m, n and k must each be at most 2^31 - 512";
  for (int row = 0; row < int(std::size(configs)); ++row)
    if (fits(l, g, config_of(l, row))) return "";
  const work_size size(l, config_of(l, 0), l.m);
  if (size.tiles > most_counted) return "what is written has more than 2^31 - 512 tiles";
  if (size.slices > most_counted) return "the depth of all that is summed has more than 2^31 - 512 slices";
  return "a block of this GPU has too little shared memory for each of its tiles";
}

inline int blocks_on(const config& c, const gpu& g) {
  return families::blocks_on(g, c.shared_bytes(), c.threads(), c.min_blocks);
}

// What multiply-adds take of the time in which a warp's instructions are issued. Where they take two clocks each, most of
// the others fit between them.
inline double product_share(const config& c, const gpu& g) {
  const double sums = c.warp_m() * c.parts;  // of a lane, for each k
  const double loads = (c.warp_m() < 32 ? 1 : c.warp_m() / 32) + 2 * c.parts;
  const double copied = double(c.block_m + c.block_n) / c.threads(), copies = copied * (1 + 1.0 / c.piece);
  const double others = loads + copies + 1;
  return sums / (sums + (g.architecture == 80 ? others / 4 : others));
}

inline estimate cost_of(const layer& l, const gpu& g, const config& c, int splits) {
  const facing f(l);
  const work_size size(l, c, l.m);
  const double bytes = double(element_bytes(f.a().type()));
  const double k = double(tiles_of(size.slices, splits) * c.depth), warps = c.threads() / 32;  // of a unit of work
  tile_work w;
  w.tiles = size.tiles * splits;
  w.mma_flop = 2.0 * c.block_m * c.block_n * k;
  w.flop_per_clock = f32_flop_per_clock(g) * product_share(c, g);
  // Written once; for each k a warp's loads of A take a clock or, of 16 bytes a lane, two, and its loads of each B four.
  const double a_clocks = c.warp_m() < 32 ? 1 : 2 * (c.warp_m() / 32);
  w.shared_bytes = k * (4.0 * (c.block_m + c.block_n) + 128 * warps * (a_clocks + 4 * c.parts));
  w.global_bytes = k * (c.block_m + c.block_n) * bytes;
  w.in_flight_bytes = double(c.depth) * (c.block_m + c.block_n) * bytes;
  w.epilogue_elements = double(c.block_m) * c.part_n();
  const finish_work finish(l);
  w.special_functions = finish.special_functions;
  w.arithmetic = finish.arithmetic + 12;  // through shared memory and out
  w.wait_us = finish.wait_us();
  add_gathering(w, g, splits, double(c.block_m) * c.block_n);
  w.more_us += summing_us(l, summed_tiles(l, l.m, c.block_m, c.block_n, splits).parts);
  w.dram_bytes = dram_bytes(l, g);
  w.warps = c.threads() / 32;
  w.blocks = blocks_on(c, g);
  // Nothing hides a block's first slice but blocks beside it.
  w.more_us += global_latency_us * double(tiles_of(w.tiles, i64(g.multiprocessors) * w.blocks));
  return estimate_tiles(w, g);
}

inline int splits_of(const layer& l, const gpu& g, const config& c) {
  if (c.parts > 1) return 1;
  const work_size size(l, c, l.m);
  return best_splits(l, i64(g.multiprocessors) * blocks_on(c, g) / size.tiles, size.slices,
                     [&](int splits) { return cost_of(l, g, c, splits).total; });
}

inline std::string tile_name(const config& c, int splits = 1) {
  return splits_name(sizes_name({c.block_m, c.block_n, c.depth}), splits);
}

inline std::string config_text(const config& c) {
  aggregate_text text("families::gemm_simt::config");
  text.number("block_m", c.block_m).number("block_n", c.block_n).number("depth", c.depth);
  text.number("warps_m", c.warps_m).number("min_blocks", c.min_blocks).number("piece", c.piece);
  text.flag("a_along_k", c.a_along_k, true).flag("b_along_k", c.b_along_k, true);
  text.number("parts", c.parts, 1).flag("splits", c.splits, false).flag("masked", c.masked, false);
  text.flag("row_sums", c.row_sums, false).number("sums", c.sums, 0);
  return text.text();
}

inline std::string name_of(const layer& l, const config& c, const chain_text& chain) {
  std::string name = std::string("gemm_simt_") + multiplied_as(l).name + "_" + orders_name(c.a_along_k, c.b_along_k) +
                     "_" + tile_name(c);
  if (c.splits) name += "_splitk";
  name += products_name(l);
  return tiled_kernel_name(l, name, chain, c.piece == 1 ? element_bytes(facing(l).a().type()) : 0);
}

inline candidate candidate_of(const layer& l, const gpu& g, const priced_config<config>& priced,
                              const chain_texts& chains) {
  const chain_text& chain = chains.of({});
  const config& c = priced.config;
  candidate found = unnamed_candidate(priced, sizeof(params));
  found.tile = tile_name(configs[priced.row], priced.splits);
  found.kernel = name_of(l, c, chain);
  set_unit(found, l, "gemm_simt", config_text(c), chain);
  found.values = c.block_m * c.block_n / c.threads();
  found.blocks_per_multiprocessor = blocks_on(c, g);
  return found;
}
inline candidate candidate_of(const layer& l, const gpu& g, int row, int splits = 1) {
  const config c = config_of(l, row, splits);
  return candidate_of(l, g, {row, splits, c, cost_of(l, g, c, splits)}, chain_texts(l));
}

inline std::vector<candidate> candidates(const layer& l, const gpu& g) {
  return tiled_candidates<config>(l, g, std::size(configs), config_of);
}

inline size_t workspace_bytes(const layer& l, const gpu&, const candidate& chosen) {
  return sums_places_of(l, config_of(l, chosen.config, chosen.splits), chosen.splits).bytes;
}

inline lines lines_of(const run& r, const factor& f) {
  const i64 bytes = element_bytes(f.type());
  return {global_at(r.data[f.of->binding]), f.line_stride() * bytes, f.of->batch_stride * bytes};
}

// Whose lines are A's, whatever KEPT's own are.
inline winner_lines winners_of(const run& r, const factor& a) {
  const operand& o = *r.problem.find(slot::kept);
  const factor f{&o, a.transposed, a.along_depth};
  return {{global_at(r.data[o.binding]), f.line_stride(), o.batch_stride},
          f.along_depth ? f.depth_stride() : f.row_stride()};
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const layer& problem = r.problem;
  const config c = config_of(problem, r.chosen.config, r.chosen.splits);
  const facing f(problem);
  params p{};
  p.a = lines_of(r, f.a()), p.b = lines_of(r, f.b());
  if (c.masked) p.winners = winners_of(r, f.a());
  p.a_of = places_of_products(r, f.a()), p.b_of = places_of_products(r, f.b());
  p.m = u32(f.rows(r.m)), p.n = u32(f.cols(r.m)), p.k = u32(f.depth(r.m));
  p.work = work_of(r, grouped_order(p.m, p.n, c.block_m, c.part_n()), u32(work_size(problem, c, r.m).segment_slices));
  p.sums = places_of(problem, c, r.chosen.splits).sums(r.workspace);
  p.row_sum_of = row_sums_of(problem);
  p.out = finish_writer(r).write();
  const summed_tiles sums = summed_tiles_of(problem, c, r.m, p.work.splits);
  p.out.sum = sums_of(r, sums_places_of(problem, c, r.chosen.splits), sums.groups, sums.parts, sums.cols);
  bytes.write(p);

  launch l;
  l.grid[0] = u32(units_of(p.work));
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  return l;
}

}  // namespace gemmact::families::gemm_simt
