#include "bench/report/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

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

TEST(report, a_page_of_no_rows_is_a_page) {
  report r = sample();
  r.rows.clear();
  const std::string page = to_html(to_json(r));
  EXPECT_EQ(count(page, "<svg "), 0);
  EXPECT_EQ(count(page, "</html>"), 1);
}

TEST(report, lines_of_the_table_are_aligned) {
  const report_setting setting = with_failures().setting;
  const std::string heading = table_heading(setting);
  const size_t at = heading.find("verdict");
  for (const report_row& row : with_failures().rows)
    EXPECT_EQ(table_line(row, setting).find(name_of(row.result())), at) << heading << "\n" << table_line(row, setting);
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
