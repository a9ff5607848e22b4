#include "tests/layer/tile_cases.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "kernels/families/gemm_simt/family.hpp"
#include "kernels/families/gemm_sm80/family.hpp"
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/layer/cases.hpp"
#include "tests/layer/functions.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

constexpr int64_t tile_sizes[] = {1, 7, 8, 15, 16, 17, 63, 64, 65, 127, 128, 129, 257};
constexpr int64_t large[][3] = {{1111, 1300, 72}, {2049, 640, 33}, {17, 9001, 130}, {3000, 70, 64}};
constexpr uint32_t alignments[] = {0, 4, 8, 16};
constexpr int64_t pads[] = {-1, 0, 1, 2, 4, 8};

// Parameters as numbers, and no target.
std::vector<const char*> activation_texts() {
  std::vector<const char*> texts;
  for (const activation_case& act : activation_cases()) {
    const auto& params = parse_use(act.text).f->params;
    const bool target = std::any_of(params.begin(), params.end(), [](const function_param& p) { return p.operand; });
    if (act.params == param_source::text && !target) texts.push_back(act.text);
  }
  return texts;
}

gemmact_type output_type(int value) {
  constexpr gemmact_type types[] = {GEMMACT_BF16, GEMMACT_F32, GEMMACT_F16};
  return types[value];
}

void add_aligned(layer& l, uint32_t slot, gemmact_type type, listing how, uint32_t align) {
  operand& o = l.add(slot, type, how);
  if (align > uint32_t(element_bytes(type))) o.spec.align_bytes = std::max(o.spec.align_bytes, align);
}

void add_kept(layer& l, int keep, listing how, uint32_t align) {
  const gemmact_keep needs = parse_use(l.activation).f->needs;
  if (keep == 0) return;
  if (keep == 3 && needs == GEMMACT_KEEP_BIT) {
    l.keep = GEMMACT_KEEP_BIT;
    l.add(GEMMACT_KEPT, GEMMACT_BIT);
    return;
  }
  l.keep = GEMMACT_KEEP_Z;
  add_aligned(l, GEMMACT_KEPT, output_type(keep % 3), how, align);
}

layer with_head(const factor_row& row) {
  layer l;
  l.activation = activation_texts()[size_t(row["activation"])];
  l.accuracy = gemmact_accuracy(row["accuracy"]);
  return l;
}

// `aligned`: X, W, Y and residuals of its type, whatever the row says.
void add_operands(layer& l, const factor_row& row, bool aligned) {
  const uint32_t align = aligned ? 0 : alignments[row["align"]];
  l.align_bytes = aligned ? 16 : 0;
  const listing y{.pad = pads[row["pad_y"]]};
  add_aligned(l, GEMMACT_X, GEMMACT_BF16, {.pad = pads[row["pad_x"]]}, align);
  add_aligned(l, GEMMACT_W, GEMMACT_BF16, {.pad = pads[row["pad_w"]]}, align);
  constexpr gemmact_extent extents[] = {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW, GEMMACT_EACH};
  if (row["bias"] != 0)
    add_aligned(l, GEMMACT_BIAS, output_type(row["type_bias"]), {.extent = extents[row["bias"] - 1]}, align);
  add_aligned(l, GEMMACT_Y, output_type(row["type_y"]), y, align);
  const uint32_t of_y = std::exchange(l.align_bytes, 0);
  add_kept(l, row["keep"], {.pad = pads[row["pad_x"]]}, align);
  if (row["residual"] == 4)
    l.align_bytes = of_y, add_aligned(l, GEMMACT_RESIDUAL, output_type(row["type_y"]), y, align),
    l.share_with_y(GEMMACT_RESIDUAL);
  else if (row["residual"] != 0)
    l.align_bytes = of_y, add_aligned(l, GEMMACT_RESIDUAL, output_type(aligned ? row["type_y"] : row["residual"] - 1),
                                      {.pad = pads[row["pad_w"]]}, align);
}

bool on_gpu() { return device_name().rfind("cuda:", 0) == 0; }

std::vector<std::string> tile_plans() {
  std::vector<std::string> all;
  for (const families::gemm_sm80::config& tile : families::gemm_sm80::configs)
    all.push_back("gemm_sm80:" + families::gemm_sm80::tile_name(tile, families::element::bf16, 1));
  for (const families::gemm_sm90::config& tile : families::gemm_sm90::configs)
    if (!tile.curved)  // which takes more tiles than a test has
      all.push_back("gemm_sm90:" + families::gemm_sm90::tile_name(tile, families::element::bf16, 1));
  for (const families::gemm_simt::config& tile : families::gemm_simt::configs)
    all.push_back("gemm_simt:" + families::gemm_simt::tile_name(tile));
  return all;
}

std::string plan_of(uint64_t index) {
  static const std::vector<std::string> all = tile_plans();
  return on_gpu() ? all[index % all.size()] : "";
}

// Copies by TMA take nothing that is not aligned.
bool takes_aligned_alone(uint64_t index) { return plan_of(index).rfind("gemm_sm90", 0) == 0; }

}  // namespace

const std::vector<factor>& tile_factors() {
  constexpr int size_values = int(std::size(tile_sizes)), pad_values = int(std::size(pads));
  static const std::vector<factor> factors = {{"m", size_values},
                                              {"n", size_values},
                                              {"k", size_values},
                                              {"activation", int(activation_texts().size())},
                                              {"align", int(std::size(alignments))},
                                              {"pad_x", pad_values},
                                              {"pad_w", pad_values},
                                              {"pad_y", pad_values},
                                              {"type_y", 3},
                                              {"bias", 5},
                                              {"type_bias", 3},
                                              {"keep", 4},
                                              {"residual", 5},
                                              {"accuracy", 2},
                                              {"flags", 2}};
  return factors;
}

const std::vector<factor_row>& tile_rows() {
  static const std::vector<factor_row> rows = pairwise_rows(tile_factors(), 80);
  return rows;
}

uint64_t tile_case_count() { return tile_rows().size() + (on_gpu() ? std::size(large) * 8 : 0); }

layer make_tile_case(uint64_t index) {
  const factor_row& row = tile_rows()[index % tile_rows().size()];
  layer l = with_head(row);
  l.m = tile_sizes[row["m"]], l.n = tile_sizes[row["n"]], l.k = tile_sizes[row["k"]];
  if (index >= tile_rows().size()) {
    const auto& size = large[index % std::size(large)];
    l.m = size[0], l.n = size[1], l.k = size[2];
  }
  if (row["flags"] != 0) {
    l.flags |= GEMMACT_VARIABLE_M;
    l.plan_m = l.m + int64_t(mix(index) % 3) * 29;
  }
  add_operands(l, row, takes_aligned_alone(index));
  return l;
}

forced_plan::forced_plan(const std::string& plan) : forced_(!plan.empty()) {
  if (!forced_) return;
  if (const char* before = std::getenv("GEMMACT_PLAN")) before_ = before;
  setenv("GEMMACT_PLAN", plan.c_str(), 1);
}

forced_plan::~forced_plan() {
  if (!forced_) return;
  if (before_) setenv("GEMMACT_PLAN", before_->c_str(), 1);
  else unsetenv("GEMMACT_PLAN");
}

forced_tile::forced_tile(uint64_t index) : forced_plan(plan_of(index)) {}

}  // namespace gemmact::test
