// The benchmark: fused layers against product and pass, and against the bare product.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include <fmt/format.h>

#include "bench/core/machine.hpp"
#include "bench/core/profile_mode.hpp"
#include "bench/core/rig.hpp"
#include "bench/core/runner.hpp"
#include "bench/report/console.hpp"
#include "bench/report/report.hpp"

using namespace gemmact_bench;

namespace {

constexpr int usage_error = 2, failed_run = 1;

struct options {
  bool quick = false, full = false, list = false;
  double seconds = 0;
  std::string profile;
  std::vector<std::string> read_profile;
  std::string device = GEMMACT_BENCH_DEVICE, filter, json;
  std::string folder = "build/bench", shapes = GEMMACT_BENCH_SOURCE "/bench/shapes";
  std::regex wanted;
};

// Bad usage: a line, and exit code 2.
struct usage : std::runtime_error {
  using runtime_error::runtime_error;
};

// Returns false when only help was asked for.
bool parse(int argc, char** argv, options& o) {
  CLI::App app("Fused layers against product and pass, and against the bare product, on the shapes of real models.");
  auto* quick = app.add_flag("--quick", o.quick, "a named subset and every function once; about 3 minutes");
  app.add_flag("--full", o.full, "every shape that the device takes")->excludes(quick);
  app.add_option("--device", o.device, "cpu or cuda:0")->capture_default_str();
  app.add_option("--filter", o.filter,
                 "only cases whose name (operation/function/type/shape) this regular expression finds");
  app.add_option("--json", o.json, "write the report's JSON to this file too");
  app.add_option("--folder", o.folder, "where report.json and report.html go")->capture_default_str();
  app.add_option("--shapes", o.shapes, "folder with the lists of shapes")->capture_default_str();
  app.add_flag("--list", o.list, "name the cases and stop");
  app.add_option("--seconds", o.seconds,
                 "begin no case that would end later than so many seconds after the start; 0: measure all")
      ->check(CLI::NonNegativeNumber);
  app.add_option(
      "--profile", o.profile,
      "run the fused arm of the case of this name (or that this regular expression finds alone) for a profiler");
  app.add_option("--read-profile", o.read_profile, "print what ncu's raw page and --profile's own lines say")
      ->expected(2)
      ->type_name("PAGE LINES");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    app.exit(help);
    return false;
  } catch (const CLI::ParseError& error) {
    throw usage(error.what());
  }
  if (!std::regex_match(o.device, std::regex("cpu|cuda:[0-9]+")))
    throw usage(fmt::format("--device is \"{}\", and must be cpu or cuda:0", o.device));
  for (const auto& [option, text] : {std::pair("--filter", &o.filter), std::pair("--profile", &o.profile)}) {
    try {
      o.wanted = std::regex(*text);
    } catch (const std::regex_error&) {
      throw usage(fmt::format("{} is \"{}\", which is no regular expression", option, *text));
    }
  }
  o.wanted = std::regex(o.filter);
  return true;
}

// What is profiled may be any case.
extent extent_of(const options& o) {
  return o.quick ? extent::quick : o.full || !o.profile.empty() ? extent::full : extent::standard;
}

case_list cases_of(const options& o, const rig& on) {
  const std::string selecting = o.shapes + "/" + selecting_list(on.limits(), extent_of(o));
  case_request request{.shapes = read_all_shapes(o.shapes),
                       .selected = parse_selections(read_file(selecting), selecting),
                       .catalogue = catalogue_names(),
                       .size = extent_of(o),
                       .memory_bytes = on.case_memory_bytes(),
                       .limits = on.limits()};
  case_list all = make_cases(request);
  if (o.filter.empty()) return all;
  const auto unwanted = [&](const bench_case& c) { return !std::regex_search(c.name(), o.wanted); };
  const auto dropped = std::erase_if(all.cases, unwanted);
  if (dropped > 0) all.left_out["not found by --filter"] += int(dropped);
  if (all.cases.empty()) throw usage(fmt::format("--filter is \"{}\", and no case's name has that", o.filter));
  return all;
}

// An estimate from the cases that are done, which are shorter or longer than those to come.
std::string remaining_text(double seconds, size_t done, size_t all) {
  if (done == 0) return "";
  const int left = int(seconds / double(done) * double(all - done));
  return fmt::format(", about {}:{:02} left", left / 60, left % 60);
}

