#include <fmt/format.h>

#include "kernels/families/gradient_pass/family.hpp"
#include "tests/families/emulated/layers_of_steps.hpp"
#include "tests/families/emulated/walks.hpp"
#include "tests/layer/equations.hpp"

namespace gemmact::test {
namespace {

namespace pass = families::gradient_pass;

struct variant {
  gemmact_type type = GEMMACT_BF16, kept = GEMMACT_BF16;
  gemmact_combine combine = GEMMACT_PLAIN;
  const char* activation = "prelu";
  gemmact_keep keep = GEMMACT_KEEP_Z;
  int pieces = 1;
  int sums = 0;  // DBIAS of each product, then DPARAM
  u32 rows = 2;  // ahead
  gemmact_extent extent = GEMMACT_PER_COLUMN;
  int64_t batch = 1;
};

std::string name_of(const variant& v, const std::string& plan) {
  std::string name = plan + " " + v.activation + " " + type_name(v.type) + " from " + type_name(v.kept);
  if (v.combine != GEMMACT_PLAIN) name += ", " + std::to_string(v.pieces) + " products";
  if (v.sums != 0) name += ", " + std::to_string(v.sums) + " sums";
  if (v.extent == GEMMACT_SCALAR) name += " of all";
  return name;
}

// Several parts of the rows and three groups of columns, ragged at their ends.
walk walk_of(const variant& v) {
  walk made;
  layer& l = made.l;
  l.operation = GEMMACT_ACTIVATION_GRAD;
  l.combine = v.combine, l.keep = v.keep, l.batch = v.batch;
  if (v.combine == GEMMACT_MAXOUT) l.pieces = v.pieces;
  else l.activation = v.activation;
  l.m = 5 * 32 * v.rows - 7, l.n = 2 * pass::config::cols + 13;
  // Rows begin at multiples of 16 bytes.
  const listing aligned = {.pad = 3};
  const auto matrix = [&](uint32_t slot, gemmact_type type, uint32_t index = 0) {
    listing how = aligned;
    how.index = index;
    l.add(slot, type, how).spec.align_bytes = uint32_t(type == GEMMACT_U8 ? 8 : 16);
  };
  matrix(GEMMACT_DY, v.type);
  if (v.keep == GEMMACT_KEEP_BIT) l.add(GEMMACT_KEPT, GEMMACT_BIT, {.pad = 1});
  else if (v.keep != GEMMACT_KEEP_NOTHING)
    for (uint32_t i = 0; i < (v.combine == GEMMACT_GATED ? 2u : 1u); ++i) matrix(GEMMACT_KEPT, v.kept, i);
  for (int p = 0; p < v.pieces; ++p) matrix(GEMMACT_DZ, v.type, uint32_t(p));
  for (int i = 0; i < v.sums; ++i)
    l.add(i < v.pieces ? GEMMACT_DBIAS : GEMMACT_DPARAM, GEMMACT_F32,
          {.index = uint32_t(i < v.pieces ? i : 0), .extent = v.extent, .batched = i % 2 == 0});
  made.plan = fmt::format("gradient_pass:{}x{}", pass::config::cols, 32 * v.rows);
  made.name = name_of(v, made.plan);
  return made;
}

variant nothing_kept(gemmact_type type, int sums) {
  return {.type = type, .activation = "linear(c=2)", .keep = GEMMACT_KEEP_NOTHING, .sums = sums};
}
variant bit_kept(gemmact_type type, int sums) {
  return {.type = type, .activation = "relu", .keep = GEMMACT_KEEP_BIT, .sums = sums};
}
variant gated(gemmact_type type, gemmact_type kept, int sums) {
  return {.type = type, .kept = kept, .combine = GEMMACT_GATED, .pieces = 2, .sums = sums};
}
variant maxout(gemmact_type type, int pieces, bool sums) {
  return {.type = type,
          .kept = GEMMACT_U8,
          .combine = GEMMACT_MAXOUT,
          .activation = "maxout",
          .keep = GEMMACT_KEEP_INDEX,
          .pieces = pieces,
          .sums = sums ? pieces : 0};
}

// So many parts of one group that several are read at once: those of all batch entries go together. Added to what is there.
walk walk_of_many_parts(gemmact_type sums) {
  walk made;
  layer& l = made.l;
  l.operation = GEMMACT_ACTIVATION_GRAD, l.keep = GEMMACT_KEEP_Z, l.activation = "prelu", l.batch = 4;
  l.m = 20 * 32 - 7, l.n = 13;
  l.flags = GEMMACT_ACCUMULATE_DBIAS;
  for (const uint32_t slot : {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_DZ}) l.add(slot, GEMMACT_BF16);
  l.add(GEMMACT_DBIAS, sums, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  made.plan = "gradient_pass:64x32";
  made.name = made.plan + " of many parts";
  return made;
}

// Three parameters are trained, and a bias.
walk walk_of_three_trained(bool bias) {
  walk made = walk_of({.type = GEMMACT_F32, .kept = GEMMACT_F32, .activation = four_parameters, .sums = bias ? 1 : 0});
  add_four(made.l, 0);
  for (const uint32_t i : {0u, 1u, 2u})
    made.l.add(GEMMACT_DPARAM, GEMMACT_F32, {.index = i, .extent = i == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR});
  return made;
}

}  // namespace

std::vector<walk> all_gradient_pass_walks() {
  std::vector<walk> all;
  for (const gemmact_type type : {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16}) {
    for (const int sums : {0, 1})
      all.push_back(walk_of(nothing_kept(type, sums))), all.push_back(walk_of(bit_kept(type, sums)));
    for (const gemmact_type kept : {GEMMACT_F16, GEMMACT_F32}) {
      for (const int sums : {0, 1, 2}) all.push_back(walk_of({.type = type, .kept = kept, .sums = sums}));
      for (const int sums : {0, 1, 2, 3}) all.push_back(walk_of(gated(type, kept, sums)));
    }
    all.push_back(walk_of(maxout(type, 3, false)));
    for (int pieces = 2; pieces <= 8; ++pieces) all.push_back(walk_of(maxout(type, pieces, true)));
  }
  for (const u32 rows : {1u, 4u})
    for (const int sums : {0, 1}) all.push_back(walk_of({.sums = sums, .rows = rows}));
  for (const gemmact_type sums : {GEMMACT_F16, GEMMACT_BF16}) all.push_back(walk_of_many_parts(sums));
  all.push_back(walk_of({.sums = 2, .extent = GEMMACT_SCALAR, .batch = 2}));
  for (const bool bias : {false, true}) all.push_back(walk_of_three_trained(bias));
  return all;
}

std::vector<walk> telling_gradient_pass_walks() {
  std::vector<walk> all;
  all.push_back(walk_of(bit_kept(GEMMACT_BF16, 1)));
  // A slope's gradient, one for each entry of a batch, and the bias', of the whole batch; of all columns.
  all.push_back(walk_of({.sums = 2, .extent = GEMMACT_SCALAR, .batch = 2}));
  variant pair = gated(GEMMACT_F16, GEMMACT_F16, 3);
  pair.rows = 2;
  all.push_back(walk_of(pair));
  return all;
}

}  // namespace gemmact::test
