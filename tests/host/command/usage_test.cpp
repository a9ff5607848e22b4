// The command line: every command's answers, every mistake's exit status and its one line.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/host/command/command_support.hpp"
#include "tests/host/command/xml_check.hpp"

namespace gemmact::test {
namespace {

using words = std::vector<std::string>;

const std::vector<std::string> commands = {"info", "list", "explain", "run", "plot", "pack", "tune", "equation"};

words with(words first, const words& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

std::string output_of(const words& line) {
  const outcome result = run_command(line);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in\n" << text;
}

TEST(usage, wrong_commands) {
  expect_failure({}, 2, "a command is missing");
  expect_failure({"lst"}, 2, "\"lst\" is no command; did you mean list");
  expect_failure({"pot"}, 2, "did you mean plot?");
  expect_failure({"quantum"}, 2, "the commands are info, list, explain, run, plot, pack, tune and equation");
  expect_failure({"--verison"}, 2, "is no command");
  expect_failure({""}, 2, "is no command");
}

TEST(usage, wrong_options) {
  expect_failure({"run", "--actvation", "relu"}, 2, "run has no option \"--actvation\"; did you mean --activation");
  expect_failure({"run", "--actvation=relu"}, 2, "did you mean --activation");
  expect_failure({"explain", "-m", "3"}, 2, "explain has no option \"-m\"; did you mean --m");
  expect_failure({"list", "--jsn"}, 2, "did you mean --json?");
  expect_failure({"info", "--quux"}, 2, "see gemmact info --help");
  expect_failure({"info", "extra"}, 2, "\"extra\" is not expected here");
  expect_failure({"run", "--x"}, 2, "--x needs a value");
  expect_failure({"run", "--x", "a", "--x", "b"}, 2, "--x is given 2 times");
  expect_failure({"plot", "relu", "--out", "f.svg", "--from", "low"}, 2, "--from is \"low\"; it takes a finite number");
  expect_failure({"plot", "relu", "--out", "f.svg", "--to", "inf"}, 2, "finite number");
  expect_failure({"plot", "relu", "--out", "f.svg", "--from", "1", "--to", "-1"}, 2, "--from must lie below --to");
  expect_failure({"plot", "relu", "--out", "f.svg", "--width", "5"}, 2, "--width is 5; it must be from 160 to 10000");
  expect_failure({"plot", "--out", "f.svg"}, 2, "needs a FUNCTION");
  expect_failure({"plot", "relu"}, 2, "needs --out");
}

TEST(usage, wrong_values) {
  const words sizes{"explain", "--m", "3", "--n", "4", "--k", "5"};
  expect_failure({"explain", "--m", "3"}, 2, "--n is 0 or not given");
  expect_failure({"explain", "--m", "-3", "--n", "4", "--k", "5"}, 2, "--m is -3; it must be at least 1");
  expect_failure({"explain", "--m", "3.5"}, 2, "--m is \"3.5\"; it takes a whole number");
  expect_failure({"explain", "--m", "99999999999999999999"}, 2, "fits in 64 bits");
  expect_failure(with(sizes, {"--type", "fp16"}), 2,
                 "--type is \"fp16\", which is none of f32|f16|bf16|e4m3; did you mean f16");
  expect_failure(with(sizes, {"--operation", "foward"}), 2, "did you mean forward?");
  expect_failure(with(sizes, {"--bias", "colum"}), 2, "did you mean column?");
  expect_failure(with(sizes, {"--device", "cpux"}), 2, "device is \"cpux\"");
  expect_failure(with(sizes, {"--device", "cuda:77"}), 1, "cuda:77");
  expect_failure(with(sizes, {"--pieces", "3"}), 2, "only a maxout has pieces");
  expect_failure(with(sizes, {"--combine", "maxout"}), 2, "--combine maxout needs --pieces, from 2 to 8");
  expect_failure(with(sizes, {"--combine", "maxout", "--pieces", "9"}), 2, "--pieces is 9; a maxout has 2 to 8");
  expect_failure(with(sizes, {"--combine", "maxout", "--pieces", "2", "--activation", "relu"}), 2, "a maxout has none");
  expect_failure(with(sizes, {"--below", "relu"}), 2, "belong to --operation input_grad");
  expect_failure(with(sizes, {"--keep", "index"}), 2, "only a maxout has a winner");
  expect_failure(with(sizes, {"--align", "-1"}), 2, "--align is -1; it must be from 0 to");
  expect_part(output_of(with(sizes, {"--align", "3"})), "X's align_bytes is 3, which is no power of two");
  expect_failure(with(sizes, {"--tensor", "XX"}), 2, "\"XX\", which is no slot");
  expect_failure(with(sizes, {"--tensor", "SCALE_Z"}), 2, "did you mean SCALE_");
  expect_failure(with(sizes, {"--tensor", "W:f61"}), 2, "the word \"f61\"");
  expect_failure(with(sizes, {"--tensor", "W[x]"}), 2, "\"x\" where a whole number must be");
  expect_failure(with(sizes, {"--tensor", "W:ld=9x"}), 2, "\"9x\" where a whole number must be");
}

TEST(usage, misspelt_functions) {
  expect_failure({"plot", "rleu", "--out", "f.svg"}, 2, "did you mean relu");
  expect_failure({"list", "sigmod"}, 2, "did you mean sigmoid");
  expect_failure({"explain", "--m", "3", "--n", "4", "--k", "5", "--activation", "gleu"}, 2, "did you mean");
  expect_failure({"explain", "--m", "3", "--n", "4", "--k", "5", "--activation", "swish(bta=1)"}, 2, "beta");
  expect_refused_at({"plot", "relu)", "--out", "f.svg"}, "an operator", "relu)", 4);
}

TEST(usage, one_line_whatever_the_words_hold) {
  expect_failure({"in\nfo\x1b[31m"}, 2, "is no command");
  expect_failure({"run", "--x", "no\nsuch\r\x07 file", "--w", "w", "--y", "y"}, 1, "no such");
  expect_failure({"plot", std::string(5000, 'r'), "--out", "f.svg"}, 2, "gemmact: ");
}

TEST(usage, help_and_version) {
  expect_part(output_of({"--help"}), "Examples:");
  EXPECT_EQ(output_of({"--help"}), output_of({"-h"}));
  EXPECT_EQ(output_of({"--version"}).rfind("gemmact ", 0), 0u);
  for (const std::string& name : commands) {
    expect_part(output_of({"--help"}), "  " + name + " ");
    const std::string help = output_of({name, "--help"});
    EXPECT_EQ(help.rfind("Usage: gemmact " + name, 0), 0u) << help;
    expect_part(help, "  gemmact " + name);
  }
  expect_part(output_of({"run", "--no-such-option", "--help"}), "Usage: gemmact run");
}

// The words of a shell's line, up to a pipe; double and single quotes alone are known.
words shell_words(const std::string& line) {
  words all;
  char quote = 0;
  bool inside = false;
  for (const char c : line) {
    if (quote == 0 && c == '|') break;
    if (quote == 0 && c == ' ') {
      inside = false;
    } else if (c == quote || (quote == 0 && (c == '"' || c == '\''))) {
      quote = quote == 0 ? c : char(0);
    } else {
      if (!inside) all.emplace_back();
      inside = true;
      all.back() += c;
    }
  }
  return all;
}

std::vector<words> examples_of(const std::string& help) {
  std::vector<words> all;
  const std::string mark = "\n  gemmact ";
  for (size_t at = help.find(mark, help.find("\nExample")); at != help.npos; at = help.find(mark, at + 1)) {
    const size_t begin = at + mark.size();
    all.push_back(shell_words(help.substr(begin, help.find('\n', begin) - begin)));
  }
  return all;
}

// Options whose values are other than the example's, "" for those that are left out with theirs.
words changed(words line, const std::map<std::string, words>& changes) {
  words all;
  for (size_t i = 0; i < line.size(); ++i) {
    const auto found = changes.find(line[i]);
    if (found == changes.end()) all.push_back(line[i]);
    else all.insert(all.end(), found->second.begin(), found->second.end()), ++i;
  }
  return all;
}

// Each example of tune is a layer that a GPU takes, of explain one that its device takes; of info, list and plot each
// runs. Those of run and pack need files: their layers are told by what the files are.
TEST(usage, examples_work) {
  const words one_shape{"--m", "16", "--n", "12288", "--k", "4096", "--type", "bf16"};  // in the place of a list
  int tuned = 0;
  std::vector<words> all = examples_of(output_of({"--help"}));
  for (const std::string& name : commands)
    for (words& line : examples_of(output_of({name, "--help"}))) all.push_back(std::move(line));
  for (words line : all) {
    if (line[0] == "run" || line[0] == "pack") continue;
    std::string said;
    for (const std::string& word : line) said += " " + word;
    SCOPED_TRACE(said);
    if (line[0] == "tune") {
      ++tuned;
      line[0] = "explain";
      line = with(changed(line, {{"--budget-ms", {}}, {"--shapes", one_shape}}), {"--device", "describe:h100"});
    }
    const std::string text = output_of(changed(line, {{"--out", {"--out", "-"}}}));
    if (line[0] == "explain") expect_part(text, "\nLaunches: ");
    else EXPECT_NE(text, "");
  }
  EXPECT_GE(all.size(), 20u);
  EXPECT_GE(tuned, 3);
}

// docs/command.md is the help of all commands.
TEST(usage, document) {
  std::string text =
      "# The command\n\nWhat `gemmact --help` and the help of each command print. Exit status: 0; 1 for a run that "
      "failed, a missing or malformed file among the reasons; 2 for a wrong command line. One line on standard error "
      "says which; of an equation that is not one, two lines below it show the place.\n\n```\n" +
      output_of({"--help"}) + "```\n";
  for (const std::string& name : commands)
    text += "\n## gemmact " + name + "\n\n```\n" + output_of({name, "--help"}) + "```\n";
  const std::string path = std::string(GEMMACT_SOURCE_FOLDER) + "/docs/command.md";
  if (std::getenv("GEMMACT_UPDATE_DOCS") != nullptr) write_file(path, text);
  EXPECT_TRUE(read_file(path) == text) << "docs/command.md differs from the help; GEMMACT_UPDATE_DOCS=1 rewrites it";
}

TEST(info, says_what_is_here) {
  const std::string text = output_of({"info"});
  for (const char* part :
       {"gemmact 0.", "functions", "instruction sets", "baseline", "\n  cpu ", "threads", "\n  cuda:0 ",
        "describe:h100", "libcuda.so.1", "kernel families", "compiler", "kernel cache", "profiler ranges"})
    expect_part(text, part);
}

TEST(list, table_json_and_details) {
  const std::string table = output_of({"list"});
  for (const char* part : {"relu ", "swish(beta=1)", "silu", "leaky_relu(slope=0.01)", "hinge(target)"})
    expect_part(table, part);
  const auto json = nlohmann::json::parse(output_of({"list", "--json"}));
  ASSERT_TRUE(json.is_array());
  std::set<std::string> names;
  for (const auto& row : json) {
    for (const char* field : {"name", "aliases", "formula", "derivative", "note", "needs", "has_grad_from_output",
                              "zero_at_zero", "params"})
      EXPECT_TRUE(row.contains(field)) << row.dump() << " lacks " << field;
    names.insert(row["name"]);
    expect_part(table, row["formula"]);
  }
  EXPECT_EQ(names.size(), json.size());
  for (const char* name :
       {"linear", "step", "sigmoid", "tanh", "relu", "leaky_relu", "prelu", "swish", "hinge", "gelu"})
    EXPECT_EQ(names.count(name), 1u) << name;
  const auto leaky = nlohmann::json::parse(output_of({"list", "leaky_relu", "--json"}));
  ASSERT_EQ(leaky.size(), 1u);
  EXPECT_EQ(leaky[0]["params"][0]["name"], "slope");
  EXPECT_EQ(leaky[0]["params"][0]["default"], 0.01);
  EXPECT_TRUE(nlohmann::json::parse(output_of({"list", "hinge", "--json"}))[0]["params"][0]["default"].is_null());
  EXPECT_EQ(nlohmann::json::parse(output_of({"list", "silu", "--json"}))[0]["name"], "swish");
  expect_part(output_of({"list", "prelu", "tanh"}), "trainable");
}

TEST(explain, accepted_and_refused_layers_are_explained) {
  const words sizes{"explain", "--m", "64", "--n", "256", "--k", "512"};
  const std::string forward = output_of(with(sizes, {"--activation", "gelu", "--bias", "column", "--residual"}));
  for (const char* part : {"gelu", "BIAS", "per_column", "RESIDUAL", "Kept: nothing", "64 x 512"})
    expect_part(forward, part);
  expect_part(output_of(with(sizes, {"--activation", "relu", "--keep", "auto"})), "KEPT");
  expect_part(output_of(with(sizes, {"--combine", "gated", "--activation", "swish", "--keep", "auto"})), "KEPT[1]");
  expect_part(output_of(with(sizes, {"--combine", "maxout", "--pieces", "3", "--keep", "auto"})), "W[2]");
  expect_part(output_of(with(sizes, {"--activation", "hinge"})), "TARGET");
  expect_part(output_of(with(
                  sizes, {"--operation", "activation_grad", "--activation", "prelu", "--dparam", "--bias", "column"})),
              "DPARAM");
  expect_part(output_of(with(sizes, {"--operation", "input_grad", "--below", "relu", "--bias", "column"})),
              "BELOW|DBIAS");
  expect_part(output_of(with(sizes, {"--operation", "input_grad", "--combine", "maxout", "--pieces", "2"})), "KEPT");
  expect_part(output_of(with(
                  sizes, {"--operation", "weight_grad", "--combine", "gated", "--bias", "column", "--type", "bf16"})),
              "DW[1]");
  expect_part(output_of(with(sizes, {"--type", "e4m3", "--y-type", "bf16", "--tensor", "SCALE_X:per_row", "--tensor",
                                     "SCALE_W:per_column"})),
              "SCALE_W");
  expect_part(output_of(with(sizes, {"--tensor", "W:column_major:ld=300"})), "column_major");
  expect_part(output_of(with(sizes, {"--batch", "7"})), "batch 7");
  const std::string flagged = output_of(with(sizes, {"--variable-m", "--batch-invariant", "--allow-unfused",
                                                     "--accuracy", "fast", "--compute", "tf32", "--train-params"}));
  for (const char* part :
       {"m may be less", "batch invariant", "several kernels allowed", "fast", "tf32", "parameters are trained"})
    expect_part(flagged, part);
  for (const char* device : {"describe:a100", "describe:h100"})
    expect_part(output_of(with(sizes, {"--device", device})), device);
  // A problem that breaks a rule is explained, too.
  const outcome broken = run_command(with(sizes, {"--tensor", "W:ld=3"}));
  EXPECT_EQ(broken.status, 0) << broken.err;
  expect_part(broken.out, "W");
}

class plots : public scratch_test {};

TEST_F(plots, functions_and_derivatives) {
  expect_success({"plot", "swish(beta=2)", "step", "hinge", "--from", "-4", "--to=4", "--out", path("f.svg")});
  const std::string svg = read_file(path("f.svg"));
  EXPECT_EQ(xml_trouble(svg), "");
  for (const char* part : {"<svg", "swish(beta=2)", "swish(beta=2)'", "hinge' at target = 1", "stroke-dasharray"})
    expect_part(svg, part);
  EXPECT_EQ(files(), std::vector<std::string>{"f.svg"});
  EXPECT_EQ(output_of({"plot", "swish(beta=2)", "step", "hinge", "--from", "-4", "--to", "4", "--out", "-"}), svg);
  EXPECT_EQ(output_of({"plot", "relu", "--no-derivative", "--out", "-"}).find("dasharray"), std::string::npos);
}

// At target 1 a hinge is 1 - x: 7 at the left end. At target 0 it would be 1 everywhere.
TEST_F(plots, an_operand_is_drawn_at_one) {
  expect_part(output_of({"plot", "hinge", "--no-derivative", "--out", "-"}), ">6</text>");
}

TEST_F(plots, every_function_of_the_catalogue) {
  words all{"plot", "--out", path("all.svg")};
  for (const auto& row : nlohmann::json::parse(output_of({"list", "--json"}))) all.push_back(row["name"]);
  expect_success(all);
  EXPECT_EQ(xml_trouble(read_file(path("all.svg"))), "");
}

TEST_F(plots, a_failed_plot_leaves_what_was_there) {
  write_file(path("f.svg"), "before");
  expect_failure({"plot", "nope", "--out", path("f.svg")}, 2, "nope");
  EXPECT_EQ(read_file(path("f.svg")), "before");
  expect_failure({"plot", "relu", "--out", path("no/such/folder/f.svg")}, 1, "cannot be written: No such file");
  expect_failure({"plot", "relu", "--out", path("")}, 1, "cannot be written");
  EXPECT_EQ(files(), std::vector<std::string>{"f.svg"});
}

// A device that fills up on the way, without a device: files may have 1000 bytes.
TEST_F(plots, a_file_that_cannot_be_finished_is_not_there) {
  write_file(path("f.svg"), "before");
  struct rlimit usual {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit small{1000, usual.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);  // the child inherits both
  const outcome result = run_command({"plot", "relu", "--out", path("f.svg")});
  setrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(result.status, 1);
  expect_part(result.err, "cannot be written: File too large");
  EXPECT_EQ(read_file(path("f.svg")), "before");
  EXPECT_EQ(files(), std::vector<std::string>{"f.svg"});
}

TEST_F(plots, a_link_stays_a_link) {
  write_file(path("real.svg"), "before");
  ASSERT_EQ(symlink("real.svg", path("link.svg").c_str()), 0);
  expect_success({"plot", "relu", "--out", path("link.svg")});
  EXPECT_EQ(read_file(path("real.svg")).rfind("<svg", 0), 0u);
  struct stat facts {};
  ASSERT_EQ(lstat(path("link.svg").c_str(), &facts), 0);
  EXPECT_TRUE(S_ISLNK(facts.st_mode));
}

// What is no regular file is written straight, never replaced. A pipe stands for /dev/null: a test that fails must not
// take the machine's devices with it.
TEST_F(plots, a_pipe_stays_a_pipe) {
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  const int reader = open(path("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  expect_success({"plot", "relu", "--out", path("pipe")});
  char start[4] = {};
  EXPECT_EQ(read(reader, start, 4), 4);
  EXPECT_EQ(std::string(start, 4), "<svg");
  close(reader);
  struct stat facts {};
  ASSERT_EQ(lstat(path("pipe").c_str(), &facts), 0);
  EXPECT_TRUE(S_ISFIFO(facts.st_mode));
  EXPECT_EQ(files(), std::vector<std::string>{"pipe"});
}

TEST(streams, a_full_device_is_a_failure) {
  const outcome result = run_command({"list"}, "/dev/full");
  EXPECT_EQ(result.status, 1);
  expect_part(result.err, "gemmact: standard output cannot be written: No space left");
}

// "gemmact list | head -1": the reader goes away, and nobody is told off for it.
TEST(streams, a_closed_pipe_is_no_failure) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const int saved = dup(STDOUT_FILENO);
  ASSERT_GE(saved, 0);
  close(ends[0]);
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  const outcome result = run_command({"list"}, "inherited");
  dup2(saved, STDOUT_FILENO);
  close(saved);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
}

}  // namespace
}  // namespace gemmact::test
