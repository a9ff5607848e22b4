// What gemm_sm80 takes, in which configurations, and how it is launched.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/families/cost.hpp"
#include "kernels/families/family.hpp"
#include "kernels/families/gemm_sm80/chain.hpp"
#include "kernels/families/gemm_sm80/config.hpp"
#include "kernels/families/gemm_sm80/params.hpp"

namespace gemmact::families::gemm_sm80 {

// Of copies in pieces of 16 bytes; the other pieces are chosen by the operands.
inline constexpr config configs[] = {
#define GEMMACT_GEMM_SM80(...) {__VA_ARGS__, 16},
#include "kernels/families/gemm_sm80/configs.inc"
#undef GEMMACT_GEMM_SM80
};
inline constexpr i64 operand_bytes = 2;

inline config config_of(const candidate& c) {
  config chosen = configs[c.config / 4];
  chosen.piece_bytes = 16u >> (c.config % 4);
  return chosen;
}

// The largest piece, 16, 8, 4 or 2 bytes, that every row of X and of W consists of from its start on; as 16 >> result.
inline int piece_shift(const layer& l) {
  u64 all = 16;
  for (slot s : {slot::x, slot::w}) {
    const operand* o = l.find(s);
    all |= o->align_bytes;
    if (o->rows > 1) all |= u64(o->row_stride * operand_bytes);
  }
  const u64 piece = std::max<u64>(all & (~all + 1), operand_bytes);
  return piece == 16 ? 0 : piece == 8 ? 1 : piece == 4 ? 2 : 3;
}

inline i64 tiles_of(i64 extent, u32 tile) { return (extent + tile - 1) / tile; }
inline bool row_major(const operand& o) { return o.col_stride == 1 || o.cols == 1; }

// Why an operand is not taken, or nothing.
inline std::string refuse_operand(const operand& o) {
  const bool is_float = o.type == element::f32 || o.type == element::f16 || o.type == element::bf16;
  const auto must_be = [](bool right, const char* rule) { return right ? std::string() : std::string(rule); };
  switch (o.what) {
    case slot::x:
    case slot::w:
      if (o.type != element::bf16) return "it multiplies bf16 operands alone";
      return must_be(row_major(o), "X and W must lie along k (row-major)");
    case slot::y:
    case slot::residual:
      if (!is_float) return "Y and RESIDUAL must be f32, f16 or bf16";
      return must_be(row_major(o), "Y and RESIDUAL must be row-major");
    case slot::kept:
      if (!is_float && o.type != element::bit) return "KEPT must be f32, f16, bf16 or BIT";
      return must_be(row_major(o), "KEPT must be row-major");
    case slot::bias:
      if (!is_float) return "BIAS must be f32, f16 or bf16";
      return must_be(o.spread != extent::each || row_major(o), "a BIAS with the extent EACH must be row-major");
    case slot::target:
    case slot::param:
      return "it takes a function's parameters as numbers, not from the tensors TARGET and PARAM";
    default:
      return "it takes X, W, BIAS, RESIDUAL, Y and KEPT, and no other slot";
  }
}

inline std::string supports(const layer& l, const gpu& g) {
  if (g.architecture < 80) return "it needs sm_80 or later";
  if (l.what != operation::forward) return "it computes the forward operation alone";
  if (l.combined != combine::plain) return "it computes plain layers, neither gated nor maxout ones";
  if (l.batch != 1) return "it takes a batch of 1";
  for (const operand& o : l.operands)
    if (std::string reason = refuse_operand(o); !reason.empty()) return reason;
  constexpr i64 most = (i64{1} << 31) - 512;  // what kernels count in 32 bits, a tile's padding included
  if (l.m > most || l.n > most || l.k > most / operand_bytes) return "m, n and 2 k must be at most 2^31 - 512";
  if (tiles_of(l.m, 16) > most / tiles_of(l.n, 64)) return "Y has more than 2^31 - 512 tiles";
  for (const config& c : configs)
    if (int(c.shared_bytes()) <= g.shared_block_bytes) return "";
  return "a block of this GPU has too little shared memory for each of its tiles";
}

inline int blocks_on(const config& c, const gpu& g) {
  constexpr int reserved = 1024;  // of each block's shared memory, by the system
  const int by_shared = g.shared_multiprocessor_bytes / int(c.shared_bytes() + reserved);
  const int by_threads = g.threads_multiprocessor / int(c.threads());
  return std::max(1, std::min({by_shared, by_threads, int(c.min_blocks)}));
}

inline estimate cost_of(const layer& l, const gpu& g, const config& c) {
  const i64 steps = tiles_of(l.k * operand_bytes, c.span_bytes);
  const double k_bytes = double(steps * c.span_bytes), warps = c.warps_m * c.warps_n;
  tile_work w;
  w.tiles = tiles_of(l.m, c.block_m) * tiles_of(l.n, c.block_n);
  w.mma_flop = 2.0 * c.block_m * c.block_n * k_bytes / operand_bytes;
  // Written once, read once by each warp that shares the rows.
  w.shared_bytes = k_bytes * (c.block_m + c.block_n + warps * (c.warp_m() + c.warp_n()));
  w.global_bytes = k_bytes * (c.block_m + c.block_n);
  // Smaller pieces are as many instructions more, for the same bytes.
  w.in_flight_bytes = double((c.stages - 1) * c.stage_bytes()) * c.piece_bytes / 16;
  w.epilogue_elements = double(c.block_m) * c.block_n;
  w.special_functions = l.activation.special_functions;
  w.arithmetic = l.activation.arithmetic + 12;  // through shared memory and out
  w.dram_bytes = double(l.m * l.k + l.n * l.k) * operand_bytes;
  for (const operand& o : l.operands)
    if (o.what == slot::y || o.what == slot::residual || o.what == slot::kept)
      w.dram_bytes += double(l.m) * double(l.n) * (o.type == element::f32 ? 4.0 : o.type == element::bit ? 0.125 : 2.0);
  w.warps = u32(warps);
  w.blocks = blocks_on(c, g);
  return estimate_tiles(w, g);
}

inline std::string tile_name(const config& c) {
  std::string name;
  for (u32 part : {c.block_m, c.block_n, c.span_bytes / u32(operand_bytes), c.stages})
    name.append(name.empty() ? "" : "x").append(std::to_string(part));
  return name;
}

inline std::string type_text(const config& c, const std::string& chain) {
  std::string fields;
  const auto field = [&](const char* name, u32 value) {
    fields += (fields.empty() ? "." : ", .") + std::string(name) + " = " + std::to_string(value);
  };
  field("block_m", c.block_m), field("block_n", c.block_n), field("span_bytes", c.span_bytes);
  field("stages", c.stages), field("warps_m", c.warps_m), field("warps_n", c.warps_n);
  field("min_blocks", c.min_blocks), field("piece_bytes", c.piece_bytes);
  return "families::gemm_sm80::kernel<families::gemm_sm80::config{" + fields + "}, bf16_bits, " + chain + ">";
}

inline candidate candidate_of(const layer& l, const gpu& g, int row) {
  const chain_text chain = chain_of(l);
  candidate found;
  found.config = 4 * row + piece_shift(l);
  const config c = config_of(found);
  found.tile = tile_name(c);
  found.kernel = "gemm_sm80_bf16_nt_" + found.tile + chain.name;
  if (c.piece_bytes != 16) found.kernel += "_align" + std::to_string(c.piece_bytes);
  found.type = type_text(c, chain.type);
  found.header = "kernels/families/gemm_sm80/kernel.cuh";
  if (chain.function[0] != 0) found.functions = {chain.function};
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
    if (int(configs[row].shared_bytes()) <= g.shared_block_bytes) all.push_back(candidate_of(l, g, row));
  // Where memory decides they cost the same: then the one that does least beside it.
  const auto rank = [](const candidate& c) { return std::pair(c.cost.total, c.cost.tensor + c.cost.epilogue); };
  std::stable_sort(all.begin(), all.end(), [&](const candidate& a, const candidate& b) { return rank(a) < rank(b); });
  return all;
}

inline size_t workspace_bytes(const layer&, const gpu&, const candidate&) { return 0; }

inline i64 element_bytes(element type) { return type == element::f32 ? 4 : type == element::bit ? 0 : 2; }

inline tile::byte_matrix bytes_of(const run& r, slot s, i64 rows) {
  const operand* o = r.problem.find(s);
  // Rows past an only one are not read, but their addresses must be whole pieces, which its stride need not be.
  const i64 row_bytes = o->rows > 1 ? o->row_stride * operand_bytes : 0;
  return {global_at(r.data[o->binding]), row_bytes, u32(rows), u32(r.problem.k * operand_bytes)};
}

inline bool strips_aligned(const void* at, i64 row_bytes) {
  return (reinterpret_cast<std::uintptr_t>(at) | std::uintptr_t(row_bytes)) % 16 == 0;
}

// Rows of the epilogue's matrices; of a bias its column stride may be 0.
inline tile::matrix_view view_of(const run& r, slot s) {
  const operand* o = r.problem.find(s);
  if (o == nullptr) return {};
  const void* at = r.data[o->binding];
  if (o->type == element::bit) return {global_at(at), o->row_stride / 32, 0};
  return {global_at(at), o->row_stride, u32(strips_aligned(at, o->row_stride * element_bytes(o->type)))};
}

inline launch prepare(const run& r, params_bytes& bytes) {
  const config c = config_of(r.chosen);
  params p{};
  p.x = bytes_of(r, slot::x, r.m);
  p.w = bytes_of(r, slot::w, r.problem.n);
  p.m = u32(r.m);
  p.n = u32(r.problem.n);
  p.stages = u32(tiles_of(r.problem.k * operand_bytes, c.span_bytes));
  constexpr u32 group_rows = 1024;  // of X, that stay in the second-level cache
  p.order = {u32(tiles_of(r.m, c.block_m)), u32(tiles_of(r.problem.n, c.block_n)), group_rows / c.block_m};
  p.out.y = view_of(r, slot::y);
  p.out.residual = view_of(r, slot::residual);
  p.out.kept = view_of(r, slot::kept);
  p.out.bias = view_of(r, slot::bias);
  std::memcpy(p.out.activation, r.problem.activation.params, sizeof p.out.activation);
  std::memcpy(bytes.bytes, &p, sizeof p);
  bytes.size = sizeof p;

  launch l;
  const i64 resident = i64(r.device.multiprocessors) * r.chosen.blocks_per_multiprocessor;
  l.grid[0] = u32(std::min<i64>(i64(p.order.rows) * p.order.cols, resident));
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  return l;
}

}  // namespace gemmact::families::gemm_sm80
