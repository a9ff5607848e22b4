// What families of tiled products say and count in the same way.
#pragma once
#include <algorithm>
#include <initializer_list>
#include <string>

#include "kernels/families/chain.hpp"
#include "kernels/families/cost.hpp"
#include "kernels/families/finish.hpp"
#include "kernels/families/multiplied.hpp"
#include "kernels/tile/turns.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families {

inline constexpr i64 most_counted = (i64{1} << 31) - 512;  // in 32 bits, a tile's padding included

// Down some rows of A, which stay in the second-level cache, before the next columns.
inline tile::tile_order grouped_order(u32 m, u32 n, u32 block_m, u32 block_n, u32 group_rows = rows_together,
                                      bool curved = false) {
  return {u32(tiles_of(m, block_m)), u32(tiles_of(n, block_n)), group_rows / block_m, curved};
}

// A run's work, of tiles that have `stages` along each segment of the depth. A run of fewer rows may have fewer stages than
// the plan has splits.
inline tile::work work_of(const run& r, const tile::tile_order& order, u32 stages) {
  const facing f(r.problem);
  const u32 entries = u32(f.entries()), all = stages * u32(f.segments());
  const u32 each = u32(tiles_of(all, r.chosen.splits));
  return {order, entries * u32(f.outputs()), all, u32(tiles_of(all, each)), each, entries, stages, u32(f.sums_batch())};
}

// Bytes from the first product's factor to each one's.
inline tile::operand_places places_of_products(const run& r, const factor& f) {
  tile::operand_places all{};
  for (int product = 1; product < r.problem.pieces; ++product)
    if (const operand* o = r.problem.find(f.of->what, u32(product)))
      all.product[product] = i64(global_at(r.data[o->binding]).value - global_at(r.data[f.of->binding]).value);
  return all;
}

inline i64 units_of(const tile::work& w) { return i64(w.order.count()) * w.batch * w.splits; }

// Whether the epilogue has no more than a bias, a residual and what is kept: it then needs few registers.
inline bool usual_epilogue(const layer& l) {
  return l.combined == combine::plain && std::none_of(l.operands.begin(), l.operands.end(), [&](const operand& o) {
           return !is_factor(l, o) && o.what != slot::bias && o.what != slot::residual && o.what != slot::y &&
                  o.what != slot::kept && o.what != slot::dw && o.what != slot::dx;
         });
}

// The largest power of two that is not larger.
inline u32 power_below(u32 number) {
  u32 power = 1;
  while (power <= number / 2) power *= 2;
  return power;
}

// What it takes to gather `sums` a tile from as many blocks: those that share a tile run at the same time, and the last one
// applies the epilogue, after it has read the sums of all.
inline void add_gathering(tile_work& w, const gpu& g, int splits, double sums) {
  if (splits > 1) w.more_us += gathering_us(g, splits, sums), w.arithmetic += 8, w.global_bytes += sums * 4;
}

// Into how many parts k is best cut by a cost, where the tiles alone leave some of the GPU idle, which has room for
// `places` units a tile; 1: it cannot be. Never for results that must not depend on m.
template <class Cost>
int best_splits(const layer& l, i64 places, i64 stages, const Cost& cost) {
  // A long m has many stages and little to write.
  const i64 most = l.what == operation::weight_grad ? places : few_splits;
  int best = 1;
  double least = 0;
  for (i64 parts = 2; !l.batch_invariant && parts <= std::min({places, stages, most}); ++parts) {
    // Each part has as many stages but the last, which has at least one.
    const int splits = int(tiles_of(stages, tiles_of(stages, parts)));
    const double total = cost(splits);
    if (best == 1 || total < least) best = splits, least = total;
  }
  return best;
}

// A row of configs.inc made for a layer whose k is cut into so many parts.
template <class Config>
struct priced_config {
  int row, splits;
  Config config;
  estimate cost;
};

// Of so many rows what fits: whole, and split where k is best cut into several parts. What costs least is first. Beside its
// `config` a family has
//   bool fits(const layer&, const gpu&, const config&);
//   int splits_of(const layer&, const gpu&, const config&);  // into how many parts k is best cut; 1: none are better
//   estimate cost_of(const layer&, const gpu&, const config&, int splits);
//   candidate candidate_of(const layer&, const gpu&, const priced_config<config>&, const chain_texts&);
template <class Config>
std::vector<candidate> tiled_candidates(const layer& l, const gpu& g, size_t rows,
                                        Config (*config_of)(const layer&, int row, int splits)) {
  std::vector<priced_config<Config>> priced;
  for (int row = 0; row < int(rows); ++row) {
    const Config whole = config_of(l, row, 1);
    const auto add = [&](int splits, const Config& c) {
      if (fits(l, g, c)) priced.push_back({row, splits, c, cost_of(l, g, c, splits)});
    };
    add(1, whole);
    if (const int splits = splits_of(l, g, whole); splits > 1) add(splits, config_of(l, row, splits));
  }
  sort_by_cost(priced);
  const chain_texts chains(l);
  std::vector<candidate> all;
  all.reserve(priced.size());
  for (const auto& p : priced) all.push_back(candidate_of(l, g, p, chains));
  return all;
}

// What each family's candidate says in the same way; its names, and what a thread holds, are the family's.
template <class Config>
candidate unnamed_candidate(const priced_config<Config>& priced, size_t params_bytes) {
  candidate found;
  found.config = priced.row, found.splits = priced.splits;
  found.threads = priced.config.threads(), found.shared_bytes = priced.config.shared_bytes();
  found.params_bytes = u32(params_bytes);
  found.cost = priced.cost;
  return found;
}

