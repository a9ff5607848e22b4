// `gemmact run` refuses: wrong command lines, wrong arrays, results that cannot be written. Nothing is left behind.
#include <sys/stat.h>

#include "host/api/command/failures.hpp"
#include "host/api/command/output.hpp"
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
  expect_failure(forward({"--bias", ""}), 2, "--bias is given no file");
  expect_failure(backward("input_grad", {"--dz", path("x.npy"), "--dx", path("dx.npy")}), 2, "input_grad needs --w");
  expect_failure(backward("activation_grad", {"--dy", path("x.npy")}), 2, "is given no file to write");
  expect_failure(backward("weight_grad", {"--combine", "maxout", "--dz", path("x.npy")}), 2,
                 "reads --dy and --kept in its place");
  expect_failure(backward("weight_grad", {"--dy", path("x.npy")}), 2, "for a maxout only");
  EXPECT_EQ(files(), (words{"b.npy", "w.npy", "x.npy"}));
}

// Whatever is missing is told by its option.
TEST_F(run, missing_inputs) {
  write_array(path("z.npy"), whole_numbers({m, n}, 1));
  const std::string zs = path("z.npy"), xs = path("x.npy"), ws = path("w.npy");
  const auto backward_misses = [&](const std::string& operation, const words& more, const std::string& part) {
    expect_failure(backward(operation, more), 2, part);
  };
  expect_failure(forward({"--combine", "gated"}), 2, "one more --w is missing: W[1]");
  expect_failure(forward({"--activation", "hinge"}), 2, "--target is missing: TARGET");
  expect_failure(forward({"--keep", "z"}), 2, "--kept is missing: KEPT");
  expect_failure(forward({"--combine", "maxout"}), 2,
                 "forward of a maxout needs --w once for each of its 2 to 8 pieces");
  expect_failure(forward({"--combine", "maxout", "--w", ws, "--pieces", "3"}), 2, "one more --w is missing: W[2]");
  words nine{"--combine", "maxout"};
  for (int i = 1; i < 9; ++i) nine.insert(nine.end(), {"--w", ws});
  expect_failure(forward(nine), 2, "--w is given 9 times, but a maxout has 2 to 8 pieces");
  backward_misses("activation_grad", {"--dz", path("dz.npy")}, "activation_grad needs --dy");
  backward_misses("activation_grad", {"--dy", zs, "--dbias", path("db.npy")}, "--dz is missing: DZ");
  backward_misses("activation_grad", {"--activation", "relu", "--dy", zs, "--dz", path("dz.npy")},
                  "--kept is missing: KEPT");
  backward_misses("activation_grad", {"--combine", "maxout", "--dy", zs, "--dz", path("dz.npy")},
                  "activation_grad of a maxout needs --dz (or --dbias) once for each");
  backward_misses("input_grad", {"--dz", zs, "--w", ws, "--below", "relu", "--below-dz", path("dz.npy")},
                  "--below-kept is missing: BELOW|KEPT");
  backward_misses("input_grad", {"--dz", zs, "--w", ws, "--below", "relu", "--dx", path("dx.npy")},
                  "--below-dz is missing: BELOW|DZ");
  backward_misses("input_grad",
                  {"--dz", zs, "--w", ws, "--below", "hinge", "--below-dz", path("dz.npy"), "--below-kept", xs},
                  "--below-target is missing: BELOW|TARGET");
  backward_misses("weight_grad", {"--dz", zs, "--x", xs, "--dbias", path("db.npy")}, "--dw is missing: DW");
  backward_misses("weight_grad", {"--combine", "maxout", "--dy", zs, "--x", xs, "--dw", path("dw.npy")},
                  "weight_grad of a maxout needs --dw once for each");
  EXPECT_EQ(files(), (words{"b.npy", "w.npy", "x.npy", "z.npy"}));
}

// What has no values is refused before any size is concluded from it.
TEST_F(run, empty_dimensions) {
  struct case_of {
    std::vector<int64_t> x, w;
    std::string part;
  };
  for (const case_of& c : {case_of{{4000000, 0}, {2, 0}, "x0.npy (--x) has shape (4000000, 0); a layer has no empty"},
                           case_of{{4, 0}, {2, 0}, "x0.npy (--x) has shape (4, 0); a layer has no empty dimension"},
                           case_of{{4, 3}, {0, 3}, "w0.npy (--w) has shape (0, 3); a layer has no empty dimension"},
                           case_of{{0, 3}, {2, 3}, "x0.npy (--x) has shape (0, 3); a layer has no empty dimension"},
                           case_of{{0, 4, 3}, {2, 3}, "x0.npy (--x) has shape (0, 4, 3); a layer has no empty"},
                           case_of{{4, 3}, {0, 2, 3}, "w0.npy (--w) has shape (0, 2, 3); a layer has no empty"}}) {
    write_array(path("x0.npy"), whole_numbers(c.x, 1));
    write_array(path("w0.npy"), whole_numbers(c.w, 1));
    expect_failure({"run", "--x", path("x0.npy"), "--w", path("w0.npy"), "--y", path("y.npy")}, 1, c.part);
  }
  write_array(path("b0.npy"), whole_numbers({0}, 1));
  expect_failure(forward({"--bias", path("b0.npy")}), 1,
                 "b0.npy (--bias) has shape (0,); a layer has no empty dimension");
  EXPECT_EQ(files(), (words{"b.npy", "b0.npy", "w.npy", "w0.npy", "x.npy", "x0.npy"}));
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
  expect(whole_numbers({0, k}, 1), "--x", "no empty dimension");
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

// The name of a second file turns into a folder's while the files are written: the message tells what is there already.
TEST_F(run, a_name_that_cannot_be_given) {
  try {
    api::output_files out;
    out.write(path("first"), "1");
    out.write(path("second"), "2");
    ASSERT_EQ(mkdir(path("second").c_str(), 0700), 0);
    out.commit();
    ADD_FAILURE() << "a folder was replaced";
  } catch (const api::run_error& e) {
    EXPECT_NE(std::string(e.what()).find("second cannot be written: "), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("; written: " + path("first")), std::string::npos) << e.what();
  }
  EXPECT_EQ(read_file(path("first")), "1");
  EXPECT_EQ(files(), (words{"b.npy", "first", "second", "w.npy", "x.npy"}));
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