run_result run_with_console(rig& on, const std::vector<bench_case>& cases, const report_setting& setting, console& out,
                            std::chrono::steady_clock::time_point start) {
  size_t done = 0;
  const runner_events events{
      .progress =
          [&](size_t place, const bench_case& c, int round, int rounds) {
            const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            const std::string at = rounds == 0 ? "preparing" : fmt::format("round {} of {}", round + 1, rounds);
            out.progress(fmt::format("[{}/{}] {}: {}{}", place + 1, cases.size(), c.name(), at,
                                     remaining_text(seconds, done, cases.size())));
          },
      .done =
          [&](const report_row& row) {
            ++done;
            out.say_row(table_line(row, setting), name_of(row.result()));
          }};
  const double used = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // A second is more than nothing: 0 would be no limit.
  const time_budget budget{setting.budget_seconds > 0 ? std::max(1.0, setting.budget_seconds - used) : 0};
  return run_cases(
      cases, [&](const bench_case& c) { return on.make(c, setting.settings); }, setting.settings, events, budget);
}

void write(const std::filesystem::path& path, const std::string& text) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  if (!(out << text << std::flush)) throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
}

std::string columns_text(const report_setting& s) {
  std::string text =
      "Speed of the fused layer divided by that of product and pass (/ unfused) and of the product alone "
      "(" +
      s.bare_column + ")";
  for (const std::string& column : s.other_columns)
    text +=
        ", " + column + (column == heading_by_hand ? " (a typed equation's: the same function written by hand)" : "");
  return text + "; above 1 the fused layer is faster.\n";
}

int profile(const options& o, rig& on, const std::vector<bench_case>& cases) {
  const bench_case* chosen = nullptr;
  try {
    chosen = &named_case(cases, o.profile);
  } catch (const std::invalid_argument& error) {
    throw usage(error.what());
  }
  on.profile(*chosen, on.settings(extent_of(o)));
  return 0;
}

int run(const options& o) {
  const auto start = std::chrono::steady_clock::now();
  if (!o.read_profile.empty()) {
    fmt::print("{}", read_profile(o.read_profile[0], o.read_profile[1]));
    return 0;
  }
  const machine m = this_machine();
  const std::unique_ptr<rig> on = make_rig(o.device, m);
  const case_list selected = cases_of(o, *on);
  console out;
  if (o.list) {
    for (const bench_case& c : selected.cases) out.say(c.name());
    return 0;
  }
  if (!o.profile.empty()) return profile(o, *on, selected.cases);
  on->prepare();
  report r;
  r.setting = on->setting();
  r.setting.device = o.device;
  r.setting.mode = o.quick ? "quick" : o.full ? "full" : "default";
  r.setting.filter = o.filter;
  r.setting.settings = on->settings(extent_of(o));
  r.setting.load = m.load;
  r.setting.budget_seconds = o.seconds;
  out.say(fmt::format("{}: {}; {}", o.device, m.processor, r.setting.description));
  for (const auto& baseline : r.setting.baselines) out.say("baseline: " + baseline);
  if (m.load > 0.5)
    out.say(
        fmt::format("This machine is busy with other things (load {:.1f} on {} processors): expect noise, and "
                    "verdicts of CAN'T TELL.",
                    m.load, m.processors));
  out.say(fmt::format("{} cases. {}", selected.cases.size(), columns_text(r.setting)));
  out.say(table_heading(r.setting));
  run_result found = run_with_console(*on, selected.cases, r.setting, out, start);
  r.not_reached = found.not_reached;
  r.rows = std::move(found.rows);
  r.left_out = selected.left_out;
  for (const auto& [reason, count] : found.left_out) r.left_out[reason] += count;
  out.say("\n" + summary_text(r));

  const nlohmann::json j = to_json(r);
  const std::filesystem::path folder = o.folder;
  write(folder / "report.json", j.dump(1));
  write(folder / "report.html", to_html(j));
  if (!o.json.empty()) write(o.json, j.dump(1));
  out.say(fmt::format("Written: {0}/report.json, {0}/report.html{1}{2}", o.folder, o.json.empty() ? "" : ", ", o.json));
  if (r.rows.empty()) throw std::runtime_error("nothing was measured: the device has arms for none of the cases");
  return summary_of(r).good ? 0 : failed_run;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  try {
    return parse(argc, argv, o) ? run(o) : 0;
  } catch (const usage& error) {
    fmt::print(stderr, GEMMACT_BENCH_NAME ": {} (--help says more)\n", error.what());
    return usage_error;
  } catch (const std::exception& error) {
    fmt::print(stderr, GEMMACT_BENCH_NAME ": {}\n", error.what());
    return failed_run;
  }
}
