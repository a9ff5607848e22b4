// What the compilers make of gemm_sm80: nothing spilled, no call, and the instructions that its configurations plan, counted
// in the cubin.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "host/jit/compiler.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_unit.hpp"
#include "kernels/families/gemm_simt/family.hpp"
#include "tests/host/families/units.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/kernels/functions.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

namespace family = families::gemm_sm80;
using family::config;

constexpr int architectures[] = {80, 89, 90};
constexpr int pieces = 4;           // of copies: 16, 8, 4 and an element's 2 bytes
constexpr double most_seconds = 2;  // from text to cubin: 1 is the aim, and a busy machine takes longer

// The configuration that every function is compiled with.
bool is_main(const families::candidate& c) { return c.tile == "128x128x32x4"; }

struct epilogue {
  const char* name;
  std::function<void(sample_layer&)> change;  // of a layer with a bias and an output in bf16
  int wide_stores, narrow_stores;             // a strip: in 16 bytes where it is whole and aligned; else one by one
};

const std::vector<epilogue>& epilogues() {
  const auto keeps = [](gemmact_keep keep, gemmact_type type) {
    return [keep, type](sample_layer& l) {
      l.problem.keep = keep;
      l.add(GEMMACT_KEPT, type);
    };
  };
  static const std::vector<epilogue> all = {
      {"plain", [](sample_layer&) {}, 1, 8},
      {"z kept", keeps(GEMMACT_KEEP_Z, GEMMACT_BF16), 2, 16},
      {"bits kept", keeps(GEMMACT_KEEP_BIT, GEMMACT_BIT), 1, 9},
      {"residual", [](sample_layer& l) { l.add(GEMMACT_RESIDUAL, GEMMACT_BF16); }, 1, 8},
      {"f32 out", [](sample_layer& l) { l.at(GEMMACT_Y).type = GEMMACT_F32; }, 2, 8},
      {"bias a row", [](sample_layer& l) { l.at(GEMMACT_BIAS).extent = GEMMACT_PER_ROW; }, 1, 8}};
  return all;
}

struct planned {
  wanted_unit unit;
  config tile;
  const epilogue* finish;
  int special = 0;  // instructions an element
};

// A warp's slices of 16 x 32 each have their own copy of the epilogue, and a lane works on its strips in turn.
int epilogue_copies(const config& c) { return int(c.warp_m() / 16 * (c.warp_n() / tile::strip_cols)); }

int copies_a_stage(const config& c) {
  const auto of = [&](u32 rows) { return (rows * c.span_bytes / c.piece_bytes + c.threads() - 1) / c.threads(); };
  return int(of(c.block_m) + of(c.block_n));
}

// Units of one place differ in their epilogues alone.
std::string unit_place(const planned& p) { return p.unit.architecture + " " + family::config_text(p.tile); }

int products_a_stage(const config& c) { return int(c.warp_m() / 16 * (c.warp_n() / 8) * (c.span_bytes / 32)); }

void check_code(const planned& p, const std::map<std::string, int>& special_elsewhere) {
  SCOPED_TRACE(p.unit.text());
  if (!is_clean(p.unit)) return;
  const std::string& kernel = p.unit.candidate.kernel;
  const cubin code(p.unit.image);
  const opcode_counts seen = code.count(kernel);
  const config& c = p.tile;
  const int copies = epilogue_copies(c), strips = int(tile::strip_width) * copies;
  EXPECT_EQ(seen[opcode::hmma], products_a_stage(c));
  EXPECT_EQ(code.wide(kernel, opcode::stg), copies * p.finish->wide_stores) << p.finish->name;
  EXPECT_EQ(seen[opcode::stg], copies * (p.finish->wide_stores + p.finish->narrow_stores)) << p.finish->name;
  // Of asynchronous copies there are whole stages, as often as the compiler has copied their code.
  const int copied = seen[opcode::ldgsts];
  EXPECT_EQ(copied > 0, c.piece_bytes >= 4);
  EXPECT_EQ(copied % copies_a_stage(c), 0);
  EXPECT_EQ(code.wide(kernel, opcode::ldgsts), c.piece_bytes == 16 ? copied : 0);
  // The order of the tiles divides, which takes some.
  EXPECT_EQ(seen[opcode::mufu], strips * p.special + special_elsewhere.at(unit_place(p)));
}

bool needs_target(const function& f) {
  return std::any_of(std::begin(f.info->params), std::end(f.info->params), [](const auto& p) { return p.operand; });
}

