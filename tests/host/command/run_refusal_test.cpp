// `gemmact run` refuses: wrong command lines, wrong arrays, results that cannot be written. Nothing is left behind.
#include "tests/host/command/run_fixture.hpp"

namespace gemmact::test {
namespace {

TEST_F(run, wrong_command_lines) {
  expect_failure({"run"}, 2, "forward needs --x");
  expect_failure({"run", "--x", path("x.npy"), "--w", path("w.npy")}, 2, "forward needs --y");
  expect_failure(forward({"--dw", path("dw.npy")}), 2, "--dw is given, but forward has no such array");
  expect_failure(forward({"--below-dz", path("d.npy")}), 2, "--below, the function of the layer below, is not");
  expect_failure(forward({"--kept", path("y.npy"), "--activation", "relu"}), 2, "which another option writes, too");
  expect_failure(forward({"--kept", path("kept.npy")}), 2, "there is nothing to keep");
  expect_failure(forward({"--param", path("b.npy"), "--activation", "relu"}), 2, "relu has no parameters");
  expect_failure(forward({"--param", "slop=" + path("b.npy"), "--activation", "prelu"}), 2, "did you mean slope?");
  expect_failure(forward({"--combine", "gated"}), 2, "W[1]");
  expect_failure(forward({"--activation", "hinge"}), 2, "TARGET");
  expect_failure(forward({"--bias", ""}), 2, "--bias is given no file");
  expect_failure(backward("input_grad", {"--dz", path("x.npy"), "--dx", path("dx.npy")}), 2, "input_grad needs --w");
  expect_failure(backward("activation_grad", {"--dy", path("x.npy")}), 2, "is given no file to write");
  expect_failure(backward("weight_grad", {"--combine", "maxout", "--dz", path("x.npy")}), 2,
                 "reads --dy and --kept in its place");
  expect_failure(backward("weight_grad", {"--dy", path("x.npy")}), 2, "for a maxout only");
  EXPECT_EQ(files(), (words{"b.npy", "w.npy", "x.npy"}));
}

TEST_F(run, wrong_arrays) {
  const auto expect = [&](const array& a, const std::string& option, const std::string& part,
                          array_format format = {}) {
    write_array(path("bad.npy"), a, format);
    words line = forward({});
    if (option == "--x" || option == "--w") line[option == "--x" ? 2 : 4] = path("bad.npy");
    else line.insert(line.end(), {option, path("bad.npy")});
    expect_failure(line, 1, part);
  };
  expect(whole_numbers({m, k + 1}, 1), "--x", "makes k 11, but");
  expect(whole_numbers({k}, 1), "--x", "it must be m x k");
  expect(whole_numbers({1, 1, m, k}, 1), "--x", "it must be m x k");
  expect(whole_numbers({0, k}, 1), "--x", "m is 0");
  expect(whole_numbers({n + 1}, 1), "--bias", "it must be one of (37,) or (1, 37), (5, 1), () or (1,), (5, 37)");
  expect(whole_numbers({1, 1, 1, 1}, 1), "--bias", "at most 3 dimensions");
  expect(whole_numbers({m, n - 1}, 1), "--residual", "makes n 36, but");
  expect(whole_numbers({m, k}, 1), "--x", "f16", {GEMMACT_F16});  // W is f32
  expect(whole_numbers({m, k}, 1), "--x", "dtype u4", {GEMMACT_BIT});
  write_array(path("bad.npy"), whole_numbers({2, m, k}, 1));
  write_array(path("bad2.npy"), whole_numbers({3, n, k}, 1));
  expect_failure({"run", "--x", path("bad.npy"), "--w", path("bad2.npy"), "--y", path("y.npy")}, 1,
                 "its batch is not the 2");
  write_file(path("bad.npy"), npy_bytes("<f8", false, {m, k}, std::string(m * k * 8, '\0')));
  expect_failure({"run", "--x", path("bad.npy"), "--w", path("w.npy"), "--y", path("y.npy")}, 1,
                 "float64; nothing is converted unasked");
  write_file(path("bad.npy"), npy_bytes("<f4", true, {2, m, k}, std::string(2 * m * k * 4, '\0')));
  expect_failure({"run", "--x", path("bad.npy"), "--w", path("w.npy"), "--y", path("y.npy")}, 1,
                 "a batch must be in C order");
  write_file(path("bad.npy"), read_file(path("x.npy")).substr(0, 150));
  expect_failure({"run", "--x", path("bad.npy"), "--w", path("w.npy"), "--y", path("y.npy")}, 1, "it is cut off");
  expect_failure({"run", "--x", path("none.npy"), "--w", path("w.npy"), "--y", path("y.npy")}, 1, "No such file");
  expect_failure({"run", "--x", "/dev/zero", "--w", path("w.npy"), "--y", path("y.npy")}, 1, "not a regular file");
  EXPECT_EQ(files(), (words{"b.npy", "bad.npy", "bad2.npy", "w.npy", "x.npy"})) << "a failed run left a file";
}

TEST_F(run, masks_are_checked) {
  const array dy = whole_numbers({m, n}, 24);
  write_array(path("dy.npy"), dy);
  const words line = backward("activation_grad", {"--activation", "relu", "--dy", path("dy.npy"), "--kept",
                                                  path("mask.npy"), "--dz", path("dz.npy")});
  write_array(path("mask.npy"), map(whole_numbers({m, 3}, 1), [](double) { return 1; }), {GEMMACT_BIT});
  expect_failure(line, 1, "a mask of 37 columns has 2 words a row");
  write_array(path("mask.npy"), map(whole_numbers({m, 2}, 1), [](double) { return 1; }), {GEMMACT_BIT, true});
  expect_failure(line, 1, "must be in C order");
  write_array(path("mask.npy"), map(whole_numbers({m + 1, 2}, 1), [](double) { return 1; }), {GEMMACT_BIT});
  expect_failure(line, 1, "makes it 6");
}

TEST_F(run, a_failed_run_leaves_what_was_there) {
  write_file(path("y.npy"), "before");
  write_array(path("x.npy"), whole_numbers({m, k + 1}, 1));
  expect_failure(forward({}), 1, "makes k");
  EXPECT_EQ(read_file(path("y.npy")), "before");
  write_array(path("x.npy"), x);
  // The second of two results cannot be written: the first is not there, either.
  expect_failure(forward({"--activation", "relu", "--kept", path("no/kept.npy")}), 1, "cannot be written");
  EXPECT_EQ(read_file(path("y.npy")), "before");
  expect_failure(forward({"--device", "describe:h100"}), 1, "gemmact: ");
  EXPECT_EQ(read_file(path("y.npy")), "before");
  expect_failure(
      backward("weight_grad", {"--dz", path("b.npy"), "--x", path("x.npy"), "--dw", path("dw.npy"), "--accumulate"}), 1,
      "it must be m x n");
  EXPECT_EQ(files(), (words{"b.npy", "w.npy", "x.npy", "y.npy"}));
}

TEST_F(run, accumulation_needs_what_fits) {
  write_array(path("dz.npy"), whole_numbers({m, n}, 25));
  const words line =
      backward("weight_grad", {"--dz", path("dz.npy"), "--x", path("x.npy"), "--dw", path("dw.npy"), "--accumulate"});
  expect_failure(line, 1, "dw.npy cannot be read: No such file");
  write_array(path("dw.npy"), whole_numbers({n, k + 1}, 1));
  expect_failure(line, 1, "to be added to it must be (37, 11) in C order");
}

}  // namespace
}  // namespace gemmact::test
