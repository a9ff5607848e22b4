// What the page and the summary say of functions typed as equations.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/core/gpu_contest.hpp"
#include "bench/report/report.hpp"

using namespace gemmact_bench;

namespace {

report_row typed_row(double by_hand, const char* equation) {
  report_row r;
  r.what = {"list", "some shape", 8, 16, 32, GEMMACT_F32, "relu", GEMMACT_PLAIN, GEMMACT_FORWARD};
  r.what.equation = equation;
  const std::vector<double> ours(20, 1e-5), twin(20, 1e-5 * by_hand);
  r.found.compared = compare(ours, ours, twin);
  r.found.fused = r.found.unfused = r.found.bare = summarize(ours);
  r.found.unfused_name = r.found.bare_name = "Eigen";
  r.found.others = {{"relu by hand", summarize(twin), summarize({by_hand})}};
  return r;
}

report typed_on_cpu() {
  report r;
  r.setting.device = "cpu";
  r.setting.threads = 2;
  r.setting.other_columns = {heading_by_hand};
  r.rows = {typed_row(0.5, "x < 0 ? 0 : x"), typed_row(0.98, "max(0, x)")};
  return r;
}

report typed_on_gpu() {
  report r = typed_on_cpu();
  r.setting.gpu = gpu_facts{};
  r.rows[0].first = {0.7, 2e-3}, r.rows[1].first = {0.9, 1e-3};
  return r;
}

bool has_part(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(equation_report, the_summary_says_how_fast_and_how_soon) {
  const std::string cpu = summary_text(typed_on_cpu());
  EXPECT_TRUE(has_part(cpu,
                       "Functions typed as equations: 0.700 times as fast as the same layers with functions written by "
                       "hand (geometric mean of 2, lowest 0.500)."))
      << cpu;
  EXPECT_FALSE(has_part(cpu, "launched kernel: at most")) << cpu;
  EXPECT_TRUE(has_part(cpu, "equation: the same layer with the function written by hand")) << "the goal: " << cpu;
  const std::string gpu = summary_text(typed_on_gpu());
  EXPECT_TRUE(has_part(gpu, "From an equation's text to its launched kernel: at most 900 ms, from the disk 2 ms."))
      << gpu;
  report none = typed_on_cpu();
  for (report_row& row : none.rows) row.what.equation.clear();
  EXPECT_FALSE(has_part(summary_text(none), "equations"));
  EXPECT_FALSE(has_part(summary_text(none), heading_by_hand));
  report wrong = typed_on_cpu();
  wrong.rows[0].found.compared.result = verdict::wrong;
  EXPECT_TRUE(has_part(summary_text(wrong), "equations: 0.980 times")) << summary_text(wrong);
}

TEST(equation_report, the_page_has_a_table_of_them) {
  const std::string cpu = equation_section(to_json(typed_on_cpu()));
  for (const char* part : {"<h2>Functions typed as equations</h2>", "<code>x &lt; 0 ? 0 : x</code>", "<td>0.500</td>",
                           "<td>0.980</td>", "<td>10 us</td><td>5 us</td>", "1 is as fast, 0.5 takes twice the time"})
    EXPECT_TRUE(has_part(cpu, part)) << part << ": " << cpu;
  EXPECT_FALSE(has_part(cpu, "from the disk"));
  const std::string gpu = equation_section(to_json(typed_on_gpu()));
  for (const char* part : {"<th>first run</th><th>from the disk</th>", "<td>700 ms</td><td>2 ms</td>"})
    EXPECT_TRUE(has_part(gpu, part)) << part << ": " << gpu;
  EXPECT_TRUE(has_part(to_html(to_json(typed_on_cpu())), cpu));
  report r = typed_on_gpu();
  r.rows[0].failure = "refused", r.rows[1].first = {};
  const std::string one = equation_section(to_json(r));
  EXPECT_FALSE(has_part(one, "x &lt; 0")) << "a failed row has no figures";
  EXPECT_TRUE(has_part(one, "<td>–</td><td>–</td>")) << one;
  r.rows.pop_back();
  EXPECT_EQ(equation_section(to_json(r)), "");
}

TEST(equation_report, the_table_names_what_was_typed) {
  const report r = typed_on_cpu();
  EXPECT_TRUE(has_part(table_heading(r.setting), heading_by_hand));
  EXPECT_TRUE(has_part(table_line(r.rows[0], r.setting), "relu typed"));
  EXPECT_TRUE(has_part(table_line(r.rows[0], r.setting), "0.500"));
}