// Those of this run's share, and what they are compared with.
std::vector<planned> share_of(const std::vector<planned>& all) {
  if (case_share() == 1) return all;
  std::set<std::string> places;
  for (size_t i = 0; i < all.size(); ++i)
    if (case_selected(i)) places.insert(unit_place(all[i]));
  std::vector<planned> some;
  for (size_t i = 0; i < all.size(); ++i)
    if (case_selected(i) || (all[i].special == 0 && places.erase(unit_place(all[i])) != 0)) some.push_back(all[i]);
  return some;
}

void check_all(const std::vector<planned>& listed) {
  const std::vector<planned> all = compiled(share_of(listed), most_seconds);
  if (all.empty()) GTEST_SKIP() << why_nothing_compiled;
  std::map<std::string, int> special_elsewhere;
  for (const planned& p : all)
    if (p.special == 0 && p.unit.error.empty()) special_elsewhere[unit_place(p)] = p.unit.counts()[opcode::mufu];
  for (const planned& p : all) check_code(p, special_elsewhere);
}

planned plan_for(sample_layer& layer, const families::candidate& c, int architecture, const epilogue& finish,
                 int special = 0) {
  return {unit_for(c, architecture), family::config_of(layer_of(layer), c), &finish, special};
}

TEST(gemm_sm80_code, of_every_function) {
  std::vector<planned> all;
  for (const function& f : functions())
    for (const bool fast : {false, true}) {
      if (needs_target(f)) continue;                         // with the types, below
      if (fast && f.info->special_functions == 0) continue;  // the same arithmetic in both modes
      const std::string name(f.name);
      sample_layer layer = bf16_layer(name.c_str());
      layer.problem.accuracy = fast ? GEMMACT_FAST : GEMMACT_ACCURATE;
      for (const int architecture : architectures)
        for (const families::candidate& c : candidates_of(layer, architecture))
          if (is_main(c) || case_count(1) > 1)
            all.push_back(plan_for(layer, c, architecture, epilogues()[0], special_instructions(f, "value", fast)));
    }
  ASSERT_GE(all.size(), 3u * 21);
  check_all(all);
}

// Each configuration with each size of copies, and each of both with each epilogue; with all of them in a full test.
TEST(gemm_sm80_code, of_every_configuration) {
  std::vector<planned> all;
  const size_t finishes = epilogues().size();
  for (int piece = 0; piece < pieces; ++piece)
    for (size_t finish = 0; finish < finishes; ++finish) {
      sample_layer layer = bf16_layer("leaky_relu", 256, 16u >> piece);
      if (piece != 0) layer.at(GEMMACT_X).ld = 256 + (16 >> piece) / 2;
      epilogues()[finish].change(layer);
      for (const families::candidate& c : candidates_of(layer, 90)) {
        if (c.splits > 1) continue;
        all.push_back(plan_for(layer, c, 90, epilogues()[finish]));
        EXPECT_EQ(all.back().tile.piece_bytes, 16u >> piece);
        const bool usual = (size_t(c.config) + size_t(piece)) % finishes == finish || (finish == 0 && piece == 0);
        if (!usual && case_count(1) == 1) all.pop_back();
      }
    }
  check_all(all);
}

struct breadth {
  const char* name;
  gemmact_type type;
  std::function<void(sample_layer&)> change;
};

const std::vector<breadth>& breadths() {
  const auto turn = [](std::initializer_list<uint32_t> slots) {
    const std::vector<uint32_t> all = slots;
    return [all](sample_layer& l) {
      for (const uint32_t slot : all) l.at(slot).order = GEMMACT_COLUMN_MAJOR;
    };
  };
  const auto same = [](sample_layer&) {};
  const auto batch = [](sample_layer& l) {
    l.problem.batch = 3;
    for (gemmact_tensor& t : l.tensors)
      if (t.extent == GEMMACT_EACH) t.batch_stride = 256 * 256;
  };
  static const std::vector<breadth> all = {
      {"f16", GEMMACT_F16, same},
      {"tf32", GEMMACT_F32, same},
      {"e4m3", GEMMACT_E4M3, same},
      {"e4m3, short sums", GEMMACT_E4M3, [](sample_layer& l) { l.problem.compute = GEMMACT_COMPUTE_FP8_FAST; }},
      {"bf16, X along m", GEMMACT_BF16, turn({GEMMACT_X})},
      {"f16, W along n", GEMMACT_F16, turn({GEMMACT_W})},
      {"tf32, X along m, W along n", GEMMACT_F32, turn({GEMMACT_X, GEMMACT_W})},
      {"bf16, all column-major", GEMMACT_BF16, turn({GEMMACT_X, GEMMACT_W, GEMMACT_Y})},
      {"bf16, a batch", GEMMACT_BF16, batch},
      {"every step of the epilogue", GEMMACT_BF16, ask_for_every_step},
      {"one of two parameters in a tensor", GEMMACT_BF16,
       [](sample_layer& l) {
         l.problem.activation = "clip";
         l.add(GEMMACT_PARAM, GEMMACT_F32, GEMMACT_PER_COLUMN, 1);
       }},
      {"a two-class head", GEMMACT_F16,
       [](sample_layer& l) { l.problem.activation = "sigmoid", l.add(GEMMACT_Y_OTHER, GEMMACT_BF16); }},
      {"a hinge", GEMMACT_F16,
       [](sample_layer& l) { l.problem.activation = "hinge", l.add(GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW); }},
  };
  return all;
}

