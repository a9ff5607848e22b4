#include "bench/report/pictures.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/bench/synthetic_report.hpp"

using namespace gemmact_bench;
using nlohmann::json;

namespace {

constexpr const char* shapes = GEMMACT_BENCH_SOURCE "/bench/shapes";

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

// One picture: from its heading to the next.
std::string under(const std::string& page, const std::string& heading) {
  const size_t at = page.find("<h2>" + heading + "</h2>");
  return at == std::string::npos ? "" : page.substr(at, page.find("<h2>", at + 4) - at);
}

}  // namespace

// GEMMACT_BENCH_PAGE=FILE writes the page there, to be looked at.
TEST(pictures, of_a_synthetic_gpu) {
  const report r = synthetic_report::make(shapes);
  const json j = to_json(r);
  const std::string page = to_html(j);
  if (const char* file = std::getenv("GEMMACT_BENCH_PAGE")) std::ofstream(file) << page;
  EXPECT_GT(count(page, "SYNTHETIC"), 5);
  for (const char* type : {"bf16", "tf32", "e4m3", "f32"})
    EXPECT_EQ(count(under(page, std::string("Speed by k, ") + type), "<polyline"), 6) << type;
  const std::string prices = under(page, "The price of each activation");
  EXPECT_EQ(count(prices, "class='hollow'"), 1 + 8) << "the legend's and the fast ones";
  size_t functions = 0;
  ASSERT_EQ(gemmact_activation_count(&functions), GEMMACT_OK);
  EXPECT_EQ(count(prices, "<circle class='same'"), 1 + int(functions) + 1)
      << "the legend's, every function of the catalogue, and an equation";
  EXPECT_GT(count(prices, "gelu: fast 1."), 0);
  EXPECT_GT(count(prices, ", accurate 1."), 0);
  EXPECT_GT(count(prices, "shallow_8192x8192x1024, bf16"), 0);
  const std::string roof = under(page, "The share of the roof");
  EXPECT_GT(count(roof, "(memory)"), 0);
  EXPECT_GT(count(roof, "square_4096, tf32 (arithmetic): fused 0."), 0);
  const std::string loop = under(page, "The share of the loop in registers");
  EXPECT_GT(count(loop, "square_4096, e4m3 (arithmetic): our plain product 0."), 0);
  EXPECT_EQ(count(loop, "(memory)"), 0) << "weights from memory";
  const std::string goals = under(page, "Goals");
  for (const char* goal : {"plain_16_bit", "own_epilogue", "loop_share", "weight_grad"})
    EXPECT_EQ(count(goals, goal), 1);
  EXPECT_EQ(count(goals, "<td class='l soft'>not measured</td>"), 1);  // networks
  EXPECT_EQ(count(page, "no time for"), 1);
  EXPECT_EQ(count(page, "nan"), 0);
}

TEST(pictures, the_json_says_the_same) {
  const json j = to_json(synthetic_report::make(shapes));
  EXPECT_EQ(j["schema"], 3);
  EXPECT_EQ(j["gpu"]["roofs"]["loop_flops"]["bf16"], 610e12);
  EXPECT_EQ(j["budget_seconds"], 240);
  EXPECT_EQ(j["not_reached"].size(), 1u);
  for (const json& goal : j["goals"]) {
    int met = 0, missed = 0, not_measured = 0;
    for (const json& row : j["rows"])
      for (const json& g : row["goals"]) {
        if (g["goal"] != goal["goal"]) continue;
        met += g["state"] == "met", missed += g["state"] == "missed", not_measured += g["state"] == "not measured";
        if (!g["value"].is_null()) {
          EXPECT_EQ(g["state"] == "met", g["value"].get<double>() >= g["least"].get<double>());
        }
      }
    EXPECT_EQ(goal["met"], met) << goal["goal"];
    EXPECT_EQ(goal["missed"], missed) << goal["goal"];
    EXPECT_EQ(goal["not_measured"], not_measured) << goal["goal"];
  }
  for (const json& row : j["rows"]) {
    const double share = row["roof"]["share"];
    EXPECT_NEAR(share, row["roof"]["least_seconds"].get<double>() / row["fused_seconds"]["median"].get<double>(),
                1e-12);
    for (const char* field : {"accuracy", "output_type", "family", "bare_missing"}) EXPECT_TRUE(row.contains(field));
  }
}
