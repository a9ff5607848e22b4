// From text to a cubin and back from memory, disk and packs. What a compile costs is asserted loosely: a shared machine may
// be ten times slower than the figures that docs have.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "host/core/status.hpp"
#include "host/jit/pack_writer.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/support/cubin.hpp"

namespace gemmact::jit {
namespace {

compiler_options options_in(const test::temporary_folder& folder) {
  compiler_options options = test::probe_options();
  options.cache_dir = folder / "cache";
  return options;
}

TEST(compiling, a_unit_becomes_a_cubin_for_each_architecture) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  compiler compiler(test::probe_options());
  for (const char* architecture : {"sm_80", "sm_89", "sm_90a"}) {
    const auto made = compiler.get(test::probe_unit("features", "features_entry", architecture));
    EXPECT_EQ(made->from, origin::compiled);
    EXPECT_LT(made->milliseconds, 10000) << "well under 1 s on a machine that does nothing else";
    EXPECT_EQ(made->code->name, "features_entry");
    EXPECT_EQ(made->code->architecture, architecture);
    EXPECT_GT(made->code->used.registers, 4u);
    EXPECT_LT(made->code->used.registers, 64u);
    EXPECT_EQ(made->code->used.shared_bytes, 512u);
    EXPECT_EQ(made->code->used.barriers, 1u);
    const test::cubin cubin(made->code->cubin);
    EXPECT_EQ(std::to_string(cubin.architecture()), std::string(architecture).substr(3, 2));
    EXPECT_EQ(cubin.kernels(), std::vector<std::string>{"features_entry"});
    const test::opcode_counts counts = cubin.count("features_entry");
    EXPECT_EQ(counts[test::opcode::mufu], 1);
    EXPECT_EQ(counts[test::opcode::ldg], 1);
    EXPECT_EQ(cubin.wide("features_entry", test::opcode::ldg), 1) << "a float4 is one load of 16 bytes";
    EXPECT_EQ(counts[test::opcode::stg], 1);
    EXPECT_EQ(counts[test::opcode::sts], 1);
    EXPECT_EQ(counts[test::opcode::lds], 1);
    EXPECT_EQ(counts[test::opcode::bar], 1);
    EXPECT_EQ(counts.local_memory(), 0);
    EXPECT_EQ(counts.calls(), 0);
    EXPECT_EQ(counts[test::opcode::hmma], 0);
  }
}

// Under NVRTC, as headers.sh has it for the host's compiler.
TEST(compiling, each_embedded_header_compiles_alone) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  compiler compiler(test::probe_options());
  for (const header& h : embedded_headers()) {
    if (h.name.ends_with("/device.cuh")) continue;  // the lower half of a face, which alone includes it
    const std::string include = "#include \"" + std::string(h.name) + "\"\n";
    try {
      compiler.get({"alone", include + include + "extern \"C\" __global__ void alone() {}\n", "sm_90a"});
    } catch (const core::failure& failure) {
      ADD_FAILURE() << h.name << ": " << failure.message();
    }
  }
}

TEST(compiling, memory_then_disk) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const test::temporary_folder folder;
  const unit unit = test::probe_unit("scale<3>");
  std::shared_ptr<const binary> made;
  {
    compiler first(options_in(folder));
    EXPECT_EQ(first.find(unit), nullptr) << "find() never compiles";
    made = first.get(unit);
    EXPECT_EQ(made->from, origin::compiled);
    EXPECT_EQ(made->note, "");
    const auto again = first.get(unit);
    EXPECT_EQ(again->from, origin::memory);
    EXPECT_EQ(again->code, made->code);
    EXPECT_EQ(first.find(unit)->from, origin::memory);
  }
  ASSERT_EQ(folder.files_with(".kernel").size(), 1u);
  compiler second(options_in(folder));
  const auto found = second.find(unit);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->from, origin::disk);
  const auto loaded = second.get(unit);
  EXPECT_EQ(loaded->from, origin::disk);
  EXPECT_TRUE(test::same(*loaded->code, *made->code));
  EXPECT_LT(loaded->milliseconds, 100) << "10 ms on a machine that does nothing else";
  RecordProperty("compile_ms", std::to_string(made->milliseconds));
  RecordProperty("disk_ms", std::to_string(loaded->milliseconds));
}

TEST(compiling, a_damaged_file_is_compiled_anew_and_replaced) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const test::temporary_folder folder;
  const unit unit = test::probe_unit("scale<4>");
  compiler(options_in(folder)).get(unit);
  const std::string file = folder.files_with(".kernel").at(0), whole = test::read_bytes(file);
  std::string damaged = whole;
  damaged[damaged.size() / 2] ^= 4;
  test::write_bytes(file, damaged);
  const auto made = compiler(options_in(folder)).get(unit);
  EXPECT_EQ(made->from, origin::compiled);
  EXPECT_NE(made->note.find("is damaged"), std::string::npos) << made->note;
  EXPECT_EQ(test::read_bytes(file).size(), whole.size());
  EXPECT_EQ(compiler(options_in(folder)).get(unit)->from, origin::disk);
}

