// What the command pack says of files and options that are wrong.
#include "tests/host/command/command_support.hpp"

namespace gemmact::test {
namespace {

class pack_files : public scratch_test {
 protected:
  void expect_refusal(const std::string& json, const std::string& part) {
    write_file(path("p.json"), json);
    expect_failure({"pack", path("p.json"), "--arch", "sm_80", "-o", path("my.pack")}, 1, part);
    EXPECT_FALSE(file_exists(path("my.pack")));
  }
};

TEST_F(pack_files, wrong_options) {
  write_file(path("p.json"), "[]");
  expect_failure({"pack"}, 2, "pack needs one FILE, --arch and -o");
  expect_failure({"pack", path("p.json"), "--arch", "sm_80"}, 2, "pack needs one FILE, --arch and -o");
  expect_failure({"pack", path("p.json"), "--arch", "sm_80,", "-o", path("x")}, 2,
                 "--arch is \"sm_80,\": architecture is \"\"");
  expect_failure({"pack", "--list", path("p.json"), "--arch", "sm_80"}, 2, "--list takes no other option");
  expect_failure({"pack", path("none.json"), "--arch", "sm_80", "-o", path("x")}, 1, "none.json cannot be read");
  expect_failure({"pack", "--list", path("p.json")}, 1, "p.json is no pack");
}

TEST_F(pack_files, wrong_files) {
  expect_failure({"pack", path(""), "--arch", "sm_80", "-o", path("x")}, 1, path("") + " is a directory");
  expect_refusal(R"([{"m": 4, "n": 4, "k": 4, "tensor": [["W:ld=3"]]}])", "tensor has a list within its list");
  expect_refusal("", "is no JSON");
  expect_refusal("{}", "must be an array of objects");
  expect_refusal("[]", "must be an array of objects");
  expect_refusal("[3]", "problem 0: it is number, and must be an object");
  const std::string good = R"({"m": 64, "n": 64, "k": 64, "activation": "gelu"})";
  expect_refusal("[" + good + R"(, {"m": 64}])", "problem 1: --n is 0 or not given");
  expect_refusal(R"([{"m": 64, "activaton": "gelu"}])", "did you mean --activation?");
  expect_refusal(R"([{"m": 6.5}])", "--m is \"6.5\"; it takes a whole number");
  expect_refusal(R"([{"m": null}])", "m is null; it takes a text");
  expect_refusal(R"([{"m": 4, "n": 4, "k": 4, "device": "cpu"}])", "\"device\" cannot be given here");
  expect_refusal(R"([{"m": 4, "n": 4, "k": 4, "help": true}])", "\"help\" cannot be given here");
  write_file(path("p.json"), R"([{"m": 4, "n": 4, "k": 4, "activation": "--help"}])");
  const outcome no_help = run_command({"pack", path("p.json"), "--arch", "sm_80", "-o", path("my.pack")});
  EXPECT_EQ(no_help.status, 1);
  EXPECT_NE(no_help.err.find("problem 0: nothing is named \"help\" (column 3)\n  --help\n    ^\n"), no_help.err.npos)
      << no_help.err;
  expect_refusal(R"([{"m": 4, "n": 4, "k": 4, "tensor": ["W:ld=3"], "x_order": "row_major"}])",
                 "problem 0: W's ld is 3");
  expect_refusal(R"([{"m": 4, "n": 4, "k": 4, "train_params": true, "operation": "weight_grad", "batch": 1e3}])",
                 "problem 0");
}

}  // namespace
}  // namespace gemmact::test
