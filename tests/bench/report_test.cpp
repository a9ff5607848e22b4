#include "bench/report/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/core/gpu_contest.hpp"
#include "bench/report/svg.hpp"

using namespace gemmact_bench;
using nlohmann::json;

namespace {

report_row row_of(gemmact_type type, int64_t k, double speed) {
  report_row r;
  r.what = {"list", "shape <&>(remark)", 8, 16, k, type, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD};
  std::vector<double> ours, again, baseline;
  for (int i = 0; i < 20; ++i) {
    ours.push_back(1e-5 * (1 + 0.001 * (i % 3)));
    again.push_back(1e-5 * (1 + 0.001 * (i % 4)));
    baseline.push_back(1e-5 * speed * (1 + 0.001 * (i % 5)));
  }
  r.found.compared = compare(ours, again, baseline);
  r.found.fused = summarize(ours);
  r.found.unfused = r.found.bare = summarize(baseline);
  r.found.unfused_name = r.found.bare_name = "Eigen";
  r.found.rounds = 20;
  return r;
}

report sample() {
  report r;
  r.setting.device = "cpu";
  r.setting.threads = 2;
  r.setting.mode = "quick";
  r.setting.baselines = {"Eigen 3"};
  r.rows = {row_of(GEMMACT_F32, 64, 1.3), row_of(GEMMACT_BF16, 512, 0.7), row_of(GEMMACT_F16, 1, 1.0)};
  r.left_out["too long"] = 3;
  return r;
}

report with_failures() {
  report r = sample();
  r.rows.push_back(row_of(GEMMACT_F32, 32, 1));
  r.rows.back().found.compared.result = verdict::wrong;
  r.rows.back().found.wrong_arm = "fused";
  r.rows.back().found.worst_error = INFINITY;
  r.rows.push_back({});
  r.rows.back().what = r.rows[0].what;
  r.rows.back().failure = "gemmact_plan_create: <refused>";
  return r;
}

// As a GPU's rig would have it, with the same rows.
report of_gpu() {
  report r = with_failures();
  r.setting.gpu = gpu_facts{};
  r.setting.gpu->name = "Some GPU <1>";
  r.setting.gpu->cublas = "13.1.0";
  r.setting.gpu->l2_policy = "rotated";
  r.setting.gpu->workspace_bytes = 64 << 20;
  r.setting.bare_column = "/ cuBLASLt plain best";
  r.setting.other_columns = gpu_columns();
  for (report_row& row : r.rows) {
    if (!row.failure.empty()) continue;
    row.chosen = {.best = 3, .timed = 31, .refused = 2, .wrong = 0};
    row.found.others = {{.name = "", .seconds = {}, .ratio = {}, .missing = no_equation().missing},
                        {"heuristic 1", row.found.bare, summarize({1.25})},
                        {.name = "", .seconds = {}, .ratio = {}, .missing = "no epilogue <here>"},
                        {"plain", row.found.fused, summarize({0.75})}};
    row.found.readings = {{1700, 600, 60, 0x4}, {1690, 610, 61, 0}};
  }
  return r;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

}  // namespace

TEST(report, rows_of_the_json) {
  const json j = to_json(sample());
  EXPECT_EQ(j["rows"].size(), 3u);
  EXPECT_EQ(j["rows"][0]["verdict"], "FASTER");
  EXPECT_EQ(j["rows"][1]["verdict"], "SLOWER");
  EXPECT_EQ(j["rows"][2]["verdict"], "SAME");
  EXPECT_EQ(j["rows"][0]["shape"], "shape <&>");
  EXPECT_NEAR(j["rows"][0]["ratio"]["median"].get<double>(), 1.3, 0.01);
  EXPECT_NEAR(j["rows"][0]["gflops"].get<double>(), 2.0 * 8 * 16 * 64 / 1e-5 * 1e-9, 0.01);
  EXPECT_EQ(j["left_out"][0]["count"], 3);
  EXPECT_TRUE(j["summary"]["good"].get<bool>());
  EXPECT_EQ(j["summary"]["verdicts"]["FASTER"], 1);
  EXPECT_FALSE(j["commit"].get<std::string>().empty());
}

TEST(report, wrong_and_failed_rows_are_said_and_spoil_the_summary) {
  const json j = to_json(with_failures());
  EXPECT_EQ(j["rows"][3]["verdict"], "WRONG");
  EXPECT_FALSE(j["rows"][3]["check"]["ok"].get<bool>());
  EXPECT_EQ(j["rows"][4]["verdict"], "FAILED");
  EXPECT_FALSE(j["summary"]["good"].get<bool>());
  EXPECT_NEAR(j["summary"]["geomean_ratio"].get<double>(), to_json(sample())["summary"]["geomean_ratio"].get<double>(),
              1e-12);
  // What was not a number became null: the text is JSON.
  EXPECT_EQ(json::parse(j.dump()), j);
}

TEST(report, the_page_is_whole_and_alone) {
  const std::string page = to_html(to_json(with_failures()));
  EXPECT_EQ(count(page, "<svg "), 4);
  EXPECT_EQ(count(page, "</svg>"), 4);
  EXPECT_EQ(count(page, "</html>"), 1);
  for (const char* part : {"FASTER", "SLOWER", "SAME", "WRONG", "FAILED", "shape &lt;&amp;&gt;", "&lt;refused&gt;",
                           "prefers-color-scheme: dark", "by k", "bare product", "Noise", "left out", "too long"})
    EXPECT_GT(count(page, part), 0) << part;
  // Nothing comes from elsewhere: no scripts, no links, and no address but the name of SVG itself.
  for (const char* part :
       {"<script", "<link", "<img", "src=", "url(", "@import", "https:", "shape <&>", "nan", "inf\""})
    EXPECT_EQ(count(page, part), 0) << part;
  EXPECT_EQ(count(page, "http://"), count(page, "xmlns='http://www.w3.org/2000/svg'"));
}

TEST(report, other_arms_have_their_columns) {
  const report r = of_gpu();
  const std::string heading = table_heading(r.setting), line = table_line(r.rows[0], r.setting);
  for (const char* column :
       {"/ unfused", "/ cuBLASLt plain best", "/ cuBLASLt default", "/ cuBLASLt epilogue", "/ ours plain", "goals"})
    EXPECT_EQ(count(heading, column), 1) << heading;
  // A number ends where its heading does.
  for (const auto& [column, number] : {std::pair("/ cuBLASLt default", "1.250"),
                                       std::pair("/ cuBLASLt epilogue", "    -"), std::pair("/ ours plain", "0.750")})
    EXPECT_EQ(line.find(number, line.find("1.250")) + 5, heading.find(column) + std::string(column).size())
        << heading << "\n"
        << line;
  EXPECT_GT(count(summary_text(r), "/ ours plain: 0.750"), 0) << summary_text(r);
  const std::string page = to_html(to_json(r));
  for (const char* part : {"÷ cuBLASLt default", "÷ ours plain", "÷ cuBLASLt plain best", "0.750", "Some GPU &lt;1&gt;",
                           "13.1.0", "64 MiB", "rotated", "no epilogue &lt;here&gt;"})
    EXPECT_GT(count(page, part), 0) << part;
  EXPECT_EQ(count(page, "÷ bare<"), 0);
}

TEST(report, the_json_of_a_gpu_says_how_it_was_measured) {
  const json j = to_json(of_gpu());
  EXPECT_EQ(j["gpu"]["cublas"], "13.1.0");
  EXPECT_EQ(j["columns"].size(), 5u);
  EXPECT_EQ(j["rows"][0]["heuristics"]["timed"], 31);
  EXPECT_EQ(j["rows"][0]["others"][column_plain]["ratio"]["median"], 0.75);
  EXPECT_TRUE(j["rows"][0]["others"][column_epilogue]["ratio"].is_null());
  EXPECT_EQ(j["summary"]["geomean_others"][column_epilogue], 1) << "of no values";
  EXPECT_EQ(j["rows"][0]["state"]["clock_mhz"]["median"], 1695);
  EXPECT_EQ(j["rows"][0]["state"]["throttle_reasons"], json({"software power cap"}));
  EXPECT_NEAR(j["summary"]["geomean_others"][column_default].get<double>(), 1.25, 1e-12);
  const json cpu = to_json(sample());
  for (const char* field : {"first_run", "heuristics", "state"}) EXPECT_FALSE(cpu["rows"][0].contains(field)) << field;
  EXPECT_FALSE(cpu.contains("gpu"));
}

// A GPU of no listed capability, and one whose clock is not known.
TEST(report, without_a_known_rate_of_arithmetic_there_is_no_share_of_the_roof) {
  const auto roof_of = [](const char* capability, double clock_mhz) {
    report r = of_gpu();
    gpu_facts& gpu = *r.setting.gpu;
    gpu.compute_capability = capability, gpu.multiprocessors = 132, gpu.clock_limit_mhz = clock_mhz;
    gpu.roofs.read_bytes_per_second = gpu.roofs.copy_bytes_per_second = 3e12;
    r.rows[0].found.readings.clear();
    r.rows[0].cold = true;  // so that it has bytes to read
    EXPECT_GT(count(to_html(to_json(r)), "</html>"), 0);
    return to_json(r)["rows"][0]["roof"];
  };
  EXPECT_GT(roof_of("9.0", 1755)["share"].get<double>(), 0);
  EXPECT_FALSE(roof_of("9.0", 1755)["limit"].is_null());
  for (const json& roof : {roof_of("99.0", 1755), roof_of("9.0", 0)})
    for (const char* field : {"least_seconds", "limit", "share", "bare_share"})
      EXPECT_TRUE(roof[field].is_null()) << field << ": " << roof;
}

TEST(report, a_page_of_no_rows_is_a_page) {
  report r = sample();
  r.rows.clear();
  const std::string page = to_html(to_json(r));
  EXPECT_EQ(count(page, "<svg "), 0);
  EXPECT_EQ(count(page, "</html>"), 1);
}

TEST(report, lines_of_the_table_are_aligned) {
  for (const report& r : {with_failures(), of_gpu()}) {
    const std::string heading = table_heading(r.setting);
    const size_t at = heading.find("verdict");
    for (const report_row& row : r.rows) {
      const std::string line = table_line(row, r.setting);
      EXPECT_EQ(line.find(name_of(row.result())), at) << heading << "\n" << line;
    }
  }
}

TEST(report, durations) {
  EXPECT_EQ(duration_text(1.2345e-6), "1.234 us");
  EXPECT_EQ(duration_text(12.3e-3), "12.3 ms");
  EXPECT_EQ(duration_text(2), "2 s");
}

TEST(svg, marks_stay_within_the_picture) {
  chart c{.title = "t",
          .x_label = "x",
          .y_label = "y",
          .series = {"a"},
          .marks = {{.x = 1e-3, .y = 1e-6, .tip = "<"}, {.x = 1e9, .y = 1e6, .tip = "'"}}};
  const std::string picture = scatter(c);
  EXPECT_EQ(count(picture, "<circle class='s0'"), 3);  // two marks and the legend's
  EXPECT_EQ(count(picture, "nan"), 0);
  EXPECT_GT(count(picture, "<title>&lt;</title>"), 0);
}
