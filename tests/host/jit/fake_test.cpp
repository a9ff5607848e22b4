// The way from a text to a kernel with a stand-in for NVRTC (fake_nvrtc.c), wherever there is none.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include "host/core/status.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"

namespace gemmact::jit {
namespace {

class fake : public testing::Test {
 protected:
  compiler_options options_with(const char* variant) const {
    compiler_options options = test::probe_options();
    options.cache_dir = folder / "cache";
    options.nvrtc = std::string(GEMMACT_FAKES "/") + variant + "/libnvrtc.so";
    return options;
  }
  void expect_refused(compiler& compiler, const unit& unit, gemmact_status status, const char* words) {
    try {
      compiler.get(unit);
      ADD_FAILURE() << "not refused: " << words;
    } catch (const core::failure& failure) {
      EXPECT_EQ(failure.status(), status) << failure.message();
      EXPECT_NE(failure.message().find(words), std::string::npos) << failure.message();
    }
  }

  test::temporary_folder folder;
  const unit kernel = test::probe_unit("scale<1>");
};

TEST_F(fake, compiled_then_memory_then_disk) {
  compiler compiler(options_with("plain"));
  const auto made = compiler.get(kernel);
  EXPECT_EQ(made->from, origin::compiled);
  EXPECT_EQ(made->code->cubin, kernel.text);
  EXPECT_EQ(made->code->used, (resources{42, 512, 3}));
  EXPECT_EQ(made->code->compiler, "NVRTC 12.4");
  EXPECT_EQ(compiler.get(kernel)->from, origin::memory);
  EXPECT_EQ(jit::compiler(options_with("plain")).get(kernel)->from, origin::disk);
  EXPECT_NE(compiler.describe().find("compiler: NVRTC 12.4 ("), std::string::npos) << compiler.describe();
}

TEST_F(fake, another_compiler_is_another_key) {
  for (const char* variant : {"plain", "newer", "same_version"}) {
    EXPECT_EQ(compiler(options_with(variant)).get(kernel)->from, origin::compiled) << variant;
    EXPECT_EQ(compiler(options_with(variant)).get(kernel)->from, origin::disk) << variant;
  }
}

TEST_F(fake, what_is_no_use) {
  compiler old(options_with("old")), alone(options_with("no_builtins")), good(options_with("plain"));
  expect_refused(old, kernel, GEMMACT_NO_COMPILER, "NVRTC 12.3 is too old; install NVRTC 12.4 or newer");
  expect_refused(alone, kernel, GEMMACT_NO_COMPILER, "libnvrtc-builtins.so.12.7 cannot be loaded");
  EXPECT_EQ(::dlopen(options_with("no_builtins").nvrtc.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr) << "closed again";
  unit changed = kernel;
  changed.architecture = "sm_90a";
  expect_refused(good, changed, GEMMACT_NO_COMPILER, "NVRTC 12.4 cannot compile for sm_90a, only for sm_80");
  changed = kernel;
  changed.text = "out of memory";
  expect_refused(good, changed, GEMMACT_OUT_OF_MEMORY, "NVRTC has no memory left");
  changed.text = "silence";
  expect_refused(good, changed, GEMMACT_COMPILE_FAILED, "says nothing of its registers");
  changed.text = "nothing";
  expect_refused(good, changed, GEMMACT_COMPILE_FAILED, "a cubin of 0 bytes");
}

TEST_F(fake, a_failure_is_not_kept) {
  compiler_options options = options_with("plain");
  options.dump_dir = folder / "dump";
  compiler compiler(options);
  expect_refused(compiler, kernel, GEMMACT_BAD_FILE, "GEMMACT_DUMP_SOURCE");
  std::filesystem::create_directory(options.dump_dir);
  EXPECT_EQ(compiler.get(kernel)->from, origin::compiled);
  EXPECT_NE(test::read_bytes(options.dump_dir + "/probe.cu").find("GEMMACT_ENTRY(probe, "), std::string::npos);
}

TEST_F(fake, packs_are_not_blamed_where_they_are_not_read) {
  compiler_options options = options_with("plain");
  options.nvrtc = test::no_such_library;
  options.dump_dir = folder / "";
  compiler compiler(options);
  expect_refused(compiler, kernel, GEMMACT_NO_COMPILER,
                 "kernel probe for sm_80 must be compiled, because GEMMACT_DUMP_SOURCE is set: NVRTC cannot be loaded");
}

TEST_F(fake, what_it_compiles_for) {
  compiler good(options_with("plain")), old(options_with("old"));
  EXPECT_TRUE(good.compiles_for("sm_80"));
  EXPECT_TRUE(good.compiles_for("sm_89a"));
  EXPECT_FALSE(good.compiles_for("sm_90"));
  EXPECT_FALSE(old.compiles_for("sm_80"));
}

// find() compiles nothing and says what was wrong, once.
TEST_F(fake, notes_of_what_is_not_there) {
  compiler_options options = options_with("plain");
  test::write_bytes(options.cache_dir, "a file");
  compiler compiler(options);
  std::string note;
  EXPECT_EQ(compiler.find(kernel, &note), nullptr);
  EXPECT_NE(note.find("Not a directory"), note.npos) << note;
  const std::string once = note;
  EXPECT_EQ(compiler.find(kernel, &note), nullptr);
  EXPECT_EQ(note, once);
  compiler.get(kernel);
  std::string later;
  EXPECT_NE(compiler.find(kernel, &later), nullptr);
  EXPECT_NE(later.find("Not a directory"), later.npos) << later;
}

TEST_F(fake, a_cache_that_does_not_keep_says_why_and_kernels_come) {
  compiler_options options = options_with("plain");
  test::write_bytes(options.cache_dir, "a file");
  compiler compiler(options);
  const auto made = compiler.get(kernel);
  EXPECT_EQ(made->from, origin::compiled);
  EXPECT_NE(made->note.find("Not a directory"), std::string::npos) << made->note;
  EXPECT_NE(compiler.describe().find("kernel cache: not used: "), std::string::npos) << compiler.describe();
}

TEST(environment, where_kernels_are_kept) {
  const auto with = [](const char* chosen, const char* shared, const char* home) {
    ::setenv("GEMMACT_CACHE_DIR", chosen, 1);
    ::setenv("XDG_CACHE_HOME", shared, 1);
    ::setenv("HOME", home, 1);
    const compiler_options options = compiler_options::from_environment();
    return options.cache_dir.empty() ? options.cache_off_reason : options.cache_dir;
  };
  EXPECT_EQ(with("/a", "/b", "/c"), "/a");
  EXPECT_EQ(with("", "/b", "/c"), "/b/gemmact");
  EXPECT_EQ(with("", "", "/c"), "/c/.cache/gemmact");
  EXPECT_EQ(with("off", "/b", "/c"), "GEMMACT_CACHE_DIR is off");
  EXPECT_EQ(with("", "", ""), "none of GEMMACT_CACHE_DIR, XDG_CACHE_HOME and HOME is set");
  ::setenv("GEMMACT_PACK", ":/a.pack::/b.pack:", 1);
  EXPECT_EQ(compiler_options::from_environment().packs, (std::vector<std::string>{"/a.pack", "/b.pack"}));
  ::unsetenv("GEMMACT_PACK");
}

}  // namespace
}  // namespace gemmact::jit
