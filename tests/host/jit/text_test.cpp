// The texts that compilers are given: embedded headers, units, and one file made of both.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "host/core/status.hpp"
#include "host/jit/flat_source.hpp"
#include "host/jit/headers.hpp"
#include "host/jit/unit.hpp"
#include "tests/host/jit/temporary_folder.hpp"

namespace gemmact::jit {
namespace {

std::string_view embedded(std::string_view name) {
  for (const header& h : embedded_headers())
    if (h.name == name) return h.text;
  return {};
}

TEST(embedding, each_text_is_its_file_to_the_byte) {
  std::istringstream manifest(test::read_bytes(GEMMACT_MANIFEST));
  size_t rows = 0;
  for (std::string line; std::getline(manifest, line); ++rows) {
    const size_t tab = line.find('\t');
    ASSERT_NE(tab, line.npos) << line;
    EXPECT_EQ(embedded(line.substr(0, tab)), test::read_bytes(line.substr(tab + 1))) << line;
  }
  EXPECT_EQ(rows, embedded_headers().size());
}

// A file that device code may include is there, and one that only a host compiles is not.
TEST(embedding, every_kernel_header_is_there) {
  const std::filesystem::path root = GEMMACT_SOURCE_FOLDER;
  std::set<std::string> expected;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "kernels")) {
    const std::string name = std::filesystem::relative(entry.path(), root).string(), stem = entry.path().filename();
    const bool header = name.ends_with(".hpp") || name.ends_with(".cuh");
    static const std::set<std::string> of_families = {
        "family.hpp", "cost.hpp",   "chain.hpp", "gradient_chain.hpp", "gradient_sums.hpp", "step_writer.hpp",
        "facing.hpp", "finish.hpp", "tiled.hpp", "multiplied.hpp",     "operands.hpp"};
    const bool host_of_family = of_families.count(stem) == 1;
    const bool host_only = name.starts_with("kernels/emulator/") || stem == "emulated.hpp" || stem == "host.hpp" ||
                           (name.starts_with("kernels/families/") && host_of_family);
    if (header && !host_only) expected.insert(name);
  }
  std::set<std::string> got;
  for (const header& h : embedded_headers()) got.emplace(h.name);
  EXPECT_TRUE(std::includes(got.begin(), got.end(), expected.begin(), expected.end()));
  for (const std::string& name : got)
    EXPECT_TRUE(expected.count(name) == 1 || name.starts_with("kernels/activation/")) << name;
  EXPECT_EQ(got.size(), embedded_headers().size()) << "a name is there twice";
}

TEST(embedding, one_hash_of_all) {
  const header a{"a", "bc"}, b{"ab", "c"}, c{"a", "bd"};
  EXPECT_EQ(headers_hash({{a}}), headers_hash({{a}}));
  EXPECT_NE(headers_hash({{a}}), headers_hash({{b}})) << "where a name ends counts";
  EXPECT_NE(headers_hash({{a}}), headers_hash({{c}}));
  EXPECT_NE(headers_hash({{a, b}}), headers_hash({{b, a}}));
  EXPECT_EQ(hash_bytes("").text(), "99aa06d3014798d86001c324468d497f") << "XXH3-128 of nothing, as xxHash documents it";
}

TEST(unit_text, a_few_lines) {
  const unit_parts parts{
      {"kernels/a.cuh", "kernels/activation/swish.hpp"}, "families::a::kernel<1, 2>", "a_swish", 256, 49152, 136};
  EXPECT_EQ(make_unit_text(parts),
            "#include \"kernels/entry.cuh\"\n"
            "#include \"kernels/a.cuh\"\n"
            "#include \"kernels/activation/swish.hpp\"\n"
            "namespace gemmact {\n"
            "using unit = families::a::kernel<1, 2>;\n"
            "static_assert(unit::threads == 256, \"threads of a block, as the host has it\");\n"
            "static_assert(unit::shared_bytes == 49152, \"dynamic shared memory, as the host has it\");\n"
            "static_assert(sizeof(unit::params) == 136, \"the argument's bytes, as the host has it\");\n"
            "}\n"
            "GEMMACT_ENTRY(a_swish, gemmact::unit)\n");
}

TEST(unit_text, has_the_struct_of_an_equation) {
  const unit_parts parts{{"kernels/a.cuh"}, "a::kernel<activation::e>", "a", 1, 0, 1, "struct e {\n};\n"};
  EXPECT_NE(make_unit_text(parts).find("#include \"kernels/a.cuh\"\n"
                                       "namespace gemmact::activation {\nstruct e {\n};\n}\n"
                                       "namespace gemmact {\nusing unit = "),
            std::string::npos)
      << make_unit_text(parts);
}

TEST(unit_text, names_are_c_identifiers_and_includes_plain_paths) {
  for (const char* name : {"", "1a", "a-b", "a b", "a\n", "\xc3\xa4", "a::b"})
    EXPECT_THROW(make_unit_text({{}, "k", name, 1, 0, 1}), core::failure) << name;
  EXPECT_THROW(make_unit_text({{}, "k", std::string(max_unit_name + 1, 'a'), 1, 0, 1}), core::failure);
  for (const char* path : {"", "a\"\n#error", "a b"})
    EXPECT_THROW(make_unit_text({{path}, "k", "a", 1, 0, 1}), core::failure) << path;
}

TEST(flat, each_header_once_where_it_takes_effect) {
  const header all[] = {
      {"a", "#pragma once\n#include \"b\"\nint a;\n"},
      {"b", "#pragma once\nint b;\n#  include <vector>\n"},
      {"c",
       "#pragma once\n#if X  // a comment: #endif\n#include \"b\"\n#endif\n#ifdef Y\n#include \"a\"\n#endif\nint c;"}};
  const auto flat = [&](const char* text) { return flat_source({"k", text, "sm_80"}, all); };
  EXPECT_EQ(flat("#include \"a\"\n#include \"b\"\nint k;"),
            "#ifndef GEMMACT_FLAT_0\n#define GEMMACT_FLAT_0  // a\n"
            "#ifndef GEMMACT_FLAT_1\n#define GEMMACT_FLAT_1  // b\nint b;\n#  include <vector>\n#endif  // b\n"
            "int a;\n#endif  // a\nint k;\n");
  // What a condition may leave out comes again.
  const std::string twice = flat("#include \"c\"\n#include \"b\"\n#include \"unknown\"\n#include \"b\"");
  size_t count = 0;
  for (size_t at = 0; (at = twice.find("int b;", at)) != twice.npos; ++at) ++count;
  EXPECT_EQ(count, 3u) << twice;
  EXPECT_NE(twice.find("#include \"unknown\"\n"), twice.npos);
  EXPECT_EQ(twice.find("pragma"), twice.npos);
}

TEST(flat, headers_that_include_each_other) {
  const header all[] = {{"a", "#pragma once\n#include \"b\"\nint a;\n"},
                        {"b", "#pragma once\n#include \"a\"\nint b;\n"}};
  const std::string text = flat_source({"k", "#include \"a\"\n", "sm_80"}, all);
  EXPECT_LT(text.size(), 200u);
  EXPECT_LT(text.find("int b"), text.find("int a"));
}

}  // namespace
}  // namespace gemmact::jit
