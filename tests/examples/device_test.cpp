// What example_digits has of a GPU: memory by the driver, and the same gradients as on the CPU.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numeric>

#include "host/examples/digits/chance.hpp"
#include "host/examples/digits/network.hpp"
#include "tests/bench/program_call.hpp"
#include "tests/support/device.hpp"

namespace gemmact::test {
namespace {

using examples::device;
using examples::network;

const device& gpu() {
  static const device opened(device_under_test().name());
  return opened;
}

// GEMMACT_PLAN, if set, names families of the GPU's.
template <class Work>
auto on_cpu(const Work& work) {
  const char* set = std::getenv("GEMMACT_PLAN");
  const std::string plan = set == nullptr ? "" : set;
  unsetenv("GEMMACT_PLAN");
  auto result = work();
  if (!plan.empty()) setenv("GEMMACT_PLAN", plan.c_str(), 1);
  return result;
}

TEST(device, memory_is_zero_and_keeps_what_is_written) {
  for (const size_t bytes : {1, 255, 4096, 100001}) {
    const std::shared_ptr<void> memory = gpu().allocate(bytes), beside = gpu().allocate(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory.get()) % 256, 0u);
    std::vector<uint8_t> values(bytes, 7), sent(bytes);
    gpu().read(values.data(), memory.get(), bytes);
    EXPECT_EQ(values, std::vector<uint8_t>(bytes));
    std::iota(sent.begin(), sent.end(), uint8_t(1));
    gpu().write(memory.get(), sent.data(), bytes);
    gpu().read(values.data(), memory.get(), bytes);
    EXPECT_EQ(values, sent);
    gpu().read(values.data(), beside.get(), bytes);
    EXPECT_EQ(values, std::vector<uint8_t>(bytes));
  }
}

TEST(device, a_layer_gives_what_it_gives_on_the_cpu) {
  constexpr int64_t m = 24, n = 32, k = 48;
  const gemmact::tensor bf16{.type = GEMMACT_BF16, .align_bytes = 16}, f32{.type = GEMMACT_F32, .align_bytes = 16};
  const auto layer = gemmact::problem(GEMMACT_FORWARD, m, n, k)
                         .activation("relu")
                         .with(GEMMACT_X, bf16)
                         .with(GEMMACT_W, bf16)
                         .with(GEMMACT_Y, f32);
  examples::chance random(1);
  std::vector<uint16_t> x(m * k), w(n * k);
  for (auto* values : {&x, &w})
    for (uint16_t& v : *values) v = examples::to_bf16(float(random.below(9) - 4));  // sums are exact
  const auto run = [&](const device& where) {
    const auto a = where.allocate(x.size() * 2), b = where.allocate(w.size() * 2), c = where.allocate(m * n * 4);
    where.write(a.get(), x.data(), x.size() * 2);
    where.write(b.get(), w.data(), w.size() * 2);
    examples::bound_plan plan(
        where, layer, gemmact::operands().bind(GEMMACT_X, a.get()).bind(GEMMACT_W, b.get()).bind(GEMMACT_Y, c.get()));
    plan.run();
    std::vector<float> y(m * n);
    where.read(y.data(), c.get(), y.size() * 4);
    return y;
  };
  const std::vector<float> seen = run(gpu()), expected = on_cpu([&] { return run(device("cpu")); });
  EXPECT_EQ(seen, expected);
  EXPECT_GT(std::accumulate(expected.begin(), expected.end(), 0.0f), 0);
}

// From the same weights and inputs, on both. Products are summed in another order there, and what is stored in bf16 may fall
// to the other side.
void expect_same_gradients(const std::vector<examples::layer_kind>& kinds) {
  constexpr int64_t inputs = 64, batch = 32;
  examples::chance random(3);
  std::vector<uint16_t> x(inputs * batch);
  for (uint16_t& v : x) v = examples::to_bf16(random.normal());
  const auto slopes = [&](const device& where) {
    network net(where, inputs, kinds, batch, 7);
    std::vector<float> gradient = net.forward(x.data(), batch);
    for (float& g : gradient) g /= batch;
    net.backward(gradient);
    std::vector<std::vector<float>> all;
    for (size_t layer = 0; layer < net.depth(); ++layer)
      for (const examples::learnt* l : net.all_learnt(layer)) all.push_back(l->slope);
    return all;
  };
  const auto seen = slopes(gpu()), expected = on_cpu([&] { return slopes(device("cpu")); });
  ASSERT_EQ(seen.size(), expected.size());
  for (size_t t = 0; t < seen.size(); ++t) {
    double apart = 0, norm = 0;
    for (size_t i = 0; i < seen[t].size(); ++i) {
      apart += std::pow(double(seen[t][i]) - expected[t][i], 2);
      norm += std::pow(double(expected[t][i]), 2);
    }
    EXPECT_GT(norm, 0) << kinds[0].name() << ", tensor " << t;
    EXPECT_LE(apart, norm * 1e-4) << kinds[0].name() << ", tensor " << t;
  }
}

TEST(device, a_network_has_the_gradients_that_it_has_on_the_cpu) {
  const examples::layer_kind scores{"linear", 10};
  const std::vector<std::vector<examples::layer_kind>> networks = {{{"relu", 48}, {"relu", 32}, scores},
                                                                   {{"swish", 32, GEMMACT_GATED, 2, 1}, scores},
                                                                   {{"", 32, GEMMACT_MAXOUT, 2}, scores}};
  for (const auto& kinds : networks) {
    try {
      expect_same_gradients(kinds);
    } catch (const gemmact::error& e) {
      ADD_FAILURE() << kinds[0].name() << ": " << e.what();
    }
  }
}

double accuracy(const std::string& device_name) {
  const gemmact_bench::result r = gemmact_bench::call("--quick --function prelu --steps 30 --device " + device_name);
  EXPECT_EQ(r.code, 0) << r.out;
  const size_t at = r.out.find("accuracy ");
  EXPECT_NE(at, std::string::npos) << r.out;
  return at == std::string::npos ? NAN : std::stod(r.out.substr(at + 9));
}

TEST(program, learns_there_what_it_learns_on_the_cpu) {
  const double seen = accuracy(device_under_test().name());
  const double expected = on_cpu([] { return accuracy("cpu"); });
  EXPECT_GT(expected, 50);  // in 30 steps
  EXPECT_NEAR(seen, expected, 2);
}

}  // namespace
}  // namespace gemmact::test
