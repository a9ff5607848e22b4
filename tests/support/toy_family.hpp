// Kernel families that exist for tests alone: what a planner asks, with no kernel behind it. "toy" takes forward layers of
// f32 and bf16 in three configurations; "toy_skinny" takes few rows and is cheaper there; "toy_never" takes nothing.
#pragma once
#include <algorithm>
#include <cstring>

#include "host/jit/pack_writer.hpp"
#include "host/plan/gpu_choice.hpp"
#include "host/plan/gpu_unit.hpp"
#include "tests/support/fake_cuda/fake_cuda.hpp"

namespace gemmact::test::toy {

// The argument of a toy kernel, as a fake driver records it.
struct params {
  i64 m, n, k;
  const void *x, *w, *bias;
  void *y, *workspace;
};

inline std::string supports(const families::layer& l, const families::gpu& g) {
  if (g.architecture < 80) return "it needs sm_80";
  if (l.what != families::operation::forward || l.combined != families::combine::plain)
    return "it is for plain forward";
  return l.find(families::slot::x)->type == families::element::f16 ? "it has no f16" : "";
}

inline families::candidate candidate(const char* family, const char* tile, double us) {
  families::candidate c;
  c.tile = tile;
  c.kernel = std::string(family) + "_" + tile;
  c.type = "toy";
  c.header = "kernels/families/toy/kernel.cuh";
  c.function = std::make_shared<const families::function_text>(families::function_text{{"relu"}, {}});
  c.threads = 256;
  c.shared_bytes = 98 * 1024;  // more than a kernel has unasked
  c.params_bytes = sizeof(params);
  c.cost.total = us;
  c.cost.tensor = us / 2;
  c.cost.waves = 1.5;
  return c;
}

inline std::vector<families::candidate> candidates(const families::layer& l, const families::gpu&) {
  const bool small = l.m * l.n < 1 << 16;
  std::vector<families::candidate> all{candidate("toy", "128x128", small ? 30 : 10), candidate("toy", "64x64", 20),
                                       candidate("toy", "64x32", 25)};
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.cost.total < b.cost.total; });
  return all;
}

// A layer with a residual sums through a workspace.
inline size_t workspace_bytes(const families::layer& l, const families::gpu&, const families::candidate&) {
  return l.find(families::slot::residual) != nullptr ? 4096 : 0;
}

inline families::launch prepare(const families::run& r, families::params_bytes& out) {
  const auto at = [&](families::slot s) {
    const families::operand* o = r.problem.find(s);
    return o == nullptr ? nullptr : r.data[o->binding];
  };
  const params p{r.m,
                 r.problem.n,
                 r.problem.k,
                 at(families::slot::x),
                 at(families::slot::w),
                 at(families::slot::bias),
                 at(families::slot::y),
                 r.workspace};
  std::memcpy(out.bytes, &p, sizeof p);
  out.size = sizeof p;
  families::launch l;
  l.grid[0] = u32(ceil_div<i64>(r.m, 64) * 2);
  l.grid[1] = u32(ceil_div<i64>(r.problem.n, 64));
  l.threads = r.chosen.threads;
  l.shared_bytes = r.chosen.shared_bytes;
  if (r.problem.batch_invariant) l.cluster = 2, l.overlaps_previous = true;  // the launch's attributes, to see them
  return l;
}

inline std::string skinny_supports(const families::layer& l, const families::gpu& g) {
  return l.m > 16 ? "it is for m up to 16" : supports(l, g);
}
inline std::vector<families::candidate> skinny_candidates(const families::layer&, const families::gpu&) {
  return {candidate("toy_skinny", "16", 20)};
}
inline std::string never_supports(const families::layer&, const families::gpu&) { return "it never does"; }
inline std::vector<families::candidate> no_candidates(const families::layer&, const families::gpu&) { return {}; }

inline std::span<const plan::gpu_family> rows() {
  static const plan::gpu_family all[] = {
      {"toy_never", "nowhere", "nothing", never_supports, no_candidates, workspace_bytes, prepare},
      {"toy", "sm_80 and newer", "toys", supports, candidates, workspace_bytes, prepare},
      {"toy_skinny", "sm_80 and newer", "thin toys", skinny_supports, skinny_candidates, workspace_bytes, prepare}};
  return all;
}

// The kernels of both families as a pack, "compiled" for an architecture; a fake driver loads them.
inline void write_pack(const std::string& path, const std::string& architecture,
                       std::vector<std::string> tiles = {"128x128", "64x64", "64x32", "16"}) {
  jit::compiler_options none;
  const jit::compiler names(none);
  jit::pack_writer pack;
  for (const std::string& tile : tiles) {
    const families::candidate c = candidate(tile == "16" ? "toy_skinny" : "toy", tile.c_str(), 1);
    jit::image image;
    image.name = c.kernel;
    image.architecture = architecture;
    image.compiler = "no compiler";
    image.used.registers = 42;
    image.cubin = fake_cuda::cubin(c.kernel, sizeof(params));
    pack.add(names.pack_key(plan::unit_of(c, architecture)), image);
  }
  pack.write(path);
}

}  // namespace gemmact::test::toy
