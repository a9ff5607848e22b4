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

inline config config_of(const layer& l, int row) {
  const facing f(l);
  config c = configs[row];
  c.piece = piece_of(l);
  c.a_along_k = f.a().along_depth, c.b_along_k = f.b().along_depth;
  return c;
}

inline i64 tile_count(const layer& l, const config& c, i64 m) {
  const facing f(l);
  return tiles_of(f.rows(m), c.block_m) * tiles_of(f.cols(m), c.block_n);
}

// Whether one of its tiles fits the GPU, and as many as the layer has can be counted.
inline bool has_room(const layer& l, const gpu& g, const config& c) {
  return int(c.shared_bytes()) <= g.shared_block_bytes && tile_count(l, c, l.m) <= most_counted / l.batch;
}

inline std::string supports(const layer& l, const gpu& g) {
  if (g.architecture < 80) return "it needs sm_80 or later";
  if (std::string reason = refuse_finish(l); !reason.empty()) return reason;
  if (std::max({l.m, l.n, l.k}) > most_counted) return "m, n and k must each be at most 2^31 - 512";
  for (const config& c : configs)
    if (has_room(l, g, c)) return "";
  return tile_count(l, configs[0], l.m) > most_counted / l.batch
             ? "Y has more than 2^31 - 512 tiles"
             : "a block of this GPU has too little shared memory for each of its tiles";
}

inline int blocks_on(const config& c, const gpu& g) {
  return families::blocks_on(g, c.shared_bytes(), c.threads(), c.min_blocks);
}

// What multiply-adds take of the time in which a warp's instructions are issued. Where they take two clocks each, most of
// the others fit between them.
inline double product_share(const config& c, const gpu& g) {
  const double sums = c.warp_m(), loads = (c.warp_m() < 32 ? 1 : c.warp_m() / 32) + 2;  // of a lane, for each k
  const double copied = double(c.block_m + c.block_n) / c.threads(), copies = copied * (1 + 1.0 / c.piece);
  const double others = loads + copies + 1;
  return sums / (sums + (g.architecture == 80 ? others / 4 : others));
}

inline estimate cost_of(const layer& l, const gpu& g, const config& c) {
  const facing f(l);
  const double bytes = double(element_bytes(f.a().type()));
  const double k = double(tiles_of(f.depth(), c.depth) * c.depth), warps = c.threads() / 32;
  tile_work w;
  w.tiles = tile_count(l, c, l.m) * l.batch;
  w.mma_flop = 2.0 * c.block_m * c.block_n * k;
  w.flop_per_clock = f32_flop_per_clock(g) * product_share(c, g);
  // Written once; for each k a warp's loads of A take a clock or, of 16 bytes a lane, two, and its loads of B four.
  const double a_clocks = c.warp_m() < 32 ? 1 : 2 * (c.warp_m() / 32);
  w.shared_bytes = k * (4.0 * (c.block_m + c.block_n) + 128 * warps * (a_clocks + 4));
  w.global_bytes = k * (c.block_m + c.block_n) * bytes;
  w.in_flight_bytes = double(c.depth) * (c.block_m + c.block_n) * bytes;
  w.epilogue_elements = double(c.block_m) * c.block_n;
  const finish_work finish(l);
  w.special_functions = finish.special_functions;
  w.arithmetic = finish.arithmetic + 12;  // through shared memory and out
  w.reads = finish.reads;
  w.dram_bytes = dram_bytes(l, g);
  w.warps = c.threads() / 32;
  w.blocks = blocks_on(c, g);
  // Nothing hides a block's first slice but blocks beside it.
  w.more_us = global_latency_us * double(tiles_of(w.tiles, i64(g.multiprocessors) * w.blocks));
  return estimate_tiles(w, g);
}

inline std::string tile_name(const config& c) { return sizes_name({c.block_m, c.block_n, c.depth}); }

inline std::string config_text(const config& c) {
  aggregate_text text("families::gemm_simt::config");
  text.number("block_m", c.block_m).number("block_n", c.block_n).number("depth", c.depth);
  text.number("warps_m", c.warps_m).number("min_blocks", c.min_blocks).number("piece", c.piece);
  text.flag("a_along_k", c.a_along_k, true).flag("b_along_k", c.b_along_k, true);
  return text.text();
}

inline std::string name_of(const layer& l, const config& c, const chain_text& chain) {
  const std::string name = std::string("gemm_simt_") + multiplied_as(l).name + "_" +
                           orders_name(c.a_along_k, c.b_along_k) + "_" + tile_name(c);
  return tiled_kernel_name(l, name, chain, c.piece == 1 ? element_bytes(facing(l).a().type()) : 0);
}

inline candidate candidate_of(const layer& l, const gpu& g, int row) {
  const chain_text chain = chain_of(l);
  const config c = config_of(l, row);
  candidate found;
  found.config = row;
  found.tile = tile_name(c);
  found.kernel = name_of(l, c, chain);
  set_unit(found, l, "gemm_simt", config_text(c), chain);
  found.threads = c.threads();
  found.shared_bytes = c.shared_bytes();
  found.params_bytes = sizeof(params);
  found.blocks_per_multiprocessor = blocks_on(c, g);
  found.cost = cost_of(l, g, c);
  return found;
}

inline std::vector<candidate> candidates(const layer& l, const gpu& g) {
  std::vector<candidate> all;
  for (int row = 0; row < int(std::size(configs)); ++row)
    if (has_room(l, g, configs[row])) all.push_back(candidate_of(l, g, row));
  sort_by_cost(all);
  return all;
}

inline size_t workspace_bytes(const layer& l, const gpu&, const candidate&) { return finish_workspace_bytes(l); }

inline lines lines_of(const run& r, const factor& f) {
  const i64 bytes = element_bytes(f.type());
  return {global_at(r.data[f.of->binding]), f.line_stride() * bytes, f.of->batch_stride * bytes};
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const layer& problem = r.problem;
  const config c = config_of(problem, r.chosen.config);
  const facing f(problem);
  params p{};
  p.a = lines_of(r, f.a()), p.b = lines_of(r, f.b());
  p.m = u32(f.rows(r.m)), p.n = u32(f.cols(r.m)), p.k = u32(f.depth(r.m));
  p.order = grouped_order(p.m, p.n, c.block_m, c.block_n);
  p.out = finish_writer(r).write();
  bytes.write(p);

  launch l;
  l.grid[0] = u32(tile_count(problem, c, r.m) * problem.batch);
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  return l;
}

}  // namespace gemmact::families::gemm_simt