// Text, name, architecture and headers each make another kernel; so do a compiler's identity and flags, by construction of
// the key (compiler.cpp), which the dump's path stands in for here.
TEST(compiling, each_component_of_the_key_counts) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const test::temporary_folder folder;
  const unit unit = test::probe_unit("scale<5>");
  compiler_options options = options_in(folder);
  compiler(options).get(unit);
  auto expect_compiled = [&](const compiler_options& with, jit::unit wanted, const char* what) {
    EXPECT_EQ(compiler(with).get(wanted)->from, origin::compiled) << what;
    EXPECT_EQ(compiler(with).get(wanted)->from, origin::disk) << what;
  };
  expect_compiled(options, test::probe_unit("scale<6>"), "the text");
  expect_compiled(options, test::probe_unit("scale<5>", "other_name"), "the name");
  expect_compiled(options, test::probe_unit("scale<5>", "probe", "sm_89"), "the architecture");
  compiler_options other_headers = options;
  const std::string changed = std::string(other_headers.headers.back().text) + "// changed\n";
  other_headers.headers.back().text = changed;
  expect_compiled(other_headers, unit, "a header's text");
  compiler_options dumped = options;
  dumped.dump_dir = folder / "";
  expect_compiled(dumped, unit, "the file that line information names");
  EXPECT_EQ(compiler(options).get(unit)->from, origin::disk) << "the first is still there";
}

TEST(compiling, sixteen_threads_compile_once) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  compiler compiler(test::probe_options());
  const unit unit = test::probe_unit("scale<7>"), bad = test::probe_unit("wrong");
  std::vector<std::shared_ptr<const binary>> got(16);
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (auto& mine : got)
    threads.emplace_back([&] {
      mine = compiler.get(unit);
      try {
        compiler.get(bad);
      } catch (const core::failure& failure) {
        refused += failure.status() == GEMMACT_COMPILE_FAILED;
      }
    });
  for (std::thread& thread : threads) thread.join();
  int compiled = 0;
  for (const auto& mine : got) {
    compiled += mine->from == origin::compiled;
    EXPECT_EQ(mine->code, got[0]->code);
  }
  EXPECT_EQ(compiled, 1);
  EXPECT_EQ(refused, 16);
}

TEST(compiling, a_pack_serves_where_there_is_no_nvrtc) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const test::temporary_folder folder;
  const unit unit = test::probe_unit("scale<8>");
  compiler with_nvrtc(test::probe_options());
  const auto made = with_nvrtc.get(unit);
  pack_writer writer;
  writer.add(with_nvrtc.pack_key(unit), *made->code);
  writer.write(folder / "my.pack");

  compiler_options without = test::probe_options();
  without.nvrtc = test::no_such_library;
  EXPECT_EQ(compiler(without).find(unit), nullptr);
  without.packs = {folder / "my.pack"};
  compiler deployed(without);
  EXPECT_EQ(deployed.find(unit)->from, origin::pack);
  const auto loaded = deployed.get(unit);
  EXPECT_EQ(loaded->from, origin::pack);
  EXPECT_TRUE(test::same(*loaded->code, *made->code));
  EXPECT_EQ(deployed.get(unit)->from, origin::memory);
  EXPECT_NE(deployed.describe().find("my.pack, 1 kernels"), std::string::npos) << deployed.describe();
  EXPECT_THROW(deployed.get(test::probe_unit("scale<8>", "probe", "sm_89")), core::failure);
}

TEST(compiling, a_dump_is_one_file_that_compiles_alone_and_that_lines_refer_to) {
  GEMMACT_SKIP_WITHOUT_NVRTC();
  const test::temporary_folder folder;
  compiler_options options = test::probe_options();
  options.dump_dir = folder / "";
  const auto made = compiler(options).get(test::probe_unit("features", "dumped_kernel"));
  const std::string path = folder / "dumped_kernel.cu", text = test::read_bytes(path);
  EXPECT_EQ(text.find("#include \"tests/host/jit/probe.cuh\""), std::string::npos);
  const std::string lines(test::cubin(made->code->cubin).section(".debug_line"));
  EXPECT_NE(lines.find("dumped_kernel.cu"), lines.npos);
  EXPECT_NE(lines.find(std::filesystem::path(path).parent_path().string()), lines.npos);
  EXPECT_EQ(lines.find("probe.cuh"), lines.npos) << "no line is of a file that is not there";
  const source alone{path, text, {}};
  const image again = nvrtc::load("").compile(test::probe_unit("features", "dumped_kernel"), alone);
  EXPECT_EQ(again.cubin.size(), made->code->cubin.size());
  EXPECT_EQ(folder.files_with("unfinished").size(), 0u);
}

}  // namespace
}  // namespace gemmact::jit
