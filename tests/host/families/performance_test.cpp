// docs/performance.md: its tables of the model's figures and of what compiled kernels consist of are as they would be
// written today (GEMMACT_UPDATE_DOCS=1 writes them), and it gives each assumption's value.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "bench/core/shapes.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_facts.hpp"
#include "kernels/families/gemm_sm90/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_sm90;
using families::candidate;

constexpr const char* path = GEMMACT_SOURCE_DIR "/docs/performance.md";

std::string document() {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool is_update() {
  const char* update = std::getenv("GEMMACT_UPDATE_DOCS");
  return update != nullptr && *update == '1';
}

// The lines between "<!-- written by families_performance_test: NAME -->" and "<!-- end -->" must be `text`.
void expect_written(const std::string& name, const std::string& text) {
  std::string all = document();
  const std::string begin = fmt::format("<!-- written by families_performance_test: {} -->\n", name);
  const size_t start = all.find(begin), end = all.find("<!-- end -->", start);
  ASSERT_NE(end, all.npos) << "no place for " << name;
  const std::string there = all.substr(start + begin.size(), end - start - begin.size());
  if (is_update()) std::ofstream(path) << all.replace(start + begin.size(), there.size(), text);
  else EXPECT_EQ(there, text) << "GEMMACT_UPDATE_DOCS=1 writes it";
}

// What the models assume, each with its source, stands in the page with its value.
TEST(performance_page, gives_each_assumption) {
  const std::string all = document();
  const std::map<std::string, double> values = {
      {"launch_us", families::launch_us},
      {"global_latency_us", families::global_latency_us},
      {"gather_us", families::gather_us},
      {"read_us", families::read_us},
      {"cached_read_us", families::cached_read_us},
      {"l2_over_dram", families::l2_over_dram},
      {"mma_efficiency", families::mma_efficiency},
      {"beside", families::beside(1, 1) - 1},
      {"shared_bytes_per_clock", family::shared_bytes_per_clock},
      {"l2_bytes_per_clock", family::l2_bytes_per_clock},
      {"most_bytes_per_clock", families::most_bytes_per_clock},
      {"turn_clocks", family::turn_clocks},
      {"lone_warps", family::lone_warps},
      {"staged_instructions", family::staged_instructions},
      {"direct_instructions", family::direct_instructions},
      {"slab_saves", family::slab_saves},
      {"sustained, 16 bits", family::sustained(families::element::bf16)},
      {"sustained, tf32", family::sustained(families::element::f32)},
      {"sustained, e4m3", family::sustained(families::element::e4m3)},
  };
  for (const auto& [name, value] : values) {
    const std::string row = fmt::format("| {} | {:.4g} |", name, value);
    EXPECT_NE(all.find(row), all.npos) << "no row " << row;
  }
}

// Of each tile, a stage of its product in bf16, of 64.
std::string stages() {
  constexpr double several = 64;
  const families::gpu gpu = plan::gpu_of_architecture(90);
  std::string text =
      "| tile | schedule | tensor cores | shared memory | L2 | latency | bound by | TFLOP/s at most "
      "|\n|---|---|---|---|---|---|---|---|\n";
  for (const family::config& c : family::configs) {
    if (c.curved) continue;  // the same kernel
    const family::product_clocks of(gpu, c, families::element::bf16, several, 0, family::l2_share(gpu.multiprocessors));
    const double most = std::max({of.tensor, of.shared, of.copies, of.latency});
    const double flop =
        2.0 * c.block_m * c.block_n * (c.span / 2) * several * gpu.multiprocessors * gpu.clock_ghz * 1e9;
    text += fmt::format("| {} | {} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {} | {:.0f} |\n",
                        family::tile_name(c, families::element::bf16, 1), c.pingpong ? "pingpong" : "cooperative",
                        of.tensor / several, of.shared / several, of.copies / several, of.latency / several,
                        most == of.tensor   ? "tensor cores"
                        : most == of.shared ? "shared memory"
                        : most == of.copies ? "L2"
                                            : "latency",
                        flop / of.all() * 1e-12);
  }
  return text;
}

TEST(performance_page, has_the_clocks_of_a_stage) { expect_written("stages", stages()); }

sample_layer layer_of_row(const gemmact_bench::selection& row, const gemmact_bench::shape& shape,
                          const char* function) {
  sample_layer layer = sized_layer(shape.m, shape.n, shape.k, function);
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) layer.at(slot).type = row.type, layer.at(slot).ld = shape.k;
  layer.at(GEMMACT_Y).type = gemmact_bench::output_of(row.type), layer.at(GEMMACT_Y).ld = shape.n;
  layer.problem.compute = row.compute;
  layer.problem.accuracy = row.accuracy;
  return layer;
}

