// An equation's first run where it is compiled: the real compiler and disk cache, over a driver that takes any machine code.
#include <gtest/gtest.h>

#include "bench/core/first_run.hpp"
#include "bench/core/forward_layer.hpp"
#include "host/core/status.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/support/fake_cuda/loaded.hpp"

using namespace gemmact_bench;

TEST(first_run, what_was_compiled_comes_from_the_disk_the_second_time) {
  gemmact::fake_cuda::loaded();
  try {
    gemmact::jit::nvrtc::load("");
  } catch (const gemmact::core::failure& f) {
    GTEST_SKIP() << f.message();
  }
  bench_case c{"list", "shape", 4096, 4096, 4096, GEMMACT_BF16, "swish", GEMMACT_PLAIN, GEMMACT_FORWARD};
  c.equation = "x / (1 + exp(-x))";
  const std::vector<gemmact_tensor> tensors = layer_tensors(c, true, 128);
  std::vector<std::string> kernels;
  const auto launch = [&](const context& opened) {
    auto layer = std::make_shared<fused_layer>(opened, layer_problem(c), tensors);
    for (size_t i = 0; i < tensors.size(); ++i) layer->bind(i, reinterpret_cast<const void*>(uintptr_t(i + 1) << 32));
    layer->run();
    kernels.push_back(layer->kernel());
    return layer;
  };
  const first_run r = time_first_run("cuda:0", launch, [] {});
  EXPECT_LT(r.from_disk, 0.2 * r.compiled) << r.compiled << " s, then " << r.from_disk << " s";
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0], kernels[1]);
}
