// gemmact_bench_gpu as a person calls it; what needs no GPU.
#include <gtest/gtest.h>

#include "tests/bench/program_call.hpp"

using namespace gemmact_bench;

TEST(gpu_program, bad_usage_is_one_line_and_2) {
  for (const char* arguments : {"--quick --full", "--nonsense", "--device gpu", "stray"}) {
    const result r = call(arguments);
    EXPECT_EQ(r.code, 2) << arguments << "\n" << r.out;
    EXPECT_EQ(lines(r.out), 1) << arguments << "\n" << r.out;
    EXPECT_EQ(r.out.rfind("gemmact_bench_gpu: ", 0), 0u) << r.out;
  }
}

TEST(gpu_program, a_device_that_is_not_here_is_one_line_and_1) {
  const result r = call("--device cuda:99");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(lines(r.out), 1) << r.out;
  EXPECT_NE(r.out.find("cuda:99"), std::string::npos) << r.out;
}

TEST(gpu_program, a_profile_is_read_without_a_gpu) {
  const std::string tests = GEMMACT_BENCH_SOURCE "/tests/bench/";
  const result r = call("--read-profile " + tests + "ncu_raw_page.csv " + tests + "profile_lines.txt");
  EXPECT_EQ(r.code, 0) << r.out;
  EXPECT_NE(r.out.find("tensor pipe"), std::string::npos) << r.out;
  EXPECT_EQ(call("--read-profile /nowhere.csv " + tests + "profile_lines.txt").code, 1);
  EXPECT_EQ(call("--read-profile " + tests + "ncu_raw_page.csv").code, 2);
  EXPECT_EQ(call("--profile '('").code, 2);
  EXPECT_EQ(call("--seconds -1").code, 2);
}

TEST(gpu_program, the_cpu_is_measured_by_the_other_program) {
  const result r = call("--device cpu");
  EXPECT_EQ(r.code, 1);
  EXPECT_NE(r.out.find("gemmact_bench measures the CPU"), std::string::npos) << r.out;
}
