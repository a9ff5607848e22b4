#include "tests/support/replay.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/random.hpp"

namespace gemmact::test {

double case_share() {
  const char* text = std::getenv("GEMMACT_TEST_SHARE");
  return text == nullptr ? 1.0 : std::strtod(text, nullptr);
}

uint64_t case_count(uint64_t usual, uint64_t more) {
  const char *full = std::getenv("GEMMACT_TEST_FULL"), *only = std::getenv("GEMMACT_TEST_CASE");
  const uint64_t count = full != nullptr && std::strtoull(full, nullptr, 10) != 0 ? usual * more : usual;
  return only == nullptr ? count : std::max<uint64_t>(count, std::strtoull(only, nullptr, 10) + 1);
}

bool case_selected(uint64_t index) {
  if (const char* only = std::getenv("GEMMACT_TEST_CASE")) return std::strtoull(only, nullptr, 10) == index;
  // Scattered, so that a share is a sample of the whole table.
  return double(mix(index) >> 11) * 0x1p-53 < case_share();
}

std::string replay_line(uint64_t index) {
  std::string variables = fmt::format("GEMMACT_TEST_CASE={}", index);
  for (const char* name :
       {"GEMMACT_CPU_ISA", "GEMMACT_CPU_THREADS", "GEMMACT_TEST_DEVICE", "GEMMACT_PLAN", "FAKE_CUDA_MULTIPROCESSORS",
        "FAKE_CUDA_SHARED_BYTES", "FAKE_CUDA_ARCHITECTURE", "GEMMACT_NVRTC", "LD_LIBRARY_PATH"})
    if (const char* value = std::getenv(name)) variables += fmt::format(" {}={}", name, value);
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string test = info == nullptr ? "*" : fmt::format("{}.{}", info->test_suite_name(), info->name());
  return fmt::format("replay: {} {} --gtest_filter={}", variables, program_invocation_short_name, test);
}

}  // namespace gemmact::test