std::string prediction(const gemmact_bench::selection& row, const gemmact_bench::shape& shape) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  const auto choice_of = [&](const char* function) {
    sample_layer layer = layer_of_row(row, shape, function);
    return plan::gpu_choice(plan::gpu_families(), gpu, core::check_problem(layer.link(), plan::functions()));
  };
  const plan::gpu_choice choice = choice_of(row.function.c_str()), plain = choice_of("linear");
  const plan::gpu_pick pick = choice.picks({}).at(0);
  const families::estimate& e = pick.candidate->cost;
  const double flop = 2.0 * double(shape.m) * double(shape.n) * double(shape.k);
  return fmt::format("| {} | {}{} | {} | {} {} | {:.4g} | {:.3g} | {:.3g} | {:.3g} | {:.0f} | {:.2f} |\n",
                     gemmact_bench::short_name(shape.name), row.function, row.accuracy == GEMMACT_FAST ? ", fast" : "",
                     name_of(gemmact_bench::precision{row.type, row.compute}), pick.family->name, pick.candidate->tile,
                     e.total, e.tensor, e.memory, e.epilogue, flop / e.total * 1e-6,
                     plain.picks({}).at(0).candidate->cost.total / e.total);
}

bool is_plain_forward(const gemmact_bench::selection& row) {
  return row.combine == GEMMACT_PLAIN && row.operation == GEMMACT_FORWARD;
}

// `line` of each row of the default benchmark that is wanted and names a function.
template <class Wanted, class Line>
std::string lines_of_default_set(const Wanted& wanted, const Line& line) {
  const std::string folder = GEMMACT_SOURCE_DIR "/bench/shapes/";
  const auto shapes = gemmact_bench::read_all_shapes(folder);
  std::string text;
  for (const gemmact_bench::selection& row :
       gemmact_bench::parse_selections(gemmact_bench::read_file(folder + "default_gpu.csv"), "default_gpu.csv")) {
    if (!wanted(row) || row.function == "catalogue" || !row.equation.empty()) continue;
    const auto found = std::find_if(shapes.begin(), shapes.end(), [&](const gemmact_bench::shape& s) {
      return s.list == row.list && s.name == row.name;
    });
    if (found == shapes.end()) throw std::logic_error("no shape " + row.name);
    text += line(row, *found);
  }
  return text;
}

TEST(performance_page, has_the_predictions) {
  expect_written("predictions",
                 "| shape | function | type | kernel | us | product | memory | epilogue | TFLOP/s | plain ÷ fused |\n"
                 "|---|---|---|---|---|---|---|---|---|---|\n" +
                     lines_of_default_set(is_plain_forward, prediction));
}