// Every type, order and slot, in each tile on sm_90 and in the main one elsewhere; a share of them but in a full test.
TEST(gemm_sm80_code, of_every_type_and_order) {
  std::vector<wanted_unit> units;
  std::vector<planned> plans;
  uint64_t number = 0, selected = 0;
  for (const breadth& b : breadths()) {
    sample_layer layer = bf16_layer("gelu");
    for (gemmact_tensor& t : layer.tensors)
      if (t.extent == GEMMACT_EACH) t.type = b.type;
    if (b.type == GEMMACT_F32) layer.problem.compute = GEMMACT_COMPUTE_TF32;
    if (b.type == GEMMACT_E4M3) layer.at(GEMMACT_Y).type = GEMMACT_BF16;
    b.change(layer);
    for (const int architecture : {b.type == GEMMACT_E4M3 ? 89 : 80, 90})
      for (const families::candidate& c : candidates_of(layer, architecture)) {
        const config tile = family::config_of(layer_of(layer), c);
        const bool main = tile.block_m == 128 && tile.block_n == 128 && tile.stages == 4 && !tile.splits;
        const bool largest = tile.warp_m() * tile.warp_n() > 2048 && tile.stages == 4, some = ++number % 25 == 0;
        const bool new_type = b.type != GEMMACT_BF16 && tile.a_along_k && tile.b_along_k;
        if (architecture == 90 ? !main && !largest && !some : !main || !new_type)
          if (case_count(1) == 1) continue;
        if (!case_selected(selected++)) continue;
        plans.push_back(plan_for(layer, c, architecture, epilogues()[0]));
        units.push_back(plans.back().unit);
      }
  }
  EXPECT_GE(selected, 25u);
  fmt::print("{} units of {}\n", units.size(), selected);
  if (!compile_all(units, most_seconds)) GTEST_SKIP() << "NVRTC is not on this machine";
  for (size_t i = 0; i < units.size(); ++i) {
    SCOPED_TRACE(units[i].text());
    if (!is_clean(units[i])) continue;
    const opcode_counts seen = units[i].counts();
    const bool bytes = units[i].candidate.kernel.find("_e4m3_nt") != std::string::npos;
    const opcode product = bytes && units[i].architecture == "sm_89" ? opcode::qmma : opcode::hmma;
    // What sm_90 makes of products of e4m3 are two of f16.
    EXPECT_EQ(seen[product], products_a_stage(plans[i].tile) * (bytes && product == opcode::hmma ? 2 : 1));
  }
}

TEST(gemm_sm80_code, is_loaded_from_disk_within_10_milliseconds) {
  sample_layer layer = bf16_layer("gelu");
  std::vector<wanted_unit> units;
  for (const families::candidate& c : candidates_of(layer, 90))
    if (is_main(c)) units.push_back(unit_for(c, 90));
  if (!compile_all(units, most_seconds)) GTEST_SKIP() << "NVRTC is not on this machine";
  temporary_folder folder;
  jit::compiler_options options;
  options.cache_dir = folder / "cache";
  const jit::unit unit = plan::unit_of(units.at(0).candidate, units.at(0).architecture);
  const auto first = jit::compiler(options).get(unit);
  EXPECT_EQ(first->note, "");
  double least = 1e9;
  for (int repeat = 0; repeat < 5; ++repeat) {  // each as a process that has just begun
    const auto again = jit::compiler(options).get(unit);
    ASSERT_EQ(again->from, jit::origin::disk) << again->note;
    least = std::min(least, again->milliseconds);
  }
  fmt::print("from text {:.0f} ms, from disk {:.2f} ms\n", first->milliseconds, least);
  EXPECT_LE(least, 10);
}

