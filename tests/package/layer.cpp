// A consumer in C++20: plans a layer, runs it, checks its numbers; a refusal is an exception that says why.
#include <cstdio>
#include <gemmact/gemmact.hpp>
#include <string>

int main() try {
  const float x[] = {1, 2, 3, 4, -1, 0, 1, 0, 2, -2, 2, -2};
  const float w[] = {1, 1, 1, 1, -1, 2, 0, 1};
  const float bias[] = {0.5f, -3};
  const float expected[] = {10.5f, 4, 0.5f, -1, 0.5f, -5.5f};
  float y[6] = {};
  const gemmact::context cpu("cpu");
  auto layer = gemmact::problem(GEMMACT_FORWARD, 3, 2, 4)
                   .activation("leaky_relu(slope=0.5)")
                   .with(GEMMACT_X, {GEMMACT_F32})
                   .with(GEMMACT_W, {GEMMACT_F32})
                   .with(GEMMACT_BIAS, {GEMMACT_F32, GEMMACT_PER_COLUMN})
                   .with(GEMMACT_Y, {GEMMACT_F32});
  const gemmact::plan plan(cpu, layer);
  plan.run(gemmact::operands().bind(GEMMACT_X, x).bind(GEMMACT_W, w).bind(GEMMACT_BIAS, bias).bind(GEMMACT_Y, y),
           gemmact::workspace(plan));
  for (int i = 0; i < 6; ++i)
    if (y[i] != expected[i]) {
      std::printf("y[%d] is %g, not %g\n", i, double(y[i]), double(expected[i]));
      return 1;
    }
  try {
    gemmact::plan(cpu, layer.activation("leeky_relu"));
    std::puts("a misspelt name was accepted");
    return 1;
  } catch (const gemmact::error& e) {
    if (e.status() != GEMMACT_UNKNOWN_ACTIVATION || std::string(e.what()).find("leaky_relu") == std::string::npos)
      throw;
  }
  std::puts("from C++: a layer is right, a misspelt name refused");
  return 0;
} catch (const gemmact::error& e) {
  std::printf("%s\n", e.what());
  return 1;
}
