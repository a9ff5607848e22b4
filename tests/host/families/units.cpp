#include "tests/host/families/units.hpp"

#include <fmt/format.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "host/core/status.hpp"
#include "host/jit/nvrtc.hpp"
#include "host/plan/functions.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_layer.hpp"
#include "host/plan/gpu_unit.hpp"

namespace gemmact::test {
namespace {

double processor_seconds() {  // of this thread
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}

// Others use the machine, too, and caches and processors that are shared take longer for the same work.
[[maybe_unused]] bool is_crowded() {
  double of_a_minute = 0;
  return getloadavg(&of_a_minute, 1) == 1 && of_a_minute > 2.0 * std::thread::hardware_concurrency();
}

void compile_one(jit::compiler& compiler, wanted_unit& unit) {
  const double start = processor_seconds();
  try {
    const auto made = compiler.get(plan::unit_of(unit.candidate, unit.architecture));
    unit.image = made->code->cubin;
    unit.registers = made->code->used.registers;
  } catch (const core::failure& failure) {
    unit.error = failure.what();
  }
  unit.seconds = processor_seconds() - start;
}

}  // namespace

sample_layer bf16_layer(const char* activation, int64_t size, uint32_t align_bytes) {
  sample_layer layer(GEMMACT_FORWARD, activation);
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y}) layer.add(slot, GEMMACT_BF16);
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W}) layer.at(slot).align_bytes = align_bytes;
  layer.add(GEMMACT_BIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  layer.problem.m = layer.problem.n = layer.problem.k = size;
  return layer;
}

sample_layer sized_layer(int64_t m, int64_t n, int64_t k, const char* activation) {
  sample_layer layer = bf16_layer(activation);
  layer.at(GEMMACT_Y).align_bytes = 16;
  layer.at(GEMMACT_X).ld = layer.at(GEMMACT_W).ld = (k + 7) / 8 * 8;
  layer.at(GEMMACT_Y).ld = (n + 7) / 8 * 8;
  layer.problem.m = m, layer.problem.n = n, layer.problem.k = k;
  return layer;
}

void ask_for_every_step(sample_layer& l) {
  l.problem.activation = "prelu", l.problem.keep = GEMMACT_KEEP_BIT;
  l.add(GEMMACT_KEPT, GEMMACT_BIT).add(GEMMACT_PARAM, GEMMACT_F16, GEMMACT_PER_COLUMN);
  for (const uint32_t slot : {GEMMACT_ALPHA, GEMMACT_BETA, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
    l.add(slot, GEMMACT_F32, GEMMACT_SCALAR);
  l.add(GEMMACT_SCALE_X, GEMMACT_F32, GEMMACT_PER_ROW).add(GEMMACT_SCALE_W, GEMMACT_F32, GEMMACT_PER_COLUMN);
  l.add(GEMMACT_C, GEMMACT_F16).add(GEMMACT_RESIDUAL, GEMMACT_E4M3);
  l.at(GEMMACT_Y).type = GEMMACT_E4M3;
}

families::layer layer_of(sample_layer& given) {
  return plan::gpu_layer(core::check_problem(given.link(), plan::functions()));
}

std::vector<families::candidate> candidates_of(sample_layer& given, int architecture) {
  const families::layer layer = layer_of(given);
  const families::gpu gpu = plan::gpu_of_architecture(architecture);
  const std::string refusal = families::gemm_sm80::supports(layer, gpu);
  if (!refusal.empty()) throw std::logic_error("gemm_sm80 refuses a test's layer: " + refusal);
  std::vector<families::candidate> all = families::gemm_sm80::candidates(layer, gpu);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.config < b.config; });
  return all;
}

wanted_unit unit_for(const families::candidate& c, int architecture) {
  return {c, fmt::format("sm_{}{}", architecture, c.exact_architecture ? "a" : ""), "", "", 0, 0};
}

bool compile_all(std::vector<wanted_unit>& units, [[maybe_unused]] double most_seconds) {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    fmt::print("{}\n", failure.what());
    return false;
  }
  jit::compiler_options options;
  options.cache_off_reason = "each unit is compiled";
  jit::compiler compiler(options);
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < units.size(); i = next++) compile_one(compiler, units[i]);
  };
  std::thread second(work);
  work();
  second.join();
  double sum = 0, longest = 0;
  uint32_t registers = 0;
  for (const wanted_unit& unit : units) {
    sum += unit.seconds, longest = std::max(longest, unit.seconds);
    registers = std::max(registers, unit.registers);
  }
  fmt::print("{} units: {:.1f} s of processor time, {:.2f} the longest; at most {} registers\n", units.size(), sum,
             longest, registers);
#if !defined(__SANITIZE_ADDRESS__)  // which takes its part of the compiler's time, too
  EXPECT_LE(longest, most_seconds * (is_crowded() ? 2 : 1));
#endif
  return true;
}

bool is_clean(const wanted_unit& unit) {
  EXPECT_EQ(unit.error, "");
  if (!unit.error.empty()) return false;
  EXPECT_EQ(unit.counts().local_memory(), 0);
  EXPECT_EQ(cubin(unit.image).calls(unit.candidate.kernel), 0);
  return true;
}

int failures_of(const std::function<void()>& check) {
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter catcher(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    check();
  }
  return failures.size();
}

}  // namespace gemmact::test
