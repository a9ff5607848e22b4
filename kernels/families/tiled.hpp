// What families of tiled products say and count in the same way.
#pragma once
#include <string>

#include "kernels/families/chain.hpp"
#include "kernels/families/cost.hpp"
#include "kernels/tile/work.hpp"

namespace gemmact::families {

inline constexpr i64 most_counted = (i64{1} << 31) - 512;  // in 32 bits, a tile's padding included

// Down 1024 rows of A, which stay in the second-level cache, before the next columns.
inline tile::tile_order grouped_order(u32 m, u32 n, u32 block_m, u32 block_n) {
  constexpr u32 group_rows = 1024;
  return {u32(tiles_of(m, block_m)), u32(tiles_of(n, block_n)), group_rows / block_m};
}

// A run's work, of tiles that have `stages` along k.
inline tile::work work_of(const run& r, const tile::tile_order& order, u32 stages) {
  const u32 splits = u32(r.chosen.splits);
  return {order, u32(r.problem.batch), stages, splits, u32(tiles_of(stages, splits))};
}
inline i64 units_of(const tile::work& w) { return i64(w.order.count()) * w.batch * w.splits; }

// An aggregate as text: its named members, without those that are false or 0 unless they must be told.
class aggregate_text {
 public:
  explicit aggregate_text(std::string type) : type_(std::move(type)) {}
  aggregate_text& number(const char* name, u32 value) { return member(name, std::to_string(value)); }
  aggregate_text& flag(const char* name, bool value, bool usual) {
    return value == usual ? *this : member(name, value ? "true" : "false");
  }
  std::string text() const { return type_ + "{" + members_ + "}"; }

 private:
  aggregate_text& member(const char* name, const std::string& value) {
    members_ += (members_.empty() ? "." : ", .") + std::string(name) + " = " + value;
    return *this;
  }
  std::string type_, members_;
};

// How A and B lie, as in BLAS, where X W^T is "nt": n lies along k for the first and t for the second operand.
inline std::string orders_name(bool a_along_k, bool b_along_k) {
  return std::string(a_along_k ? "n" : "t") + (b_along_k ? "t" : "n");
}

// "gemm_sm80_bf16_nt_128x128x32x4" with what the layer makes of it; `pieces` bytes, where they are not the widest.
inline std::string tiled_kernel_name(const layer& l, std::string name, const chain_text& chain, i64 pieces) {
  if (facing(l).turned()) name += "_turned";
  name += chain.name;
  if (pieces != 0) name += "_align" + std::to_string(pieces);
  return kernel_name(name);
}

}  // namespace gemmact::families
