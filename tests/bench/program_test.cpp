// The program as a person calls it: a tiny real run, and every way to call it badly.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/bench/program_call.hpp"

using namespace gemmact_bench;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

class program : public testing::Test {
 protected:
  program() : folder(fs::temp_directory_path() / ("gemmact_bench_" + std::to_string(getpid()))) {
    fs::create_directories(folder);
  }
  ~program() override { fs::remove_all(folder); }
  const fs::path folder;
};

}  // namespace

TEST_F(program, a_tiny_run_writes_what_the_page_says) {
  const result r = call("--quick --filter 'forward/relu/f32/square_32' --folder " + folder.string() +
                        "/report --json " + folder.string() + "/deep/own.json");
  ASSERT_EQ(r.code, 0) << r.out;
  for (const char* part : {"GFLOP/s", "verdict", "square_32", "32x32x32", "relu", "Left out:", "report.html"})
    EXPECT_NE(r.out.find(part), std::string::npos) << part << "\n" << r.out;
  std::ifstream own(folder / "deep/own.json"), standard(folder / "report/report.json");
  const json j = json::parse(standard);
  EXPECT_EQ(json::parse(own), j);
  EXPECT_TRUE(fs::exists(folder / "report/report.html"));
  ASSERT_EQ(j["rows"].size(), 1u);
  const json& row = j["rows"][0];
  for (const char* field : {"shape", "m", "n", "k", "type", "function", "operation", "fused_seconds", "unfused_seconds",
                            "bare_seconds", "gflops", "ratio", "noise", "unfused_by", "check", "verdict", "rounds"})
    EXPECT_TRUE(row.contains(field)) << field;
  for (const char* field : {"date", "device", "instruction_set", "threads", "compiler", "version", "commit", "left_out",
                            "processor", "baselines", "verdict_rule", "summary"})
    EXPECT_TRUE(j.contains(field)) << field;
  EXPECT_TRUE(row["check"]["ok"].get<bool>());
  EXPECT_GE(row["rounds"].get<int>(), 20);
  EXPECT_GT(row["fused_seconds"]["median"].get<double>(), 0);
}

TEST_F(program, an_equation_is_measured_beside_its_function_by_hand) {
  const result r = call("--quick --filter squared_relu_equation --folder " + folder.string());
  ASSERT_EQ(r.code, 0) << r.out;
  for (const char* part : {"squared_relu typed", "/ by hand", "Functions typed as equations: "})
    EXPECT_NE(r.out.find(part), std::string::npos) << part << "\n" << r.out;
  std::ifstream file(folder / "report.json");
  const json j = json::parse(file);
  const json& row = j["rows"].at(0);
  EXPECT_EQ(row["equation"], "x > 0 ? x * x : 0");
  EXPECT_EQ(j["columns"], (std::vector<std::string>{"/ bare", "/ by hand"}));
  EXPECT_EQ(row["others"].at(0)["by"], "squared_relu by hand");
  EXPECT_GT(row["others"].at(0)["ratio"]["median"].get<double>(), 0.1);
  EXPECT_EQ(row["goals"].at(0)["goal"], "equation");
}

TEST_F(program, bad_usage_is_one_line_and_2) {
  for (const char* arguments : {"--quick --full", "--nonsense", "--device", "--device gpu", "--device cuda",
                                "--filter '('", "--filter '^no such case$'", "stray"}) {
    const result r = call(arguments);
    EXPECT_EQ(r.code, 2) << arguments << "\n" << r.out;
    EXPECT_EQ(lines(r.out), 1) << arguments << "\n" << r.out;
  }
}

TEST_F(program, a_device_that_is_not_here_is_one_line_and_1) {
  const result r = call("--device cuda:99");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(lines(r.out), 1) << r.out;
  EXPECT_NE(r.out.find("cuda:99"), std::string::npos) << r.out;
}

TEST_F(program, a_time_that_is_up_is_said) {
  const result r =
      call("--quick --filter 'relu/f32/square_32|tanh/f32/one_input' --seconds 0.001 --folder " + folder.string());
  ASSERT_EQ(r.code, 0) << r.out;
  EXPECT_NE(r.out.find("the time was up"), std::string::npos) << r.out;
  std::ifstream file(folder / "report.json");
  const json j = json::parse(file);
  EXPECT_EQ(j["rows"].size() + j["not_reached"].size(), 2u);
  EXPECT_EQ(j["not_reached"].size(), 1u);
}

TEST_F(program, lists_that_are_not_there_or_malformed_are_one_line_and_1) {
  const std::string shapes = "--shapes " + folder.string();
  EXPECT_EQ(call(shapes).code, 1);
  std::ofstream(folder / "some.csv") << "name,M,N,K,dtype,source\na,1,2,x,f32,\n";
  const result r = call(shapes);
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(lines(r.out), 1) << r.out;
  EXPECT_NE(r.out.find("some.csv:2: K is \"x\""), std::string::npos) << r.out;
}

TEST_F(program, help_and_list) {
  EXPECT_EQ(call("--help").code, 0);
  const result r = call("--quick --list");
  EXPECT_EQ(r.code, 0);
  EXPECT_GT(lines(r.out), 40);
}

TEST_F(program, a_place_that_cannot_be_written_is_1) {
  const result r = call("--quick --filter square_32 --folder /proc/nowhere");
  EXPECT_EQ(r.code, 1);
  EXPECT_NE(r.out.find("/proc/nowhere"), std::string::npos) << r.out;
}
