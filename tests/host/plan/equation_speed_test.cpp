// From an equation's text to a plan that could be launched, with the real families and the real compiler; the driver is a
// fake one, which takes any cubin. The limits: 1 s the first time, of the processor's time, as other work may be under way
// here, 10 ms from the disk cache, 50 us from memory. A backward kernel has more code: 2 s the first time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "host/core/status.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/host/sample_layer.hpp"
#include "tests/support/fake_cuda/loaded.hpp"

namespace gemmact::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr double room = 20;
#else
constexpr double room = 2;  // slower processors, and others' work in their caches
#endif

class context {
 public:
  context() { EXPECT_EQ(gemmact_context_create("cuda:0", &context_), GEMMACT_OK) << gemmact_last_error(); }
  ~context() { gemmact_context_destroy(context_); }
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  // Milliseconds until there is a plan: of the clock, and of the processor.
  struct times {
    double clock, processor;
  };
  times plan(sample_layer& layer) const {
    const gemmact_problem* problem = layer.link();
    gemmact_plan* made = nullptr;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t began = std::clock();
    EXPECT_EQ(gemmact_plan_create(context_, problem, &made), GEMMACT_OK) << gemmact_last_error();
    const double processor = double(std::clock() - began) * 1e3 / CLOCKS_PER_SEC;
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    gemmact_plan_destroy(made);
    return {taken.count(), processor};
  }

 private:
  gemmact_context* context_ = nullptr;
};

sample_layer layer_of(const char* equation, bool backward) {
  sample_layer layer(backward ? GEMMACT_INPUT_GRAD : GEMMACT_FORWARD, backward ? nullptr : equation);
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y})
    if (!backward) layer.add(slot, GEMMACT_BF16).at(slot).align_bytes = 16;
  for (uint32_t slot :
       {GEMMACT_DZ + 0u, GEMMACT_W + 0u, GEMMACT_BELOW | 0u | GEMMACT_KEPT, GEMMACT_BELOW | 0u | GEMMACT_DZ})
    if (backward) layer.add(slot, GEMMACT_BF16).at(slot).align_bytes = 16;
  if (backward) layer.problem.below = equation;
  else layer.add(GEMMACT_BIAS, GEMMACT_BF16, GEMMACT_PER_COLUMN);
  layer.problem.m = layer.problem.n = layer.problem.k = 4096;
  return layer;
}

void expect_within(const std::string& what, double ms, double limit) {
  fmt::print("{}: {:.3f} ms (limit {} ms, with room {} ms)\n", what, ms, limit, limit * room);
  EXPECT_LE(ms, limit * room) << what;
}

TEST(equation_speed, a_text_becomes_a_plan_in_time) {
  temporary_folder folder;
  ::setenv("GEMMACT_CACHE_DIR", (folder / "cache").c_str(), 1);
  fake_cuda::loaded();
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& f) {
    GTEST_SKIP() << f.message();
  }
  const std::string text = "f(x; beta=1.7, slope[n]=0.25) = x < -3 ? slope * x : x * sigmoid(beta * x) + sin(x)^2";
  for (const bool backward : {false, true}) {
    double first = 1e9, disk = 1e9, memory = 1e9;
    for (int i = 0; i < 2; ++i) {  // each is another kernel; what else the machine does only ever adds
      const context made;
      const std::string another = fmt::format("{} - {}.5 * x", text, i + 1);
      sample_layer layer = layer_of(another.c_str(), backward);
      first = std::min(first, made.plan(layer).processor);
      const context again;
      disk = std::min(disk, again.plan(layer).clock);
      for (int n = 0; n < 200; ++n) memory = std::min(memory, again.plan(layer).clock);
    }
    const std::string of = backward ? "input_grad, " : "forward, ";
    expect_within(of + "first", first, backward ? 2000 : 1000);
    expect_within(of + "from disk", disk, 10);
    expect_within(of + "from memory", memory, 0.05);
  }
}

}  // namespace
}  // namespace gemmact::test
