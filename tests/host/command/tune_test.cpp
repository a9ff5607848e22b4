// gemmact tune: its list of shapes, and the whole way over a driver that needs no GPU.
#include <cstdlib>
#include <filesystem>

#include "host/api/command/failures.hpp"
#include "host/api/command/shape_list.hpp"
#include "host/jit/nvrtc.hpp"
#include "tests/host/command/command_support.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

using api::parse_shapes;

TEST(shape_lists, of_the_benchmark) {
  for (const char* list : {"squares_gpu", "gpt_layers", "llm_layers", "small_mlp_mnist", "awkward"}) {
    const std::string path = std::string(GEMMACT_SOURCE_FOLDER) + "/bench/shapes/" + list + ".csv";
    const auto shapes = api::read_shapes(path);
    EXPECT_GT(shapes.size(), 2u) << list;
    for (const api::listed_shape& s : shapes) {
      EXPECT_FALSE(s.name.empty());
      EXPECT_TRUE(s.type);
    }
  }
}

TEST(shape_lists, columns_in_any_order) {
  const auto shapes = parse_shapes("source,K,\"n\",M,name\r\n\"a, \"\"b\"\", c\",3,2,1,one\r\n\r\nd,6,5,4,\n", "f.csv");
  ASSERT_EQ(shapes.size(), 2u);
  EXPECT_EQ(shapes[0].name, "one");
  EXPECT_EQ(shapes[0].m * 100 + shapes[0].n * 10 + shapes[0].k, 123);
  EXPECT_EQ(shapes[1].m * 100 + shapes[1].n * 10 + shapes[1].k, 456);
  EXPECT_FALSE(shapes[0].type);
  const auto typed = parse_shapes("m,n,k,dtype\n1,1,1,tf32\n1,1,1,bf16", "f.csv");
  EXPECT_EQ(typed[0].type, GEMMACT_F32);
  EXPECT_TRUE(typed[0].tf32);
  EXPECT_EQ(typed[1].type, GEMMACT_BF16);
  EXPECT_FALSE(typed[1].tf32);
}

TEST(shape_lists, of_a_spreadsheet) {
  const auto shapes = parse_shapes("\xef\xbb\xbfm, n,k , dtype,name\r\n1, 2 ,\t3, f16,  \r\n", "f.csv");
  ASSERT_EQ(shapes.size(), 1u);
  EXPECT_EQ(shapes[0].m * 100 + shapes[0].n * 10 + shapes[0].k, 123);
  EXPECT_EQ(shapes[0].type, GEMMACT_F16);
  EXPECT_EQ(shapes[0].name, "");
}

TEST(shape_lists, that_are_wrong) {
  const auto says = [](const std::string& text, const std::string& part) {
    try {
      parse_shapes(text, "f.csv");
      ADD_FAILURE() << text;
    } catch (const api::run_error& e) {
      expect_part(e.what(), part);
    }
  };
  says("", "f.csv has no shape");
  says("m,n,k\n", "f.csv has no shape");
  says("m,n\n1,2\n", "f.csv:1: there is no column k; columns are separated by commas, and here they are \"m\", \"n\"");
  says("m;n;k\n1;2;3\n", "here they are \"m;n;k\"");
  says("m,n,k,N\n1,2,3,4\n", "f.csv:1: the column n is there twice");
  says("m,n,k\n1,2,3\n\n1,2\n", "f.csv:4: it has 2 fields, and the heading 3");
  for (const char* wrong : {"", "0", "-1", "1.5", "3x", "1 3", "99999999999999999999"})
    says(std::string("m,n,k\n1,2,3\n1,") + wrong + ",3\n",
         std::string("f.csv:3: n is \"") + wrong + "\"; it must be a whole number of at least 1");
  says("m,n,k,dtype\n1,2,3,f64\n", "f.csv:2: dtype is \"f64\"; it must be f32, tf32, f16, bf16 or e4m3");
  says("m,n,k\n1,2,\"3\n", "f.csv:2: a double quote is not closed");
}

const std::vector<std::string> layer{"tune", "--m", "64", "--n", "64", "--k", "64"};

std::vector<std::string> with(std::vector<std::string> first, const std::vector<std::string>& more) {
  first.insert(first.end(), more.begin(), more.end());
  return first;
}

