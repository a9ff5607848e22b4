// What gemm_sm90 takes, in which configurations, and how it is launched.
#pragma once
#include <algorithm>

#include "kernels/families/family.hpp"
#include "kernels/families/finish.hpp"
#include "kernels/families/gemm_sm90/cost.hpp"
#include "kernels/families/gemm_sm90/operands.hpp"
#include "kernels/families/gemm_sm90/params.hpp"
#include "kernels/families/multiplied.hpp"
#include "kernels/families/tiled.hpp"

namespace gemmact::families::gemm_sm90 {

// Why X and W are not multiplied, or nothing.
inline std::string refuse_operands(const layer& l) {
  const facing f(l);
  if (std::string reason = refuse_rounding(l); !reason.empty()) return reason;
  if (element_bytes(f.a().type()) != 2 && (!f.a().along_depth || !f.b().along_depth))
    return "wgmma takes operands that do not lie along the depth that is summed over of 16 bits alone";
  if (l.what == operation::weight_grad && wanted_sums(l).count != 0 && element_bytes(f.a().type()) != 2)
    return "it sums DZ with ones on the tensor cores, which keep elements of 16 bits as they are";
  for (const factor& of : {f.a(), f.b()})
    if (!has_boxes(l, of))
      return std::string(name_of_factor(of)) +
             " is not promised to have lines that begin at multiples of 16 bytes, as TMA wants them";
  return "";
}

// Whether a tile's columns can be those of all products that share it.
inline bool holds_parts(const layer& l, const config& c) {
  constexpr u32 most = 6;  // sums of an element; of more, a strip's and what is added to them spill
  const u32 parts = u32(facing(l).parts());
  return parts <= most && c.block_n % (32 * parts) == 0;
}

inline u32 params_bytes_of(const config& c) { return u32(sizeof(params<1>) + (c.maps() - 1) * sizeof(tensor_map)); }

// The work of a run: of clusters, whose tiles lie one below the other.
inline tile::tile_order order_of(const layer& l, const config& c, i64 m) {
  const facing f(l);
  return grouped_order(u32(f.rows(m)), u32(f.cols(m)), c.block_m * c.cluster, c.width(), group_rows, c.curved);
}
inline i64 stages_of(const layer& l, const config& c, i64 m) {
  const facing f(l);
  return tiles_of(f.depth(m) * element_bytes(f.a().type()), c.span);
}

inline std::string tile_name(const config& c, element type, int splits) {
  std::string name = sizes_name({c.block_m, c.block_n, c.span / u32(element_bytes(type)), c.stages});
  if (c.pingpong) name += "p";
  if (c.cluster > 1) name.append("c").append(std::to_string(c.cluster));
  if (c.curved) name += "h";
  if (splits > 1) name.append("s").append(std::to_string(splits));
  return name;
}

inline std::string config_text(const config& c) {
  aggregate_text text("families::gemm_sm90::config");
  text.number("block_m", c.block_m).number("block_n", c.block_n).number("stages", c.stages);
  text.number("cluster", c.cluster).flag("pingpong", c.pingpong, false);
  text.flag("a_along_k", c.a_along_k, true).flag("b_along_k", c.b_along_k, true).flag("staged", c.staged, true);
  text.flag("batched", c.batched, false).flag("splits", c.splits, false).flag("promotes", c.promotes, false);
  text.flag("reads", c.reads, false).flag("keeps", c.keeps, false);
  text.flag("reads_pair", c.reads_pair, false).flag("overwrites", c.overwrites, false);
  text.number("parts", c.parts, 1).number("pairs", c.pairs, 1);
  text.number("outputs", c.outputs, 1).flag("sums_batch", c.sums_batch, false).number("sums", c.sums, 0);
  text.number("sums_a", c.sums_a, 0);
  return text.text();
}

// What the kernel is compiled for; the rest is the host's matter.
inline config kernel_of(config c) {
  c.curved = false;
  return c;
}

inline std::string name_of(const layer& l, const config& c, const chain_text& chain) {
  const element type = facing(l).a().type();
  std::string name = std::string("gemm_sm90_") + multiplied_as(l).name + "_" + orders_name(c.a_along_k, c.b_along_k) +
                     "_" + tile_name(kernel_of(c), type, 1);
  if (c.splits) name += "_splitk";
  if (c.pairs > 1) name += "_pair";
  if (c.outputs > 1) name += "_each";
  if (c.sums_a != 0) name += "_db";
  if (c.batched) name += c.sums_batch ? "_batchsum" : "_batched";
  if (type == element::e4m3 && !c.promotes) name += "_short";
  if (!c.staged) name += "_direct";
  return tiled_kernel_name(l, name, chain, 0);
}

// Tiles of all that is written.
inline i64 all_tiles(const layer& l, const config& c) {
  const facing f(l);
  return i64(order_of(l, c, l.m).count()) * f.entries() * f.outputs();
}
inline i64 all_stages(const layer& l, const config& c) { return stages_of(l, c, l.m) * facing(l).segments(); }

inline estimate cost_of(const layer& l, const gpu& g, const config& c, int splits) {
  return estimate_of(l, g, c, all_tiles(l, c) * splits, tiles_of(all_stages(l, c), splits), splits);
}

inline candidate candidate_of(const layer& l, const gpu&, const priced_config<config>& priced,
                              const chain_texts& chains) {
  const config& c = priced.config;
  candidate found = unnamed_candidate(priced, params_bytes_of(c));
  const chain_text& chain = chains.of({c.staged, c.keeps, c.reads ? read_by_tma(l) : slot{}, c.reads_pair});
  const element type = facing(l).a().type();
  found.tile = tile_name(c, type, priced.splits);
  found.kernel = name_of(l, c, chain);
  set_unit(found, l, "gemm_sm90", config_text(c), chain);
  found.values = c.consumer_rows() * c.block_n / c.consumer_threads;
  found.exact_architecture = true;
  return found;
}
inline candidate candidate_of(const layer& l, const gpu& g, int row, int splits) {
  const config c = config_of(l, row, splits);
  return candidate_of(l, g, {row, splits, c, cost_of(l, g, c, splits)}, chain_texts(l));
}

// Whether 128 sums of a thread leave registers for what it holds of its columns where the parameter of the function below is
// trained: their sums, the parameters, and what df/dp takes beside f'.
inline bool trains_beside_128(const layer& l, const config& c) {
  if (std::none_of(l.operands.begin(), l.operands.end(), [](const operand& o) { return o.what == slot::dparam; }))
    return true;
  if (c.pingpong && !c.reads) return false;
  return l.below.special_functions == 0 || (!c.splits && l.below_combined == combine::plain);
}

// Whether the configuration can compute what the layer has.
inline bool fits(const layer& l, const gpu& g, const config& c) {
  const u32 sums = c.consumer_rows() * c.block_n / config::consumer_threads;
  if (!holds_parts(l, c)) return false;
  if (int(c.shared_bytes()) > g.shared_block_bytes || int(c.cluster) > g.multiprocessors) return false;
  if (c.stages < 3 || (c.promotes && sums > 96) || (c.sums_a != 0 && sums > 128)) return false;
  if ((sums > 128 || (sums == 128 && c.batched)) && !usual_epilogue(l)) return false;
  if (sums > 128 && (!c.staged || c.overwrites)) return false;
  if (sums == 128 && !trains_beside_128(l, c)) return false;
  if (!c.b_along_k && c.width() % (64 * c.cluster) != 0) return false;
  if (c.splits && (c.cluster > 1 || c.pingpong)) return false;
  const tile::tile_order order = order_of(l, c, l.m);
  return !c.curved || std::min(order.rows, order.cols) >= 2 * order.group;
}

inline std::string supports(const layer& l, const gpu& g) {
  if (g.architecture != 90) return "it needs sm_90 (Hopper), whose wgmma no other architecture has";
  if (std::string reason = refuse_finish(l); !reason.empty()) return reason;
  if (l.combined == combine::maxout && l.what != operation::forward)
    return "wgmma takes A from shared memory, where a maxout's dY would have to be masked";
  if (std::string reason = refuse_operands(l); !reason.empty()) return reason;
  if (std::max({l.m, l.n, l.k}) > most_counted) return "m, n and k must each be at most 2^31 - 512";
  const facing f(l);
  if (tiles_of(f.rows(), 64) > most_counted / tiles_of(f.cols(), 32) / (f.entries() * f.outputs()))
    return "what is written has more than 2^31 - 512 tiles";
  if (f.segments() > most_counted / tiles_of(f.depth(), 32)) return "the depth has more than 2^31 - 512 stages";
  if (std::none_of(std::begin(configs), std::end(configs), [&](const config& c) { return holds_parts(l, c); }))
    return "it has no tile whose columns " + std::to_string(f.parts()) + " products can share";
  for (int row = 0; row < int(std::size(configs)); ++row)
    if (fits(l, g, config_of(l, row, 1))) return "";
  return "no tile of it leaves shared memory and registers for this epilogue";
}

inline int splits_of(const layer& l, const gpu& g, const config& c) {
  return best_splits(l, g.multiprocessors / all_tiles(l, c), all_stages(l, c),
                     [&](int splits) { return cost_of(l, g, c, splits).total; });
}

inline std::vector<candidate> candidates(const layer& l, const gpu& g) {
  return tiled_candidates<config>(l, g, std::size(configs), config_of);
}

inline workspace_places places_of(const layer& l, const config& c, int splits) {
  const i64 row_sums = c.sums_a != 0 ? 4 * config::consumers * config::consumer_threads : 0;
  return {l, all_tiles(l, c), splits, i64(c.block_m) * c.block_n + row_sums};
}

// How the sums over rows are shared out: by columns and rows of D's tiles or, of A's rows, by rows of tiles.
struct sums_groups {
  i64 groups, parts, cols;
  int together;

