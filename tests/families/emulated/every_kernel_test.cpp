// Each kernel that the emulated GPU has is run, on integers or on random data.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kernels/families/gemm_sm90/params.hpp"
#include "tests/families/emulated/walks.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

// Null where the emulated GPU was built without the walk's kernel.
std::unique_ptr<watched_run> start(const walk& w, bool integers) {
  try {
    return std::make_unique<watched_run>(w, integers);
  } catch (const std::runtime_error& e) {
    const bool missing = std::string(e.what()).find("the emulated GPU has no kernel") != std::string::npos;
    if (missing && !emulated_gpu::loaded().has_all) return nullptr;
    throw;
  }
}

bool any(const std::string&) { return true; }
bool splits(const std::string& type) { return type.find(".splits=true") != type.npos; }
bool does_not_split(const std::string& type) { return !splits(type); }

// Of the family's kernels, those that are `meant` must have been run then.
void run_every_kernel(const std::string& family, const std::vector<walk>& walks, bool (*meant)(const std::string&)) {
  int failures = 0;
  for (uint64_t i = 0; i < walks.size() && failures < 10; ++i) {
    if (!case_selected(i)) continue;
    const std::unique_ptr<watched_run> run = start(walks[i], i % 3 != 0);
    if (run == nullptr) continue;
    emulator::options how;
    how.seed = i;
    how.order = emulator::all_schedules[i % std::size(emulator::all_schedules)];
    if (run->run(how).right) continue;
    ++failures;
    ADD_FAILURE() << run->wrong() << "\n  " << run->name() << "\n  " << walks[i].l.text() << "\n  " << replay_line(i);
  }
  const emulated_gpu::control& gpu = emulated_gpu::loaded();
  fmt::print("{}: {} layers\n", family, walks.size());
  if (case_share() < 1) return;
  for (const std::string& type : gpu.kernels()) {
    if (type.find(family) == type.npos || type.find("any_chain") == type.npos || !meant(type)) continue;
    EXPECT_EQ(gpu.ran.count(type), 1u) << "never run: " << type;
  }
}

TEST(every_kernel, gemm_sm80) { run_every_kernel("gemm_sm80", all_gemm_sm80_walks(), any); }
TEST(every_kernel, gemm_sm90) { run_every_kernel("gemm_sm90", all_gemm_sm90_walks(), does_not_split); }
TEST(every_kernel, gemm_sm90_splits) { run_every_kernel("gemm_sm90", split_gemm_sm90_walks(), splits); }

// A curve through tiles that fill a square: the order is the host's matter, and takes more of them than a test has.
TEST(every_kernel, gemm_sm90_curved) {
  watched_run run(all_gemm_sm90_walks()[0]);
  emulated_gpu::control& gpu = emulated_gpu::loaded();
  gpu.before = [](void* argument) {
    tile::tile_order& order = static_cast<families::gemm_sm90::common_params*>(argument)->work.order;
    order.curved = 1, order.group = 2;
  };
  EXPECT_TRUE(run.run({}).right) << run.wrong();
  gpu.before = nullptr;
}

TEST(every_kernel, gemm_simt) { run_every_kernel("gemm_simt", all_gemm_simt_walks(), any); }
TEST(every_kernel, gradient_pass) { run_every_kernel("gradient_pass", all_gradient_pass_walks(), any); }

}  // namespace
}  // namespace gemmact::test