class tune_command : public scratch_test {
 protected:
  void SetUp() override {
    scratch_test::SetUp();
    ::setenv("GEMMACT_CACHE_DIR", path("cache").c_str(), 1);
    ::setenv("FAKE_CUDA_L2_BYTES", "4096", 1);
  }
  void TearDown() override {
    for (const char* name : {"GEMMACT_CACHE_DIR", "FAKE_CUDA_L2_BYTES", "FAKE_CUDA_DEVICES", "GEMMACT_PLAN"})
      ::unsetenv(name);
    scratch_test::TearDown();
  }
};

TEST_F(tune_command, wrong_options) {
  expect_failure({"tune"}, 2, "--m is 0 or not given");
  expect_failure(with(layer, {"--shapes", "x.csv"}), 2, "--shapes is given, and so is --m, --n or --k");
  expect_failure(with(layer, {"--budget-ms", "-1"}), 2, "--budget-ms is -1; it must be at least 0");
  expect_failure(with(layer, {"--device", "cpu"}), 2, "--device is cpu; its kernels are not chosen by time");
  expect_failure(with(layer, {"--device", "describe:h100"}), 1, "describe:h100 is only described");
  expect_failure({"tune", "--shapes", path("none.csv")}, 1, "none.csv cannot be read");
  write_file(path("bad.csv"), "m,n,k\n1,2,x\n");
  expect_failure({"tune", "--shapes", path("bad.csv")}, 1, "bad.csv:2: k is \"x\"");
}

TEST_F(tune_command, without_a_gpu) {
  ::setenv("FAKE_CUDA_DEVICES", "0", 1);
  expect_failure(layer, 1, "device \"cuda:0\" cannot be opened: the driver is here, but it has no device");
}

// Real kernels, which this driver takes ten microseconds for.
TEST_F(tune_command, the_whole_way) {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    ASSERT_EQ(failure.status(), GEMMACT_NO_COMPILER) << failure.what();
    GTEST_SKIP() << failure.what();
  }
  // One configuration, so that little is compiled: the one that explain names.
  const std::vector<std::string> same{"--m", "64", "--n", "64", "--k", "64", "--activation", "relu"};
  std::string text = run_command(with({"explain", "--device", "cuda:0"}, same)).out;
  const size_t begin = text.find("; tile ", text.find("\n  gemm_simt: ")) + 7;
  const std::string tile = text.substr(begin, text.find(',', begin) - begin);
  ::setenv("GEMMACT_PLAN", ("gemm_simt:" + tile).c_str(), 1);
  write_file(path("two.csv"), "name,m,n,k\nfirst,64,64,64\nsecond,64,64,128\n");
  const outcome tuned =
      run_command({"tune", "--shapes", path("two.csv"), "--activation", "relu", "--budget-ms", "0", "--all"});
  EXPECT_EQ(tuned.status, 0) << tuned.err;
  expect_part(tuned.out, "[1/2] first: m 64, n 64, k 64, f32\n  * gemm_simt " + tile);
  expect_part(tuned.out, " 10.00 us (10.00 to 10.00, 6 runs)  0.05243 TFLOP/s, the model said ");
  expect_part(tuned.out, " us\n    cuBLASLt product alone  ");
  expect_part(tuned.out, " 12.00 us (12.00 to 12.00, 6 runs)  0.04369 TFLOP/s\n    cuBLASLt own epilogue  ");
  expect_part(tuned.out, " 22.00 us (22.00 to 22.00, 6 runs)  0.02383 TFLOP/s\n[2/2] second: m 64, n 64, k 128, f32\n");
  text = run_command(with({"explain", "--device", "cuda:0"}, same)).out;
  expect_part(text, "; tuned, measured 10 us (10 to 10, 6 runs)");
  // The command is there for what it keeps: that it keeps nothing is told, and is a failure.
  const auto expect_not_kept = [&](const std::string& why) {
    const outcome lost = run_command(with({"tune", "--budget-ms", "0"}, same));
    EXPECT_EQ(lost.status, 1);
    expect_part(lost.out, "  * gemm_simt " + tile);
    expect_part(lost.out, "\n    the times are not kept: " + why);
    EXPECT_EQ(lost.err, "gemmact: the times of 1 of 1 layers are not kept\n");
  };
  ::setenv("GEMMACT_CACHE_DIR", "off", 1);
  expect_not_kept("GEMMACT_CACHE_DIR is off");
  std::filesystem::permissions(path("cache"), std::filesystem::perms::all);
  ::setenv("GEMMACT_CACHE_DIR", path("cache").c_str(), 1);
  expect_not_kept("the cache's directory ");
}

