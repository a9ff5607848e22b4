// The same bits from a GPU: over a thousand runs on several streams, in several processes, and for a row whatever m is.
// (The layers have no gaps between rows, so that every byte is the kernel's.)
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tests/families/device/run_on_streams.hpp"
#include "tests/layer/fill.hpp"

namespace gemmact::test {
namespace {

constexpr int streams = 4, repeats = 250, processes = 3;
constexpr const char* child_variable = "GEMMACT_TEST_ONLY_HASHES";

struct named_layer {
  const char* name;
  layer l;
  const char* kernel = "";  // part of its name
};

layer sized(gemmact_type type, int64_t m, int64_t n, int64_t k, int64_t batch = 1,
            gemmact_compute compute = GEMMACT_COMPUTE_STRICT) {
  layer l;
  l.m = m, l.n = n, l.k = k, l.batch = batch, l.compute = compute;
  l.activation = "swish";
  l.add(GEMMACT_X, type);
  l.add(GEMMACT_W, type, {.batched = false});
  l.add(GEMMACT_BIAS, GEMMACT_F32, {.extent = GEMMACT_PER_COLUMN, .batched = false});
  l.add(GEMMACT_Y, type == GEMMACT_F32 ? GEMMACT_F32 : GEMMACT_BF16);
  return l;
}

std::vector<named_layer> layers() {
  std::vector<named_layer> all;
  all.push_back({"bf16, k split", sized(GEMMACT_BF16, 64, 192, 8192), "_splitk"});
  all.push_back({"bf16, many tiles", sized(GEMMACT_BF16, 1111, 1300, 200), "gemm_sm80"});
  all.push_back({"tf32, a batch", sized(GEMMACT_F32, 200, 300, 1000, 2, GEMMACT_COMPUTE_TF32), "_tf32_"});
  all.push_back({"f32", sized(GEMMACT_F32, 333, 222, 555), "gemm_simt"});
  all.push_back({"e4m3 and the largest output", sized(GEMMACT_E4M3, 300, 256, 512, 3), "_e4m3_"});
  all.back().l.add(GEMMACT_AMAX_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR});
  all.push_back({"f16 and z kept", sized(GEMMACT_F16, 500, 130, 777), "_f16_"});
  all.back().l.keep = GEMMACT_KEEP_Z;
  all.back().l.add(GEMMACT_KEPT, GEMMACT_F32);
  for (size_t i = 0; i < all.size(); ++i) fill_random(all[i].l, i + 1);
  return all;
}

uint64_t hash_of(const output_bytes& bytes) {
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  return hash;
}

// A line a layer: its hash after one run.
std::string hashes() {
  std::string text;
  for (const named_layer& one : layers()) try {
      run_on_streams run(device_under_test(), one.l, 1);
      text += fmt::format("hash {} {:016x}\n", one.name, hash_of(run.run(0xff)[0]));
    } catch (const not_covered& refusal) {
      text += fmt::format("hash {} refused: {}\n", one.name, refusal.what());
    }
  return text;
}

TEST(determinism_on_a_gpu, a_thousand_runs_on_four_streams) {
  for (const named_layer& one : layers()) try {
      SCOPED_TRACE(one.name);
      run_on_streams run(device_under_test(), one.l, streams);
      EXPECT_NE(std::string_view(run.kernel()).find(one.kernel), std::string_view::npos) << run.kernel();
      const output_bytes first = run.run(0xff)[0];
      for (int repeat = 0; repeat < repeats; ++repeat)
        for (const output_bytes& bytes : run.run(repeat % 2 == 0 ? 0xff : 0))
          ASSERT_TRUE(bytes == first) << run.kernel() << ", repeat " << repeat;
    } catch (const not_covered& refusal) {  // gemm_simt takes them all
      ADD_FAILURE() << one.name << ": " << refusal.what();
    }
}

TEST(determinism_on_a_gpu, several_processes) {
  if (std::getenv(child_variable) != nullptr) {
    fmt::print("{}", hashes());
    return;
  }
  device_under_test();  // where it is missing, this process ends first
  const std::string own = hashes();
  setenv(child_variable, "1", 1);
  const std::string command = fmt::format("'{}' --gtest_filter=determinism_on_a_gpu.several_processes",
                                          std::filesystem::read_symlink("/proc/self/exe").string());
  for (int process = 0; process < processes; ++process) {
    std::string text;
    FILE* child = popen(command.c_str(), "r");
    ASSERT_NE(child, nullptr);
    char line[1024];
    while (std::fgets(line, sizeof line, child) != nullptr)
      if (std::string_view(line).substr(0, 5) == "hash ") text += line;
    EXPECT_EQ(pclose(child), 0);
    EXPECT_EQ(text, own);
  }
  unsetenv(child_variable);
}

TEST(determinism_on_a_gpu, a_row_does_not_depend_on_m) {
  constexpr int64_t most = 300, n = 200, k = 4096;
  for (const gemmact_type type : {GEMMACT_BF16, GEMMACT_F16, GEMMACT_E4M3, GEMMACT_F32}) {
    layer whole = sized(type, most, n, k);
    whole.flags |= GEMMACT_BATCH_INVARIANT;
    fill_random(whole, 7);
    const output_bytes expected = run_on_streams(device_under_test(), whole, 1).run(0xff)[0];
    for (int64_t m = 1; m < most; ++m) {
      layer part = sized(type, m, n, k);
      part.flags |= GEMMACT_BATCH_INVARIANT;
      for (const uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_BIAS}) {
        operand& o = part.get(slot);
        const std::vector<double>& all = whole.get(slot).values;
        o.values.assign(all.begin(), all.begin() + int64_t(o.count()));
      }
      const output_bytes got = run_on_streams(device_under_test(), part, 1).run(0xff)[0];
      ASSERT_LE(got.size(), expected.size());
      ASSERT_TRUE(std::equal(got.begin(), got.end(), expected.begin())) << type << " m = " << m;
    }
  }
}

TEST(determinism_on_a_gpu, covers_something) { expect_some_covered(); }

}  // namespace
}  // namespace gemmact::test
