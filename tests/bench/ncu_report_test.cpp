#include "bench/core/ncu_report.hpp"

#include <gtest/gtest.h>

#include "bench/core/profile_mode.hpp"

using namespace gemmact_bench;

namespace {

const std::string page = GEMMACT_BENCH_SOURCE "/tests/bench/ncu_raw_page.csv",
                  lines = GEMMACT_BENCH_SOURCE "/tests/bench/profile_lines.txt";

std::string refusal(const std::string& text) {
  try {
    parse_ncu_csv(text);
  } catch (const ncu_error& e) {
    return e.what();
  }
  return "accepted";
}

bool says(const std::string& text, const std::string& name, const std::string& value) {
  const size_t at = text.find("  " + name + " ");
  return at != std::string::npos && text.substr(at, text.find('\n', at) - at).find(value) != std::string::npos;
}

}  // namespace

TEST(ncu_report, the_raw_page_is_taken_apart) {
  const auto launches = parse_ncu_csv(read_file(page));
  ASSERT_EQ(launches.size(), 3u);  // the line of units is none
  EXPECT_EQ(launches[0].columns.at("Kernel Name"), "gemm_sm80_bf16_gelu");
  EXPECT_EQ(launches[0].columns.at("Grid Size"), "(32, 32, 1)");
  EXPECT_EQ(launches[0].columns.at("quoted \"name\", with a comma"), "a \"b\", c");
  EXPECT_EQ(launches[0].number("gpu__time_duration.sum"), 301248);
  EXPECT_FALSE(launches[0].number("Kernel Name"));
  EXPECT_FALSE(launches[0].number("no such column"));
}

TEST(ncu_report, the_numbers_that_matter) {
  const std::string text = read_profile(page, lines);
  EXPECT_EQ(text.rfind("forward/gelu/bf16/square_4096\ngemm_sm80_bf16_gelu of gemm_sm80; medians of 3 launches\n", 0),
            0u)
      << text;
  EXPECT_TRUE(says(text, "time under ncu", "300.00 us")) << text;
  EXPECT_TRUE(says(text, "tensor pipe", "61.5 %")) << text;
  EXPECT_TRUE(says(text, "special functions (XU)", "7.75 %")) << text;
  EXPECT_TRUE(says(text, "issue slots", "48 %")) << text;
  EXPECT_TRUE(says(text, "DRAM", "12.25 %")) << text;
  EXPECT_TRUE(says(text, "L2", "33 %")) << text;
  EXPECT_TRUE(says(text, "registers a thread", "168")) << text;
  EXPECT_TRUE(says(text, "occupancy", "12.4 %")) << text;
  EXPECT_TRUE(says(text, "shared memory a block", "9.933e+04 bytes")) << text;
  EXPECT_TRUE(says(text, "FMA pipe", "not in this report")) << text;
  EXPECT_TRUE(says(text, "waiting warps", "math_pipe_throttle 2.00, wait 0.75, long_scoreboard 0.21, barrier 0.10"))
      << text;
  EXPECT_TRUE(says(text, "epilogue", "4.0 % of the time: fused 250.00 us, the plain product 240.00 us")) << text;
}

TEST(ncu_report, what_is_no_page_is_refused) {
  EXPECT_NE(refusal("").find("no line that begins with \"ID\""), std::string::npos);
  EXPECT_NE(refusal("\"ID\",\"a\"\n\"\",\"%\"\n\"0\",\"1\",\"2\"\n").find("line 3 of ncu's page has 3 fields"),
            std::string::npos);
  const profile_times times = parse_profile_times(read_file(lines));
  EXPECT_THROW(profile_text({}, times), ncu_error);
  EXPECT_THROW(parse_profile_times("case a\nkernel b\nfamily c\nfused_seconds 1\n"), ncu_error);
}

TEST(ncu_report, only_launches_of_the_kernel_that_was_timed_count) {
  auto launches = parse_ncu_csv(read_file(page));
  const profile_times times = parse_profile_times(read_file(lines));
  launches[0].columns["Kernel Name"] = "gemm_sm80_bf16_gelu_tanh";
  launches[1].columns["Kernel Name"] += "(gemmact::params)";
  EXPECT_NE(profile_text(launches, times).find("medians of 2 launches"), std::string::npos);
  for (ncu_launch& l : launches) l.columns["Kernel Name"] = "gemm_sm80_bf16_relu";
  try {
    profile_text(launches, times);
    ADD_FAILURE() << "another case's page was accepted";
  } catch (const ncu_error& e) {
    EXPECT_NE(std::string(e.what()).find("no launch of gemm_sm80_bf16_gelu, which was timed; its first is of "
                                         "\"gemm_sm80_bf16_relu\""),
              std::string::npos)
        << e.what();
  }
}

TEST(profile_mode, one_case_by_its_name_or_by_what_it_alone_has) {
  const auto named = [](const std::string& shape) {
    return bench_case{"l", shape, 4, 6, 8, GEMMACT_BF16, "gelu", GEMMACT_PLAIN, GEMMACT_FORWARD};
  };
  const std::vector<bench_case> all = {named("square_4096x"), named("square_4096"), named("square_1024")};
  EXPECT_EQ(&named_case(all, "forward/gelu/bf16/square_4096"), &all[1]) << "the whole name wins";
  EXPECT_EQ(&named_case(all, "1024$"), &all[2]);
  const auto refusal = [&](const std::string& text) {
    try {
      named_case(all, text);
    } catch (const std::invalid_argument& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(refusal("nothing").find("no case's name has that"), std::string::npos);
  EXPECT_NE(refusal("square_4096").find("2 cases have in their name: forward/gelu/bf16/square_4096x, "),
            std::string::npos);
}