// A row has the type and the compute mode that it names, or else the command line's, whatever the rows before it had.
TEST_F(tune_command, rows_of_several_types) {
  const auto layers = [&](const std::vector<std::string>& more) {
    write_file(path("types.csv"), "m,n,k,dtype\n64,64,64,f32\n64,64,64,tf32\n64,64,64,f32\n64,64,64,bf16\n");
    const outcome result = run_command(with({"tune", "--shapes", path("types.csv"), "--budget-ms", "0"}, more));
    EXPECT_EQ(result.status, 1);
    expect_part(result.err, "gemmact: ");
    return result.out;
  };
  // Of these tiles there is none: no kernel is compiled, and the answer says which mode was asked for.
  const std::string strict = "tensor cores round f32 operands to tf32, which only the compute mode TF32 allows";
  ::setenv("GEMMACT_PLAN", "gemm_sm80:1x1x1", 1);
  std::string text = layers({});
  const size_t second = text.find("[2/4] m 64, n 64, k 64, tf32\n"), third = text.find("[3/4] m 64, n 64, k 64, f32\n"),
               fourth = text.find("[4/4] m 64, n 64, k 64, bf16\n");
  ASSERT_LT(second, third) << text;
  ASSERT_LT(third, fourth) << text;
  ASSERT_NE(fourth, text.npos) << text;
  expect_part(text.substr(0, second), strict);
  EXPECT_EQ(text.substr(second, third - second).find(strict), text.npos) << text;
  expect_part(text.substr(third, fourth - third), strict);
  text = layers({"--compute", "tf32"});
  expect_part(text, "[1/4] m 64, n 64, k 64, tf32\n");
  expect_part(text, "[3/4] m 64, n 64, k 64, tf32\n");
  EXPECT_EQ(text.find(strict), text.npos) << text;
}

TEST_F(tune_command, one_bad_shape_does_not_end_the_list) {
  write_file(path("some.csv"), "m,n,k\n20000000,1,20000000\n64,64,64\n");
  ::setenv("GEMMACT_PLAN", "gemm_simt:1x1x1", 1);
  const outcome result = run_command({"tune", "--shapes", path("some.csv")});
  EXPECT_EQ(result.status, 1);
  expect_part(result.out,
              "[1/2] m 20000000, n 1, k 20000000, f32\n    not tuned: out of memory on the host\n[2/2] m 64");
  expect_part(result.err, "gemmact: 2 of 2 layers could not be tuned");
}

// What is wrong with every row is wrong with the command line; what is wrong with some is told beside them.
TEST_F(tune_command, options_that_rows_refuse) {
  write_file(path("two.csv"), "m,n,k,dtype\n64,64,64,f32\n64,64,64,bf16\n");
  const std::vector<std::string> both{"tune", "--shapes", path("two.csv")};
  expect_failure(with(both, {"--activation", "gleu"}), 2, "did you mean");
  expect_failure(with(both, {"--keep", "index"}), 2, "only a maxout has a winner");
  write_file(path("huge.csv"), "m,n,k\n4000000000,4000000000,1\n64,64,64\n");
  ::setenv("GEMMACT_PLAN", "gemm_simt:1x1x1", 1);
  const outcome result = run_command({"tune", "--shapes", path("huge.csv"), "--batch", "2"});
  EXPECT_EQ(result.status, 1);
  expect_part(result.out,
              "f32\n    not tuned: a matrix of 4000000000 x 4000000000 has more elements than fit in 63 bits\n");
  expect_part(result.out, "[2/2] m 64, n 64, k 64, f32\n    not tuned: ");
}

TEST_F(tune_command, what_cannot_be_tuned_is_told) {
  write_file(path("two.csv"), "m,n,k\n64,64,64\n64,64,128\n");
  const outcome result = run_command({"tune", "--shapes", path("two.csv"), "--operation", "weight_grad", "--bias", "row"});
  EXPECT_EQ(result.status, 1);
  expect_part(result.out,
              "[2/2] m 64, n 64, k 128, f32\n    not tuned: no kernel family takes this problem on Fake GPU");
  EXPECT_EQ(result.err, "gemmact: 2 of 2 layers could not be tuned\n");
}

}  // namespace
}  // namespace gemmact::test
