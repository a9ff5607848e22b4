// What gemm_sm80 takes, in which configurations, and how it is launched.
#pragma once
#include <algorithm>

#include "kernels/families/family.hpp"
#include "kernels/families/finish.hpp"
#include "kernels/families/gemm_sm80/operands.hpp"
#include "kernels/families/gemm_sm80/params.hpp"
#include "kernels/families/multiplied.hpp"
#include "kernels/families/tiled.hpp"

namespace gemmact::families::gemm_sm80 {

// Why the factors are not multiplied, or nothing.
inline std::string refuse_operands(const layer& l, const gpu& g) {
  const facing f(l);
  if (std::string reason = refuse_rounding(l); !reason.empty()) return reason;
  if (is_masked(l)) {
    if (factor_of(l, slot::kept, f.a().transposed).along_depth != f.a().along_depth)
      return "KEPT must have the order of DY";
    if (common_piece(l, f.a(), f.b()) < 4 * element_bytes(f.a().type()))
      return "lines of DY and of KEPT must begin at multiples of 4 elements";
  }
  if (f.a().type() != element::e4m3) return "";
  if (g.architecture < 89) return "tensor cores multiply e4m3 from sm_89 on";
  if (!f.a().along_depth || !f.b().along_depth)
    return "no instruction transposes bytes: operands of e4m3 must lie along the depth that is summed over";
  return "";
}

// Whether a thread's registers hold what the configuration needs. Its sums alone are 32, 64 or 128; of 128 little room is
// left for copies in small pieces and for what the epilogue keeps of columns.
inline bool fits_registers(const layer& l, const gpu& g, const config& c) {
  const element type = facing(l).a().type();
  const u32 sums = c.warp_m() * c.warp_n() / 32;
  if (type == element::e4m3) return sums <= (multiplies_e4m3(g.architecture) ? 64 : 32);
  if (sums > 128) return false;
  if (c.parts > 1) return sums <= 96 || c.threads() > 32;  // of a single warp, whose threads copy all of a tile
  if (sums <= 64) return true;
  if (c.splits || c.batched || c.piece_bytes != 16) return false;
  if (type == element::f32 && !(c.a_along_k && c.b_along_k)) return false;
  return usual_epilogue(l);
}

inline bool fits(const layer& l, const gpu& g, const config& c) {
  return int(c.shared_bytes()) <= g.shared_block_bytes && fits_registers(l, g, c);
}

inline std::string supports(const layer& l, const gpu& g) {
  if (g.architecture < 80) return "it needs sm_80 or later";
  if (std::string reason = refuse_finish(l); !reason.empty()) return reason;
  if (std::string reason = refuse_operands(l, g); !reason.empty()) return reason;
  const i64 bytes = element_bytes(facing(l).a().type());
  if (std::max({l.m, l.n, l.k}) > most_counted / bytes)
    return "m, n and k must each be at most 2^31 - 512 bytes of an operand";
  const facing f(l);
  if (tiles_of(f.rows(), 16) > most_counted / tiles_of(f.cols(), 16) / (l.batch * f.outputs()))
    return "what is written has more than 2^31 - 512 tiles";
  if (tiles_of(f.depth(), 1) > most_counted / bytes / f.segments())
    return "all stretches of the depth together must be at most 2^31 - 512 bytes";
  for (int row = 0; row < int(std::size(configs)); ++row)
    if (fits(l, g, config_of(l, row, 1))) return "";
  return "a block of this GPU has too little shared memory for each of its tiles";
}

inline int blocks_on(const config& c, const gpu& g) {
  return families::blocks_on(g, c.shared_bytes(), c.threads(), c.min_blocks);
}

// Of the largest run; a run of fewer rows has fewer tiles.
struct work_size {
  i64 tiles, segment_stages, stages;  // of all outputs; of a stretch of the depth, of all of them
  work_size(const layer& l, const config& c, i64 m) {
    const facing f(l);
    tiles = tiles_of(f.rows(m), c.block_m) * tiles_of(f.cols(m), c.part_n()) * f.entries() * f.outputs();
    segment_stages = tiles_of(f.depth(m) * element_bytes(f.a().type()), c.span_bytes);
    stages = segment_stages * f.segments();
  }
};
inline i64 all_tiles(const layer& l, const config& c) { return work_size(l, c, l.m).tiles; }

inline estimate cost_of(const layer& l, const gpu& g, const config& c, int splits) {
  const facing f(l);
  const work_size size(l, c, l.m);
  const double bytes = double(element_bytes(f.a().type())), warps = c.warps_m * c.warps_n;
  const double k_bytes = double(tiles_of(size.stages, splits) * c.span_bytes);  // of a unit of work
  tile_work w;
  w.tiles = size.tiles * splits;
  w.mma_flop = 2.0 * c.block_m * c.block_n * k_bytes / bytes / mma_rate(f.a().type(), g.architecture);
  // Written once, read once by each warp that shares the rows.
  w.shared_bytes = k_bytes * (c.block_m + c.block_n + warps * (c.warp_m() + c.warp_n()));
  w.global_bytes = k_bytes * (c.block_m + c.block_n);
  // Smaller pieces are as many instructions more, for the same bytes.
  w.in_flight_bytes = double((c.stages - 1) * c.stage_bytes()) * c.piece_bytes / 16;
  w.epilogue_elements = double(c.block_m) * c.part_n();
  const finish_work finish(l);
  w.special_functions = finish.special_functions;
  w.arithmetic = finish.arithmetic + 12;  // through shared memory and out
  w.wait_us = finish.wait_us();
  add_gathering(w, g, splits, double(c.block_m) * c.block_n);
  w.more_us += summing_us(l, summed_tiles(l, l.m, c.block_m, c.block_n, splits).parts);
  w.dram_bytes = dram_bytes(l, g);
  w.warps = u32(warps);
  w.blocks = blocks_on(c, g);
  return estimate_tiles(w, g);
}

inline int splits_of(const layer& l, const gpu& g, const config& c) {
  const work_size size(l, c, l.m);
  if (c.parts > 1) return 1;
  return best_splits(l, i64(g.multiprocessors) * blocks_on(c, g) / size.tiles, size.stages,
                     [&](int splits) { return cost_of(l, g, c, splits).total; });
}

inline std::string tile_name(const config& c, element type, int splits) {
  return splits_name(sizes_name({c.block_m, c.block_n, c.span_bytes / u32(element_bytes(type)), c.stages}), splits);
}

inline std::string config_text(const config& c) {
  aggregate_text text("families::gemm_sm80::config");
  text.number("block_m", c.block_m).number("block_n", c.block_n).number("span_bytes", c.span_bytes);
  text.number("stages", c.stages).number("warps_m", c.warps_m).number("warps_n", c.warps_n);
  text.number("min_blocks", c.min_blocks).number("piece_bytes", c.piece_bytes);
  text.flag("a_along_k", c.a_along_k, true).flag("b_along_k", c.b_along_k, true);
  text.flag("batched", c.batched, false).flag("splits", c.splits, false);
  if (c.promote_bytes != 0) text.number("promote_bytes", c.promote_bytes);
  if (c.parts != 1) text.number("parts", c.parts);
  if (c.index_span != 0) text.number("index_span", c.index_span);
  text.flag("row_sums", c.row_sums, false);
  if (c.sums != 0) text.number("sums", c.sums);
  return text.text();
}

inline std::string name_of(const layer& l, const config& c, const chain_text& chain) {
  const element type = facing(l).a().type();
  std::string name = std::string("gemm_sm80_") + multiplied_as(l).name + "_" + orders_name(c.a_along_k, c.b_along_k) +
                     "_" + tile_name(c, type, 1);
  if (c.splits) name += "_splitk";
  if (c.batched) name += "_batched";
  name += products_name(l);
  if (type == element::e4m3 && c.promote_bytes == 0) name += "_short";
  return tiled_kernel_name(l, name, chain, c.piece_bytes == 16 ? 0 : c.piece_bytes);
}

inline candidate candidate_of(const layer& l, const gpu& g, const priced_config<config>& priced,
                              const chain_texts& chains) {
  const chain_text& chain = chains.of({});
  const config& c = priced.config;
  candidate found = unnamed_candidate(priced, sizeof(params));
  found.tile = tile_name(configs[priced.row], facing(l).a().type(), priced.splits);
  found.kernel = name_of(l, c, chain);
  set_unit(found, l, "gemm_sm80", config_text(c), chain);
  found.values = c.block_m * c.block_n / c.threads();
  found.blocks_per_multiprocessor = blocks_on(c, g);
  return found;
}
inline candidate candidate_of(const layer& l, const gpu& g, int row, int splits) {
  const config c = config_of(l, row, splits);
  return candidate_of(l, g, {row, splits, c, cost_of(l, g, c, splits)}, chain_texts(l));
}

inline std::vector<candidate> candidates(const layer& l, const gpu& g) {
  return tiled_candidates<config>(l, g, std::size(configs), config_of);
}

inline size_t workspace_bytes(const layer& l, const gpu&, const candidate& chosen) {
  return sums_places_of(l, config_of(l, chosen), chosen.splits).bytes;
}

inline tile::byte_matrix bytes_of(const run& r, const factor& f, i64 rows, i64 depth) {
  const i64 bytes = element_bytes(f.type()), lines = f.along_depth ? rows : depth;
  // Lines past an only one are not read, but their addresses must be whole pieces, which its stride need not be.
  const i64 stride = lines > 1 ? f.line_stride() * bytes : 0;
  return {global_at(r.data[f.of->binding]), stride, r.problem.batch > 1 ? f.of->batch_stride * bytes : 0, u32(lines),
          u32((f.along_depth ? depth : rows) * bytes)};
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const layer& problem = r.problem;
  const config c = config_of(problem, r.chosen);
  const facing f(problem);
  params p{};
  p.m = u32(f.rows(r.m)), p.n = u32(f.cols(r.m));
  p.a = bytes_of(r, f.a(), p.m, f.depth(r.m));
  p.b = bytes_of(r, f.b(), p.n, f.depth(r.m));
  if (is_masked(problem)) p.index = bytes_of(r, factor_of(problem, slot::kept, f.a().transposed), p.m, f.depth(r.m));
  p.a_of = places_of_products(r, f.a()), p.b_of = places_of_products(r, f.b());
  p.work = work_of(r, grouped_order(p.m, p.n, c.block_m, c.part_n()), u32(work_size(problem, c, r.m).segment_stages));
  p.sums = places_of(problem, c, r.chosen.splits).sums(r.workspace);
  p.row_sum_of = row_sums_of(problem);
  p.out = finish_writer(r).write();
  const summed_tiles sums = summed_tiles_of(problem, c, r.m, p.work.splits);
  p.out.sum = sums_of(r, sums_places_of(problem, c, r.chosen.splits), sums.groups, sums.parts, sums.cols);
  bytes.write(p);

  launch l;
  const i64 resident = i64(r.device.multiprocessors) * r.chosen.blocks_per_multiprocessor;
  l.grid[0] = u32(std::min<i64>(units_of(p.work), resident));
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  return l;
}

}  // namespace gemmact::families::gemm_sm80
