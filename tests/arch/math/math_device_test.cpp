// On a GPU: the special-function instructions at all their operands, and the catalogue within its bounds.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "tests/arch/math/gpu_runs.hpp"
#include "tests/kernels/inputs.hpp"
#include "tests/support/device.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

class gpu : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!gpu_name().empty()) return;
    fmt::print("no GPU here\n");
    std::fflush(stdout);
    std::_Exit(skipped_exit_code);
  }
};

// One line of JSON an instruction: what a record of a device is made from.
TEST_F(gpu, instructions_are_as_documented) {
  const uint32_t stride = uint32_t(1 / case_share());
  for (int i = 0; i < instruction_count; ++i) {
    const sweep_result seen = sweep(instruction(i), stride);
    fmt::print(
        "{{\"device\": \"{}\", \"instruction\": \"{}\", \"operands\": {}, \"largest_share_of_documented_error\": "
        "{:.6g}, "
        "\"at\": \"{:#010x}\", \"wrong_special_values\": {}, \"correctly_rounded_powers_of_two\": {}}}\n",
        gpu_name(), instruction_name(instruction(i)), seen.operands, seen.worst, seen.worst_at, seen.wrong,
        seen.correct_powers);
    EXPECT_LE(seen.worst, 1) << instruction_name(instruction(i)) << " at bits " << seen.worst_at;
    EXPECT_EQ(seen.wrong, 0u) << instruction_name(instruction(i)) << ", one at bits " << seen.wrong_at;
  }
}

TEST_F(gpu, the_catalogue_is_within_its_bounds) {
  std::vector<float> inputs = all_f16(), more = all_bf16(), many = spread_inputs(200000, 11);
  inputs.insert(inputs.end(), more.begin(), more.end());
  inputs.insert(inputs.end(), many.begin(), many.end());
  for (const function& f : functions())
    for (const setting& use : settings(f))
      for (const subject& s : subjects(use)) {
        std::vector<candidate> both;
        for (const accuracy mode : {accuracy::accurate, accuracy::fast})
          both.push_back(
              {[&s, mode](const float* in, float* out, size_t count) { run_on_gpu(s, mode, in, out, count); }, mode,
               true});
        measure(s, inputs, both);
        for (const candidate& c : both)
          EXPECT_LE(c.seen.ratio, 1) << s.text() << (c.mode == accuracy::fast ? ", fast: " : ", accurate: ")
                                     << c.seen.text();
      }
}

}  // namespace
}  // namespace gemmact::test
