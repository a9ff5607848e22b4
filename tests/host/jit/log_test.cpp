// The log of a compile: what makes a kernel unfit, and its resources.
#include <gtest/gtest.h>

#include "host/jit/compile_log.hpp"

namespace gemmact::jit {
namespace {

constexpr char clean[] =
    "ptxas info    : 0 bytes gmem\n"
    "ptxas info    : Compiling entry function 'forward_error_warning' for 'sm_90a'\n"
    "ptxas info    : Function properties for forward_error_warning\n"
    "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
    "ptxas info    : Used 168 registers, used 12 barriers, 4096 bytes smem\n"
    "ptxas info    : Compile time = 22.605 ms\n";

TEST(log, a_clean_one) {
  EXPECT_EQ(complaints(clean), "");
  EXPECT_EQ(complaints(""), "");
  resources used;
  EXPECT_TRUE(read_resources(clean, used));
  EXPECT_EQ(used, (resources{168, 4096, 12}));
  used = {};
  EXPECT_TRUE(read_resources("ptxas info    : Used 40 registers\n", used));
  EXPECT_EQ(used, (resources{40, 0, 0}));
  EXPECT_FALSE(read_resources("ptxas info    : Compile time = 22.605 ms\n", used));
}

TEST(log, each_flaw_is_found) {
  for (const char* line : {
           "    8 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads",
           "ptxas         .     304 bytes stack frame, 344 bytes spill stores, 376 bytes spill loads",
           "    0 bytes stack frame, 4 bytes spill stores, 0 bytes spill loads",
           "    0 bytes stack frame, 0 bytes spill stores, 12 bytes spill loads",
           "ptxas info    : Used 96 registers, used 1 barriers, 336 bytes cumulative stack size",
           "ptxas warning : Registers are spilled to local memory in function 'f', 660 bytes spill stores",
           "ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async instructions are serialized due to ...",
           "ptxas info    : (C7508) setmaxnreg ignored to maintain minimum register requirements.",
           "ptxas fatal   : (C7602) Insufficient registers",
           "kernels/a.cuh(12): warning #177-D: variable \"x\" was declared but never referenced",
           "kernels/a.cuh(12): error: identifier \"x\" is undefined",
       }) {
    EXPECT_NE(complaints(std::string(clean) + line + "\n"), "") << line;
    EXPECT_NE(complaints(line), "") << line;
  }
}

TEST(log, an_error_stands_alone_and_many_are_cut) {
  EXPECT_EQ(complaints("a(1): warning #1: w\na(2): error: e\n\n1 error detected in the compilation of \"a\".\n"),
            "a(2): error: e");
  std::string many;
  for (int i = 0; i < 9; ++i) many += "  a(1): error: e\n";
  EXPECT_EQ(complaints(many), "a(1): error: e; a(1): error: e; a(1): error: e; a(1): error: e; and more");
  EXPECT_LT(complaints("error " + std::string(100000, 'x')).size(), 1000u);
}

}  // namespace
}  // namespace gemmact::jit