// The workspace: what the epilogue needs, then with splits a counter for each of all batch entries' tiles, then the sums.
struct workspace_places {
  size_t counters, partials, bytes;
  workspace_places(const layer& l, i64 tiles, int splits, i64 tile_elements) {
    counters = finish_workspace_bytes(l);
    partials = bytes = counters;
    if (splits == 1) return;
    partials += (size_t(tiles) * 4 + 255) / 256 * 256;
    bytes = partials + size_t(tiles) * size_t(splits) * size_t(tile_elements) * 4;
  }
  tile::shared_sums sums(void* workspace) const {
    return {global_at(workspace) + i64(partials), global_at(workspace) + i64(counters)};
  }
};

// How a run's sums over rows are shared out: of D's columns, by columns and rows of tiles; of A's rows, by rows of tiles and
// the splits of the depth.
struct summed_tiles {
  i64 groups, parts, cols;
  int together;  // as sums_places has it

  summed_tiles(const layer& l, i64 m, i64 block_m, i64 block_n, i64 splits) {
    const facing f(l);
    const bool of_a = l.what == operation::weight_grad;
    groups = of_a ? tiles_of(f.rows(m), block_m) : tiles_of(f.cols(m), block_n);
    parts = of_a ? splits : tiles_of(f.rows(m), block_m);
    cols = of_a ? f.rows(m) : f.cols(m);
    together = of_a ? 1 : 0;
  }
};

// The workspace of families of which each block has a tile of D, all_tiles(layer, config) in all.
template <class Config>
workspace_places places_of(const layer& l, const Config& c, int splits) {
  return {l, all_tiles(l, c), splits, i64(c.block_m) * c.block_n};
}
template <class Config>
summed_tiles summed_tiles_of(const layer& l, const Config& c, i64 m, i64 splits) {
  return {l, m, c.block_m, c.block_n, splits};
}
template <class Config>
sums_places sums_places_of(const layer& l, const Config& c, int splits) {
  const summed_tiles all = summed_tiles_of(l, c, l.m, splits);
  return {l, places_of(l, c, splits).bytes, all.groups, all.parts, all.cols, all.together};
}

// Which of the epilogue's sums the rows of each product's A have; below 0: none.
inline array<int, tile::most_products> row_sums_of(const layer& l) {
  const wanted_sums wanted(l);
  array<int, tile::most_products> all{};
  for (u32 product = 0; product < u32(tile::most_products); ++product)
    all[int(product)] = wanted.has(product) ? wanted.number(product) : -1;
  return all;
}

// An aggregate as text: its named members, without those that are false or 0 unless they must be told.
class aggregate_text {
 public:
  explicit aggregate_text(std::string type) : type_(std::move(type)) {}
  aggregate_text& number(const char* name, u32 value) { return member(name, std::to_string(value)); }
  aggregate_text& number(const char* name, u32 value, u32 usual) {
    return value == usual ? *this : number(name, value);
  }
  aggregate_text& flag(const char* name, bool value, bool usual) {
    return value == usual ? *this : member(name, value ? "true" : "false");
  }
  std::string text() const { return type_ + "{" + members_ + "}"; }

 private:
  aggregate_text& member(const char* name, const std::string& value) {
    members_.append(members_.empty() ? "." : ", .").append(name).append(" = ").append(value);
    return *this;
  }
  std::string type_, members_;
};

// What a candidate's unit names: the kernel's type, and the files to include.
inline void set_unit(candidate& c, const char* type, const std::string& family, const std::string& config,
                     const chain_text& chain) {
  c.type = "families::" + family + "::kernel<" + config + ", " + type + ", " + chain.type + ">";
  c.header = "kernels/families/" + family + "/kernel.cuh";
  c.function = chain.function;
}
inline void set_unit(candidate& c, const layer& l, const std::string& family, const std::string& config,
                     const chain_text& chain) {
  set_unit(c, multiplied_as(l).type, family, config, chain);
}

// "128x128x32x4"
inline std::string sizes_name(std::initializer_list<u32> sizes) {
  std::string name;
  for (u32 size : sizes) name.append(name.empty() ? "" : "x").append(std::to_string(size));
  return name;
}

// Of a tile of which each block has a part of k.
inline std::string splits_name(const std::string& tile, int splits) {
  return splits == 1 ? tile : tile + "s" + std::to_string(splits);
}

// How A and B lie, as in BLAS, where X W^T is "nt": n lies along k for the first and t for the second operand.
inline std::string orders_name(bool a_along_k, bool b_along_k) {
  return std::string(a_along_k ? "n" : "t") + (b_along_k ? "t" : "n");
}

// What sets backward's products apart, whose epilogue does not tell.
inline std::string products_name(const layer& l) {
  const bool sums_a = l.what == operation::weight_grad && wanted_sums(l).count != 0;
  return (is_masked(l) ? "_maxout" : "") + std::string(sums_a ? "_db" : "");
}

// "gemm_sm80_bf16_nt_128x128x32x4" with what the layer makes of it; `pieces` bytes, where they are not the widest.
inline std::string tiled_kernel_name(const layer& l, std::string name, const chain_text& chain, i64 pieces) {
  if (facing(l).turned()) name += "_turned";
  name += chain.name;
  if (pieces != 0) name += "_align" + std::to_string(pieces);
  return kernel_name(name);
}

}  // namespace gemmact::families
