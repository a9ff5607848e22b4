// What gradient_pass takes, in which configurations, and how it is launched.
#pragma once
#include <algorithm>

#include "kernels/families/finish.hpp"
#include "kernels/families/gradient_pass/config.hpp"
#include "kernels/families/gradient_pass/params.hpp"
#include "kernels/families/gradient_sums.hpp"
#include "kernels/families/tiled.hpp"

namespace gemmact::families::gradient_pass {

inline constexpr u32 rows_ahead[] = {
#define GEMMACT_GRADIENT_PASS(rows) rows,
#include "kernels/families/gradient_pass/configs.inc"
#undef GEMMACT_GRADIENT_PASS
};

// Registers that a lane needs, about: what it holds of memory, its sums, what rows share of parameters, and the function's.
inline u32 registers_of(const layer& l, const config& c) {
  const u32 dy = u32(2 * element_bytes(l.find(slot::dy)->type)), kept = c.kept_bytes == 0 ? 1 : 2 * c.kept_bytes;
  const bool long_function = l.activation.special_functions > 0 || l.activation.arithmetic > 8;
  u32 all = (c.sums == 0 ? 28 : 36) + c.rows * (dy + c.kept * kept) + tile::strip_width * c.sums;
  for (int i = 0; i < l.activation.param_count; ++i)
    if (parameter_of(l, i) != nullptr) all += tile::strip_width;
  if (l.combined != combine::plain) all += 2 * tile::strip_width;
  if (long_function) all += l.find(slot::dparam) == nullptr ? 24 : 48;
  return all;
}

inline config config_of(const layer& l, int row) {
  config c{rows_ahead[row]};
  if (const operand* kept = l.find(slot::kept)) {
    c.kept = l.combined == combine::gated ? 2 : 1;
    c.kept_bytes = kept->type == element::bit ? 0 : u32(element_bytes(kept->type));
  }
  c.sums = u32(wanted_sums(l).count);
  constexpr u32 registers = 65536, most = 8;
  c.min_blocks = std::clamp(registers / config::threads / registers_of(l, c), 1u, most);
  return c;
}

inline i64 groups_of(const layer& l, i64 m) { return tiles_of(facing(l).cols(m), config::cols); }

// Into how many parts the rows go: a few blocks for each place on the GPU, but so few that adding their sums takes little.
inline i64 parts_of(const layer& l, const gpu& g, const config& c, i64 m) {
  constexpr i64 waves = 4, most_summed = 512;
  const i64 places = i64(g.multiprocessors) * blocks_on(g, c.shared_bytes(), c.threads, c.min_blocks);
  const i64 wanted = tiles_of(places * (c.sums == 0 ? waves : 2), groups_of(l, m) * l.batch);
  return std::min({wanted, tiles_of(facing(l).rows(m), c.round_rows()), c.sums == 0 ? most_counted : most_summed});
}

// Of all parts but the last.
inline i64 rows_of_part(const layer& l, const config& c, i64 parts, i64 m) {
  return tiles_of(tiles_of(facing(l).rows(m), parts), c.round_rows()) * c.round_rows();
}

inline std::string supports(const layer& l, const gpu& g) {
  if (l.what != operation::activation_grad) return "it computes activation_grad alone";
  if (g.architecture < 80) return "it needs sm_80 or later";
  if (std::string reason = refuse_unlike(l); !reason.empty()) return reason;
  if (std::string reason = refuse_sums(l); !reason.empty()) return reason;
  if (std::max(l.m, l.n) > most_counted) return "m and n must each be at most 2^31 - 512";
  const config c = config_of(l, 0);
  if (groups_of(l, l.m) > most_counted / l.batch || groups_of(l, l.m) * l.batch > most_counted / parts_of(l, g, c, l.m))
    return "it would take more than 2^31 - 512 blocks";
  return "";
}

inline estimate cost_of(const layer& l, const gpu& g, const config& c) {
  const double clocks_per_us = g.clock_ghz * 1e3, processors = g.multiprocessors;
  const int blocks = blocks_on(g, c.shared_bytes(), c.threads, c.min_blocks);
  const i64 parts = parts_of(l, g, c, l.m), all = groups_of(l, l.m) * l.batch * parts;
  const finish_work work(l);
  const double elements = double(l.m) * double(l.n) * double(l.batch);
  const double bytes_per_us = g.bandwidth_gb_per_s * 1e3;
  double bytes = 0, read = 0;
  for (const operand& o : l.operands) {
    if (o.spread != extent::each) continue;
    bytes += matrix_bytes(l, o);
    if (o.what == slot::dy || o.what == slot::kept) read += bytes_of(o.type) * tile::strip_width;
  }
  // Loads under way hide their latency.
  const double resident = std::min(double(blocks), double(all) / processors);
  const double under_way = processors * resident * c.threads * c.rows * read, needed = bytes_per_us * global_latency_us;
  estimate e;
  e.waves = double(all) / (processors * blocks);
  e.memory = bytes / (bytes_per_us * std::min(1.0, under_way / needed));
  e.special = elements / processors * work.special_functions / special_per_clock / clocks_per_us;
  e.epilogue = finish_clocks(elements / processors, work.special_functions, work.arithmetic + 8) / clocks_per_us;
  e.total = launch_us + summing_us(l, parts) + beside(e.epilogue, e.memory);
  return e;
}

inline std::string tile_name(const config& c) { return sizes_name({c.cols, c.round_rows()}); }

inline std::string config_text(const config& c) {
  aggregate_text text("families::gradient_pass::config");
  text.number("rows", c.rows).number("min_blocks", c.min_blocks).number("kept", c.kept);
  text.number("kept_bytes", c.kept_bytes).number("sums", c.sums);
  return text.text();
}

inline candidate candidate_of(const layer& l, const gpu& g, int row) {
  const chain_text chain = chain_of(l);
  const config c = config_of(l, row);
  const element type = l.find(slot::dy)->type;
  candidate found;
  found.config = row;
  found.tile = tile_name(c);
  found.kernel = tiled_kernel_name(l, std::string("gradient_pass_") + short_name(type) + "_" + tile_name(c), chain, 0);
  set_unit(found, type_name(type), "gradient_pass", config_text(c), chain);
  found.threads = c.threads;
  found.values = c.rows * tile::strip_width;
  found.shared_bytes = c.shared_bytes();
  found.params_bytes = sizeof(params);
  found.blocks_per_multiprocessor = blocks_on(g, c.shared_bytes(), c.threads, c.min_blocks);
  found.cost = cost_of(l, g, c);
  return found;
}

inline std::vector<candidate> candidates(const layer& l, const gpu& g) {
  std::vector<candidate> all;
  for (int row = 0; row < int(std::size(rows_ahead)); ++row) all.push_back(candidate_of(l, g, row));
  sort_by_cost(all);
  return all;
}

// For as many parts as any run may have.
inline sums_places places_of(const layer& l, const gpu& g, const config& c) {
  return sums_places(l, 0, groups_of(l, l.m), parts_of(l, g, c, l.m), facing(l).cols());
}

inline size_t workspace_bytes(const layer& l, const gpu& g, const candidate& chosen) {
  return places_of(l, g, config_of(l, chosen.config)).bytes;
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const layer& problem = r.problem;
  const config c = config_of(problem, r.chosen.config);
  const facing f(problem);
  params p{};
  p.m = u32(f.rows(r.m)), p.n = u32(f.cols(r.m));
  p.groups = u32(groups_of(problem, r.m));
  p.part_rows = u32(rows_of_part(problem, c, parts_of(problem, r.device, c, r.m), r.m));
  p.parts = u32(tiles_of(p.m, p.part_rows));
  p.out = finish_writer(r).write();
  p.out.sum = sums_of(r, places_of(problem, r.device, c), p.groups, p.parts, p.n);
  p.whole = p.out.dy.vector != 0 && (c.kept == 0 || c.kept_bytes == 0 || p.out.kept.vector != 0);
  bytes.write(p);

  launch l;
  l.grid[0] = p.groups * p.parts * u32(problem.batch);
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  return l;
}

}  // namespace gemmact::families::gradient_pass