  sums_groups(const layer& l, const config& c, i64 m) {
    const facing f(l);
    const tile::tile_order order = order_of(l, c, m);
    const i64 rows = i64(order.rows) * c.cluster;
    groups = c.sums_a != 0 ? rows : order.cols, parts = c.sums_a != 0 ? 1 : rows;
    cols = c.sums_a != 0 ? f.rows(m) : f.cols(m), together = c.sums_a != 0 ? 1 : 0;
  }
};
// Behind the sums of splits.
inline sums_places sums_of_layer(const layer& l, const config& c, int splits) {
  const sums_groups g(l, c, l.m);
  return {l, places_of(l, c, splits).bytes, g.groups, g.parts, g.cols, g.together};
}

inline size_t workspace_bytes(const layer& l, const gpu&, const candidate& chosen) {
  return sums_of_layer(l, config_of(l, chosen), chosen.splits).bytes;
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const layer& problem = r.problem;
  const config c = config_of(problem, r.chosen);
  const facing f(problem);
  params<most_maps> p{};
  p.m = u32(f.rows(r.m)), p.n = u32(f.cols(r.m));
  set_maps(r, c, p);
  p.a_batches = f.a().of->batch_stride != 0, p.b_batches = f.b().of->batch_stride != 0;
  p.work = work_of(r, order_of(problem, c, r.m), u32(stages_of(problem, c, r.m)));
  p.sums = places_of(problem, c, r.chosen.splits).sums(r.workspace);
  p.out = finish_writer(r, brought_before(problem, c)).write();
  const sums_groups g(problem, c, r.m);
  p.out.sum = sums_of(r, sums_of_layer(problem, c, r.chosen.splits), g.groups, g.parts, g.cols);
  bytes.write(p);
  bytes.size = params_bytes_of(c);

  launch l;
  l.grid[0] = u32(std::min<i64>(units_of(p.work), r.device.multiprocessors / int(c.cluster))) * c.cluster;
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  l.cluster = c.cluster;
  l.overlaps_previous = true;
  return l;
}

}  // namespace gemmact::families::gemm_sm90
