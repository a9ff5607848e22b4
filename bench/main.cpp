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
#include "bench/core/runner.hpp"
#include "bench/report/console.hpp"
#include "bench/report/report.hpp"

using namespace gemmact_bench;

namespace {

constexpr int usage_error = 2, failed_run = 1;

struct options {
  bool quick = false, full = false, list = false;
  std::string device = "cpu", filter, json;
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
  app.add_flag("--full", o.full, "every shape with m <= 256")->excludes(quick);
  app.add_option("--device", o.device, "cpu or cuda:0")->capture_default_str();
  app.add_option("--filter", o.filter,
                 "only cases whose name (operation/function/type/shape) this regular expression finds");
  app.add_option("--json", o.json, "write the report's JSON to this file too");
  app.add_option("--folder", o.folder, "where report.json and report.html go")->capture_default_str();
  app.add_option("--shapes", o.shapes, "folder with the lists of shapes")->capture_default_str();
  app.add_flag("--list", o.list, "name the cases and stop");
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
  try {
    o.wanted = std::regex(o.filter);
  } catch (const std::regex_error&) {
    throw usage(fmt::format("--filter is \"{}\", which is no regular expression", o.filter));
  }
  return true;
}

extent extent_of(const options& o) { return o.quick ? extent::quick : o.full ? extent::full : extent::standard; }

measure_settings settings_of(const options& o) {
  if (o.quick) return {.least_rounds = 20, .most_rounds = 30, .case_seconds = 1.2};
  if (o.full) return {.least_rounds = 20, .most_rounds = 100, .case_seconds = 4};
  return {.least_rounds = 20, .most_rounds = 60, .case_seconds = 2};
}

std::vector<std::string> catalogue() {
  size_t count = 0;
  require(gemmact_activation_count(&count), "gemmact_activation_count");
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    gemmact_activation_info info{};
    info.struct_bytes = sizeof info;
    require(gemmact_activation_get_info(i, &info), "gemmact_activation_get_info");
    names.emplace_back(info.name);
  }
  return names;
}

case_list cases_of(const options& o, const machine& m) {
  case_request request{.shapes = read_all_shapes(o.shapes),
                       .quick = parse_selections(read_file(o.shapes + "/quick.csv"), o.shapes + "/quick.csv"),
                       .catalogue = catalogue(),
                       .size = extent_of(o),
                       .memory_bytes = m.available_memory_bytes * 6 / 10};
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

std::vector<report_row> run_with_console(bench_environment& environment, const std::vector<bench_case>& cases,
                                         const measure_settings& settings, console& out) {
  const auto start = std::chrono::steady_clock::now();
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
            out.say_row(table_line(row), name_of(row.result()));
          }};
  return run_cases(
      cases, [&](const bench_case& c) { return make_workload(environment, c); }, settings, events);
}

void write(const std::filesystem::path& path, const std::string& text) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  if (!(out << text << std::flush)) throw std::runtime_error(fmt::format("{}: cannot be written", path.string()));
}

// "CPU, avx512 instructions, 2 threads" has the name of the instruction set before its second word.
std::string instruction_set_in(const std::string& description) {
  std::smatch found;
  return std::regex_search(description, found, std::regex("([a-z0-9_]+) instructions")) ? found[1].str() : description;
}

int run(const options& o) {
  if (o.device != "cpu") {
    const context device(o.device);
    throw std::runtime_error(
        fmt::format("--device is \"{}\", and this version of the benchmark measures the CPU device "
                    "only",
                    o.device));
  }
  const context device(o.device);
  const machine m = this_machine();
  const case_list selected = cases_of(o, m);
  console out;
  if (o.list) {
    for (const bench_case& c : selected.cases) out.say(c.name());
    return 0;
  }
  // More than the cache by a tenth; a 16-bit type's weights are there as f32 too, three times the bytes in all.
  const int64_t cold_bytes = std::min(m.last_level_cache_bytes / 10 * 11, m.available_memory_bytes / 24);
  bench_environment environment(device, cold_bytes);
  report r;
  r.setting = {.device = o.device,
               .description = device.description(),
               .instruction_set = instruction_set_in(device.description()),
               .threads = device.threads(),
               .mode = o.quick  ? "quick"
                       : o.full ? "full"
                                : "default",
               .filter = o.filter,
               .cold_bytes = cold_bytes,
               .baselines = {},
               .openblas_missing = environment.openblas_missing,
               .settings = settings_of(o)};
  for (const auto& p : environment.products) r.setting.baselines.push_back(p->name() + " " + p->version());
  r.setting.load = m.load;
  r.left_out = selected.left_out;
  out.say(fmt::format("{}: {}; {}", o.device, m.processor, device.description()));
  for (const auto& baseline : r.setting.baselines) out.say("baseline: " + baseline);
  if (m.load > 0.5)
    out.say(
        fmt::format("This machine is busy with other things (load {:.1f} on {} processors): expect noise, and "
                    "verdicts of CAN'T TELL.",
                    m.load, m.processors));
  out.say(
      fmt::format("{} cases. Speed of the fused layer divided by that of product and pass (/ unfused) and of the "
                  "product alone (/ bare); above 1 the fused layer is faster.\n",
                  selected.cases.size()));
  out.say(table_heading());
  r.rows = run_with_console(environment, selected.cases, r.setting.settings, out);
  out.say("\n" + summary_text(r));

  const nlohmann::json j = to_json(r);
  const std::filesystem::path folder = o.folder;
  write(folder / "report.json", j.dump(1));
  write(folder / "report.html", to_html(j));
  if (!o.json.empty()) write(o.json, j.dump(1));
  out.say(fmt::format("Written: {0}/report.json, {0}/report.html{1}{2}", o.folder, o.json.empty() ? "" : ", ", o.json));
  return summary_of(r).good ? 0 : failed_run;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  try {
    return parse(argc, argv, o) ? run(o) : 0;
  } catch (const usage& error) {
    fmt::print(stderr, "gemmact_bench: {} (--help says more)\n", error.what());
    return usage_error;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gemmact_bench: {}\n", error.what());
    return failed_run;
  }
}