// A pair, a maxout or a backward operation of the benchmark; or, `bare`, its products alone.
sample_layer other_layer(const gemmact_bench::selection& row, const gemmact_bench::shape& shape, bool bare) {
  const bool forward = row.operation == GEMMACT_FORWARD;
  const gemmact_combine combine = bare ? GEMMACT_PLAIN : row.combine;
  const uint32_t pieces = combine == GEMMACT_PLAIN ? 1 : combine == GEMMACT_GATED ? 2 : uint32_t(row.maxout_pieces);
  sample_layer l(row.operation);
  l.problem.m = shape.m, l.problem.n = shape.n / pieces, l.problem.k = shape.k;
  l.problem.compute = row.compute;
  const bool of_function = !bare && row.combine != GEMMACT_MAXOUT && !row.function.empty();
  const auto kept = [&](uint32_t slot) { l.add(slot, row.function == "relu" ? GEMMACT_BIT : row.type); };
  if (forward) {
    if (of_function) l.problem.activation = row.function.c_str();
    l.problem.combine = combine, l.problem.pieces = combine == GEMMACT_MAXOUT ? pieces : 0;
    l.add(GEMMACT_X, row.type).add(GEMMACT_Y, gemmact_bench::output_of(row.type));
    for (uint32_t piece = 0; piece < pieces; ++piece) {
      l.add(GEMMACT_W, row.type, GEMMACT_EACH, piece);
      if (!bare) l.add(GEMMACT_BIAS, GEMMACT_F32, GEMMACT_PER_COLUMN, piece);
    }
  } else if (row.operation == GEMMACT_INPUT_GRAD) {
    l.add(GEMMACT_DZ, row.type).add(GEMMACT_W, row.type);
    if (bare) l.add(GEMMACT_DX, row.type);
    if (of_function) {
      l.problem.below = row.function.c_str();
      kept(GEMMACT_BELOW | GEMMACT_KEPT);
      l.add(GEMMACT_BELOW | GEMMACT_DZ, row.type);
      l.add(GEMMACT_BELOW | GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
    }
  } else {
    const bool weights = row.operation == GEMMACT_WEIGHT_GRAD;
    l.add(GEMMACT_DZ, row.type).add(weights ? GEMMACT_X : GEMMACT_DY, row.type);
    if (weights) l.add(GEMMACT_DW, row.type);
    else l.problem.activation = row.function.c_str(), kept(GEMMACT_KEPT);
    if (!bare) l.add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  }
  for (gemmact_tensor& t : l.tensors)
    if (t.extent == GEMMACT_EACH) t.align_bytes = 16;
  return l;
}

// Its last column: the same of the bare products; of activation_grad, of its bytes at the memory's rate.
std::string other_prediction(const gemmact_bench::selection& row, const gemmact_bench::shape& shape) {
  const families::gpu gpu = plan::gpu_of_architecture(90);
  const auto choice_of = [&](bool bare) {
    sample_layer layer = other_layer(row, shape, bare);
    return plan::gpu_choice(plan::gpu_families(), gpu, core::check_problem(layer.link(), plan::functions()));
  };
  const bool pass = row.operation == GEMMACT_ACTIVATION_GRAD;
  const plan::gpu_choice choice = choice_of(false), bare = choice_of(!pass);
  const plan::gpu_pick pick = choice.picks({}).at(0);
  const families::estimate& e = pick.candidate->cost;
  const double flop = pass ? 0 : 2.0 * double(shape.m) * double(shape.n) * double(shape.k);
  std::string what =
      row.operation == GEMMACT_FORWARD ? gemmact_bench::name_of(row.combine) : gemmact_bench::name_of(row.operation);
  if (row.combine == GEMMACT_MAXOUT) what += fmt::format(" of {}", row.maxout_pieces);
  if (!row.function.empty()) what += ", " + row.function;
  return fmt::format("| {} | {} | {} | {} {} | {:.4g} | {:.3g} | {:.3g} | {:.3g} | {:.0f} | {:.2f} |\n", what,
                     gemmact_bench::short_name(shape.name), name_of(gemmact_bench::precision{row.type, row.compute}),
                     pick.family->name, pick.candidate->tile, e.total, e.tensor, e.memory, e.epilogue,
                     flop / e.total * 1e-6, (pass ? e.memory : bare.picks({}).at(0).candidate->cost.total) / e.total);
}

TEST(performance_page, has_the_predictions_of_several_products_and_of_backward) {
  expect_written("others",
                 "| operation | shape | type | kernel | us | product | memory | epilogue | TFLOP/s | bare ÷ this |\n"
                 "|---|---|---|---|---|---|---|---|---|---|\n" +
                     lines_of_default_set(std::not_fn(is_plain_forward), other_prediction));
}

struct instance {
  wanted_unit unit;
  family::config tile;
};

std::vector<instance> instances() {
  std::vector<instance> all;
  std::set<std::string> seen;
  const families::gpu gpu = plan::gpu_of_architecture(90);
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16, GEMMACT_F32, GEMMACT_E4M3}) {
    sample_layer made = sized_layer(4096, 4096, 4096, "gelu");
    for (const uint32_t slot : {GEMMACT_X, GEMMACT_W}) made.at(slot).type = type;
    made.at(GEMMACT_Y).type = gemmact_bench::output_of(type);
    if (type == GEMMACT_F32) made.problem.compute = GEMMACT_COMPUTE_TF32;
    const families::layer l = layer_of(made);
    std::vector<candidate> listed = family::candidates(l, gpu);
    std::stable_sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) { return a.config < b.config; });
    int of_type = 0;
    for (const candidate& c : listed) {
      if (c.splits > 1 || !seen.insert(c.kernel).second) continue;
      if (type != GEMMACT_BF16 && ++of_type > 2) break;  // the same code but for the type
      all.push_back({unit_for(c, 90), family::config_of(l, c)});
    }
  }
  return all;
}

// Those of its type.
int wgmmas(const instance& i) {
  const opcode_counts seen = i.unit.counts();
  return i.unit.candidate.kernel.find("_e4m3_nt") == std::string::npos ? seen[opcode::hgmma] : seen[opcode::qgmma];
}

std::string line(const instance& i) {
  const opcode_counts seen = i.unit.counts();
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", i.unit.candidate.kernel, i.unit.candidate.threads,
                     i.unit.registers, i.unit.candidate.shared_bytes, wgmmas(i), seen[opcode::mufu],
                     seen.local_memory());
}

// Compiles them, or every sixth alone, which must then be among the lines.
TEST(performance_page, has_what_each_kernel_consists_of) {
  const std::vector<instance> all = instances();
  const size_t step = is_update() || case_count(1) > 1 ? 1 : 6;
  std::vector<instance> some;
  for (size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
  const std::vector<instance> done = compiled(some, any_time);
  if (done.empty()) GTEST_SKIP() << why_nothing_compiled;
  std::string text =
      "| kernel | threads | registers | shared bytes | wgmma | MUFU | spills |\n|---|---|---|---|---|---|---|\n";
  const std::string there = document();
  for (const instance& made : done) {
    ASSERT_EQ(made.unit.error, "") << made.unit.text();
    const int stage = int(made.tile.consumer_rows() / 64 * (made.tile.span / 32));
    EXPECT_GT(wgmmas(made), 0);
    EXPECT_EQ(wgmmas(made) % stage, 0) << "whole stages, as often as the compiler has copied their code";
    text += line(made);
    EXPECT_TRUE(step == 1 || there.find(line(made)) != there.npos) << line(made);
  }
  if (step == 1) expect_written("instances", text);
}

}  // namespace
}  // namespace gemmact::test