// nvcc takes the same text, with its warnings as errors too.
TEST(families_code, is_taken_by_nvcc) {
  const std::string nvcc = GEMMACT_NVCC;
  if (nvcc.empty()) GTEST_SKIP() << "no nvcc was found";
  temporary_folder folder;
  std::string files;
  sample_layer swish = bf16_layer("swish"), relu = bf16_layer("relu", 256, 2);
  relu.at(GEMMACT_X).ld = 257;
  relu.add(GEMMACT_KEPT, GEMMACT_BIT);
  sample_layer turned = bf16_layer("gelu"), tf32 = bf16_layer("tanh"), bytes = bf16_layer("elu");
  for (const uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) {
    turned.at(slot).order = GEMMACT_COLUMN_MAJOR;
    tf32.at(slot).type = GEMMACT_F32;
    bytes.at(slot).type = slot == GEMMACT_Y ? GEMMACT_BF16 : GEMMACT_E4M3;
  }
  tf32.problem.compute = GEMMACT_COMPUTE_TF32;
  tf32.problem.batch = 2;
  for (gemmact_tensor& t : tf32.tensors) t.batch_stride = t.extent == GEMMACT_EACH ? 256 * 256 : 0;
  size_t count = 1;
  for (sample_layer* layer : {&swish, &relu, &turned, &tf32, &bytes})
    for (const families::candidate& c : candidates_of(*layer, 89))
      if (is_main(c) || (layer != &relu && c.splits > 1 && c.config == 2)) {
        const std::string file = folder / (c.kernel + ".cu");
        write_bytes(file, plan::unit_of(c, "sm_89").text);
        files += " " + file;
        ++count;
      }
  EXPECT_GE(count, 7u);
  const families::candidate simt = families::gemm_simt::candidate_of(layer_of(relu), plan::gpu_of_architecture(89), 0);
  write_bytes(folder / (simt.kernel + ".cu"), plan::unit_of(simt, "sm_89").text);
  files.append(" ").append(folder / (simt.kernel + ".cu"));
  const std::string log = folder / "log";
  const std::string command = fmt::format(
      "'{}' --cubin --gpu-architecture=sm_89 --std=c++20 --Werror all-warnings -Xptxas=-v,--warn-on-spills "
      "-I'{}' -I'{}' --output-directory '{}'{} >'{}' 2>&1",
      nvcc, GEMMACT_SOURCE_DIR, GEMMACT_GENERATED_DIR, folder / "", files, log);
  EXPECT_EQ(std::system(command.c_str()), 0) << command << "\n" << read_bytes(log);
  EXPECT_EQ(folder.files_with(".cubin").size(), count);
}

// What the checks above look for is noticed.
TEST(gemm_sm80_code, that_spills_or_counts_otherwise_is_noticed) {
  sample_layer layer = bf16_layer("relu");
  std::vector<wanted_unit> units;
  for (const families::candidate& c : candidates_of(layer, 90))
    if (is_main(c)) units.push_back(unit_for(c, 90));
  ASSERT_EQ(units.size(), 1u);
  units.push_back(units[0]);
  std::string& type = units[1].candidate.type;
  const size_t at = type.find(".min_blocks = 1");
  ASSERT_NE(at, type.npos);
  type.replace(at, 15, ".min_blocks = 4");  // 64 registers for 64 sums
  units[1].candidate.kernel += "_squeezed";
  if (!compile_all(units, most_seconds)) GTEST_SKIP() << "NVRTC is not on this machine";
  EXPECT_EQ(units[0].error, "");
  EXPECT_NE(units[1].error.find("spill"), std::string::npos) << units[1].error;
  const auto failures = [&](const planned& p) {
    const std::map<std::string, int> elsewhere{{unit_place(p), p.unit.counts()[opcode::mufu]}};
    return failures_of([&] { check_code(p, elsewhere); });
  };
  const planned right{units[0], family::config_of(layer_of(layer), units[0].candidate), &epilogues()[0], 0};
  EXPECT_EQ(failures(right), 0);
  planned function = right, stores = right, tile = right;
  function.special = 1;
  stores.finish = &epilogues()[1];
  tile.tile.warps_m = 1;
  EXPECT_EQ(failures(function), 1);
  EXPECT_EQ(failures(stores), 2);
  EXPECT_GE(failures(tile), 2);
}

}  // namespace
}  // namespace gemmact::test
