#include "tests/families/emulated/walks_of_products.hpp"

#include <fmt/format.h>

#include "tests/families/emulated/layers_of_steps.hpp"
#include "tests/layer/equations.hpp"

namespace gemmact::test {
namespace {

class builder {
 public:
  builder(const product_case& what, const product_tile& tile) : what_(what) {
    const auto whole = [&](int64_t length) { return (length + tile.unit - 1) / tile.unit * tile.unit; };
    // One of several outputs is enough.
    const bool many = what.batch > 1 || (what.operation == GEMMACT_WEIGHT_GRAD && what.combine != GEMMACT_PLAIN);
    int64_t rows = tile.rows + (many ? -tile.unit : tile.unit), cols = many ? tile.cols - 3 : 2 * tile.cols + 5;
    int64_t depth = 5 * tile.stage / 2 - 1;
    if (what.splits) rows = tile.rows - tile.unit, cols = tile.cols - 3, depth = 17 * tile.stage / 2 - 1;
    rows = whole(rows), cols = whole(cols), depth = whole(depth);
    l_.operation = what.operation, l_.combine = what.combine, l_.compute = what.compute, l_.batch = what.batch;
    l_.pieces = what.combine == GEMMACT_MAXOUT ? what.pieces : 0;
    if (what.operation == GEMMACT_FORWARD) l_.m = rows, l_.n = cols, l_.k = depth;
    if (what.operation == GEMMACT_INPUT_GRAD) l_.m = rows, l_.k = cols, l_.n = depth;
    if (what.operation == GEMMACT_WEIGHT_GRAD) l_.n = rows, l_.k = cols, l_.m = depth;
    if (what.accumulates) l_.flags |= GEMMACT_ACCUMULATE_DW;
  }

  layer make() {
    if (what_.operation == GEMMACT_FORWARD) forward();
    else if (what_.operation == GEMMACT_INPUT_GRAD) input_grad();
    else weight_grad();
    return std::move(l_);
  }

 private:
  // A factor whose lines run along the depth, or the other way; `transposed`: its columns are A's or B's rows.
  void factor(uint32_t slot, bool along, bool transposed, uint32_t index = 0) {
    l_.align_bytes = what_.align_bytes;
    l_.add(slot, what_.type,
           {.index = index, .order = along != transposed ? GEMMACT_ROW_MAJOR : GEMMACT_COLUMN_MAJOR, .pad = 1});
    l_.align_bytes = 0;
  }
  void column(uint32_t slot, uint32_t index = 0) {
    l_.add(slot, GEMMACT_F32, {.index = index, .extent = GEMMACT_PER_COLUMN, .batched = false});
  }
  uint32_t products() const { return uint32_t(l_.products()); }

  void forward() {
    factor(GEMMACT_X, what_.a_along, false);
    for (uint32_t p = 0; p < products(); ++p) factor(GEMMACT_W, what_.b_along, false, p), column(GEMMACT_BIAS, p);
    if (what_.combine == GEMMACT_GATED) {
      l_.activation = "relu";
      l_.keep = GEMMACT_KEEP_Z;
      for (uint32_t p = 0; p < 2; ++p) l_.add(GEMMACT_KEPT, GEMMACT_BF16, {.index = p, .pad = 3});
    } else {
      l_.add(GEMMACT_KEPT, GEMMACT_U8, {.pad = 1});
    }
    l_.add(GEMMACT_Y, GEMMACT_F32, {.pad = 5});
  }

  // dZ of each product, or dY with its winners.
  void gradients(bool transposed) {
    if (what_.combine != GEMMACT_MAXOUT) {
      for (uint32_t p = 0; p < products(); ++p) factor(GEMMACT_DZ, what_.a_along, transposed, p);
      return;
    }
    factor(GEMMACT_DY, what_.a_along, transposed);
    l_.align_bytes = std::max<uint32_t>(1, what_.align_bytes / uint32_t(element_bytes(what_.type)));
    l_.add(GEMMACT_KEPT, GEMMACT_U8, {.pad = 1});
    l_.align_bytes = 0;
  }

  void input_grad() {
    constexpr uint32_t below = GEMMACT_BELOW;
    gradients(false);
    for (uint32_t p = 0; p < products(); ++p) factor(GEMMACT_W, what_.b_along, true, p);
    if (what_.sums == 0 || what_.sums == 2) l_.add(GEMMACT_DX, GEMMACT_F32, {.pad = 1});
    if (what_.sums == 0) return;
    l_.below = what_.sums == 5 ? four_parameters : what_.sums == 4 ? two_parameters : "prelu";
    l_.keep_below = GEMMACT_KEEP_Z;
    const uint32_t pair = what_.sums > 2 ? 2 : 1;
    l_.below_combine = pair == 2 ? GEMMACT_GATED : GEMMACT_PLAIN;
    for (uint32_t p = 0; p < pair; ++p) {
      l_.add(below | GEMMACT_KEPT, GEMMACT_F32, {.index = p, .pad = 3});
      l_.add(below | GEMMACT_DZ, GEMMACT_BF16, {.index = p, .pad = 1});
      column(below | GEMMACT_DBIAS, p);
    }
    if (what_.sums == 5) add_four(l_, below);
    for (uint32_t p = 0; p + pair < uint32_t(what_.sums); ++p)
      l_.add(below | GEMMACT_DPARAM, GEMMACT_F32,
             {.index = p, .extent = p == 1 ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR, .batched = what_.batch > 1});
  }

  void weight_grad() {
    gradients(true);
    factor(GEMMACT_X, what_.b_along, true);
    for (uint32_t p = 0; p < products(); ++p) {
      l_.add(GEMMACT_DW, GEMMACT_F32, {.index = p, .pad = 3, .batched = !what_.sums_batch});
      // Not of each product.
      if (what_.db && (p != 0 || products() == 1)) column(GEMMACT_DBIAS, p);
    }
  }

  const product_case what_;
  layer l_;
};

std::string words_of(const product_case& c) {
  static const char* const operations[] = {"", "forward", "", "input_grad", "weight_grad"};
  std::string words = fmt::format("{} {}", operations[c.operation], type_name(c.type));
  if (c.compute == GEMMACT_COMPUTE_FP8_FAST) words += " fast";
  if (c.combine == GEMMACT_GATED) words += " gated";
  if (c.combine == GEMMACT_MAXOUT) words += fmt::format(" maxout of {}", c.pieces);
  words += fmt::format(" {}{} aligned to {}", c.a_along ? "n" : "t", c.b_along ? "t" : "n", c.align_bytes);
  if (c.sums != 0) words += fmt::format(" {} sums", c.sums);
  if (c.db) words += " db";
  if (c.accumulates) words += " added";
  if (c.batch > 1) words += c.sums_batch ? " of a batch together" : " batch";
  return words;
}

}  // namespace

walk product_walk(const product_case& what, const product_tile& tile, const std::string& plan) {
  walk made;
  made.l = builder(what, tile).make();
  made.plan = plan + (what.splits ? "s*" : "");
  made.name = made.plan + " " + words_of(what);
  return made;
}

}  // namespace gemmact::test
