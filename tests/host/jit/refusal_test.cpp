// What is refused, and in which words.
#include <gtest/gtest.h>

#include "host/core/status.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"

namespace gemmact::jit {
namespace {

// What `options` say to `unit` must have this status and all of these words.
void expect_refused(const compiler_options& options, const unit& unit, gemmact_status status,
                    std::initializer_list<const char*> words) {
  try {
    compiler(options).get(unit);
    ADD_FAILURE() << unit.name << " was not refused";
  } catch (const core::failure& failure) {
    EXPECT_EQ(failure.status(), status) << failure.message();
    EXPECT_EQ(failure.message().find('\n'), std::string::npos) << failure.message();
    for (const char* word : words)
      EXPECT_NE(failure.message().find(word), std::string::npos) << word << ": " << failure.message();
  }
}

TEST(refusal, no_nvrtc_says_what_to_install) {
  compiler_options options = test::probe_options();
  options.nvrtc = test::no_such_library;
  expect_refused(options, test::probe_unit("scale<1>", "lonely"), GEMMACT_NO_COMPILER,
                 {"lonely", "sm_80", test::no_such_library, "cuda-nvrtc-12-x", "nvidia-cuda-nvrtc", "GEMMACT_PACK"});
  const std::string described = compiler(options).describe();
  EXPECT_NE(described.find("compiler: none"), std::string::npos) << described;
  EXPECT_NE(described.find("kernel cache: none: a test"), std::string::npos) << described;
}

TEST(refusal, a_library_that_is_no_nvrtc) {
  compiler_options options = test::probe_options();
  options.nvrtc = "libc.so.6";
  expect_refused(options, test::probe_unit("scale<1>"), GEMMACT_NO_COMPILER, {"libc.so.6 is no NVRTC"});
}

TEST(refusal, an_error_in_a_text) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  expect_refused(test::probe_options(), test::probe_unit("wrong", "wrong_kernel"), GEMMACT_COMPILE_FAILED,
                 {"kernel wrong_kernel for sm_80 does not compile", "tests/host/jit/wrong.cuh(", "no_such_function"});
  unit missing = test::probe_unit("scale<1>");
  missing.text = "#include \"kernels/none.cuh\"\n";
  expect_refused(test::probe_options(), missing, GEMMACT_COMPILE_FAILED,
                 {"cannot open source file \"kernels/none.cuh\""});
}

// Planted: each must be found, and found by its own words.
TEST(refusal, spills_stack_frames_and_warnings) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  expect_refused(test::probe_options(), test::probe_unit("spills"), GEMMACT_COMPILE_FAILED,
                 {"does not compile cleanly", "Registers are spilled", "bytes spill stores"});
  expect_refused(test::probe_options(), test::probe_unit("stack"), GEMMACT_COMPILE_FAILED,
                 {"does not compile cleanly", "1024 bytes stack frame, 0 bytes spill stores"});
  expect_refused(test::probe_options(), test::probe_unit("warns"), GEMMACT_COMPILE_FAILED,
                 {"does not compile cleanly", "warning", "nobody_reads_this"});
}

TEST(refusal, the_host_believes_something_else_of_a_kernel) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const auto with = [](uint32_t threads, uint32_t shared_bytes, uint32_t params_bytes) {
    return unit{
        "probe",
        make_unit_text({{"tests/host/jit/probe.cuh"}, "probe::scale<2>", "probe", threads, shared_bytes, params_bytes}),
        "sm_80"};
  };
  EXPECT_NE(compiler(test::probe_options()).get(with(128, 1024, 16)), nullptr);
  expect_refused(test::probe_options(), with(256, 1024, 16), GEMMACT_COMPILE_FAILED, {"threads of a block"});
  expect_refused(test::probe_options(), with(128, 1040, 16), GEMMACT_COMPILE_FAILED, {"dynamic shared memory"});
  expect_refused(test::probe_options(), with(128, 1024, 24), GEMMACT_COMPILE_FAILED, {"the argument's bytes"});
}

TEST(refusal, an_architecture_that_nobody_knows) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  expect_refused(test::probe_options(), test::probe_unit("scale<1>", "probe", "sm_999"), GEMMACT_NO_COMPILER,
                 {"cannot compile for sm_999", "sm_90"});
  expect_refused(test::probe_options(), test::probe_unit("scale<1>", "probe", "compute_80"), GEMMACT_INTERNAL,
                 {"compute_80"});
}

TEST(refusal, a_dump_that_cannot_be_written) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  compiler_options options = test::probe_options();
  options.dump_dir = "/nonexistent/folder";
  expect_refused(options, test::probe_unit("scale<1>"), GEMMACT_BAD_FILE,
                 {"GEMMACT_DUMP_SOURCE", "/nonexistent/folder/probe.cu", "No such file"});
}

TEST(refusal, names_that_are_no_names) {
  EXPECT_THROW(compiler(test::probe_options()).get({"../up", "text", "sm_80"}), core::failure);
  EXPECT_THROW(compiler(test::probe_options()).get({"", "text", "sm_80"}), core::failure);
}

TEST(refusal, a_pack_that_is_not_there) {
  compiler_options options = test::probe_options();
  options.packs = {"/nonexistent/my.pack"};
  expect_refused(options, test::probe_unit("scale<1>"), GEMMACT_BAD_FILE, {"/nonexistent/my.pack", "No such file"});
}

}  // namespace
}  // namespace gemmact::jit
