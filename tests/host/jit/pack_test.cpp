// Packs: made, read, and refused, whatever bytes they consist of.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/core/status.hpp"
#include "host/jit/bytes.hpp"
#include "host/jit/pack_format.hpp"
#include "host/jit/pack_reader.hpp"
#include "host/jit/pack_writer.hpp"
#include "tests/host/jit/probe.hpp"
#include "tests/host/jit/temporary_folder.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::jit {
namespace {

constexpr int kernels = 5;

hash128 key_of(int number) { return hash_texts({"kernel", std::to_string(number)}); }

class pack : public testing::Test {
 protected:
  pack() {
    pack_writer writer;
    for (int i = 0; i < kernels; ++i) writer.add(key_of(i), test::sample_image(i));
    writer.write(path);
    bytes = test::read_bytes(path);
  }
  void expect_refused(const std::string& changed, const char* why) const {
    test::write_bytes(path, changed);
    try {
      pack_reader reader(path);
      ADD_FAILURE() << "not refused: " << why;
    } catch (const core::failure& failure) {
      EXPECT_EQ(failure.status(), GEMMACT_BAD_FILE);
      EXPECT_NE(failure.message().find(why), std::string::npos) << failure.message();
      EXPECT_NE(failure.message().find(path), std::string::npos) << failure.message();
    }
  }

  test::temporary_folder folder{test::place_in_memory()};
  const std::string path = folder / "my.pack";
  std::string bytes;
};

// A header with this index and a right checksum.
std::string with_index(const std::string& index, uint32_t entries, const std::string& records) {
  std::string file(pack_format::magic);
  put_number(file, pack_format::version);
  put_number(file, entries);
  put_hash(file, hash_bytes(index));
  return file + index + records;
}

TEST_F(pack, what_was_written_is_found) {
  const pack_reader reader(path);
  EXPECT_EQ(reader.size(), size_t(kernels));
  for (int i = 0; i < kernels; ++i) {
    const auto result = reader.find(key_of(i));
    ASSERT_EQ(result.state, pack_reader::lookup::found);
    EXPECT_TRUE(test::same(*result.found, test::sample_image(i)));
  }
  EXPECT_EQ(reader.find(key_of(kernels)).state, pack_reader::lookup::absent);
  EXPECT_EQ(folder.files_with("").size(), 1u);
}

TEST_F(pack, the_last_of_a_key_counts_and_none_is_a_pack_too) {
  pack_writer writer;
  writer.write(path);
  EXPECT_EQ(pack_reader(path).size(), 0u);
  writer.add(key_of(1), test::sample_image(1));
  writer.add(key_of(1), test::sample_image(2));
  writer.write(path);
  EXPECT_EQ(pack_reader(path).find(key_of(1)).found->name, "kernel_2");
}

TEST_F(pack, a_reader_keeps_the_file_that_it_opened) {
  const pack_reader reader(path);
  pack_writer().write(path);
  EXPECT_EQ(reader.find(key_of(1)).state, pack_reader::lookup::found);
  test::write_bytes(path, bytes);
  const pack_reader cut(path);
  std::filesystem::resize_file(path, bytes.size() / 2);  // would kill a process that had mapped it
  int damaged = 0;
  for (int i = 0; i < kernels; ++i) damaged += cut.find(key_of(i)).state == pack_reader::lookup::damaged;
  EXPECT_GT(damaged, 0);
}

TEST_F(pack, what_is_refused) {
  expect_refused("", "is no pack");
  expect_refused(bytes.substr(0, 31), "is no pack");
  expect_refused("gemmpaci" + bytes.substr(8), "is no pack");
  std::string changed = bytes;
  changed[8] = 2;
  expect_refused(changed, "has version 2, and this library reads version 1");
  expect_refused(bytes.substr(0, 100), "its index is not what was written");
  for (size_t i = 12; i < pack_format::header_bytes + kernels * pack_format::row_bytes; ++i) {
    changed = bytes;
    changed[i] = char(changed[i] ^ 0x10);
    expect_refused(changed, "is damaged");
  }
  test::write_bytes(path, bytes);
  ::chmod(path.c_str(), 0646);
  expect_refused(bytes, "can be written by everybody");
  ::chmod(path.c_str(), 0644);
  ::chmod((folder / "").c_str(), 0777);
  expect_refused(bytes, "everybody may replace it");
  ::chmod((folder / "").c_str(), 0755);
  EXPECT_EQ(pack_reader(path).size(), size_t(kernels));
  EXPECT_THROW(pack_reader(folder / ""), core::failure);
  EXPECT_THROW(pack_reader(folder / "none"), core::failure);
  EXPECT_THROW(pack_writer().write("/nonexistent/a.pack"), core::failure);
}

TEST_F(pack, a_hostile_index_with_a_right_checksum) {
  const auto row = [](int number, uint64_t offset, uint64_t size) {
    std::string text;
    put_hash(text, {uint64_t(number), 0});
    put_number(text, offset);
    put_number(text, size);
    return text;
  };
  const std::string records(100, 'r');
  constexpr uint64_t most = ~uint64_t{0};
  expect_refused(with_index("", 0xffffffffu, records), "its index");
  expect_refused(with_index(row(1, 64, 101), 1, records), "outside the file");
  expect_refused(with_index(row(1, most, 2), 1, records), "outside the file");
  expect_refused(with_index(row(1, 2, most - 1), 1, records), "outside the file");
  expect_refused(with_index(row(1, 165, 0), 1, records), "outside the file");
  expect_refused(with_index(row(1, 0, 32), 1, records), "outside the file");
  expect_refused(with_index(row(1, 96, 8) + row(1, 104, 8), 2, records), "out of order");
  expect_refused(with_index(row(2, 96, 8) + row(1, 104, 8), 2, records), "out of order");
  const std::string large(size_t{pack_format::max_entries + 1} * pack_format::row_bytes, '\0');
  expect_refused(with_index(large, pack_format::max_entries + 1, ""), "its index is not what was written");
  test::write_bytes(path, with_index(row(1, 64, 100), 1, records));
  EXPECT_EQ(pack_reader(path).find({1, 0}).state, pack_reader::lookup::damaged);
}

TEST_F(pack, a_damaged_record_is_not_used_and_the_others_are) {
  std::string changed = bytes;
  changed.back() = char(changed.back() ^ 1);
  test::write_bytes(path, changed);
  const pack_reader reader(path);
  int damaged = 0, found = 0;
  for (int i = 0; i < kernels; ++i) {
    damaged += reader.find(key_of(i)).state == pack_reader::lookup::damaged;
    found += reader.find(key_of(i)).state == pack_reader::lookup::found;
  }
  EXPECT_EQ(damaged, 1);
  EXPECT_EQ(found, kernels - 1);
}

// Random changes, half of them with the index's checksum made right again: refused, or every record that is found is whole.
TEST_F(pack, random_bytes) {
  const uint64_t count = test::case_count(3000);
  for (uint64_t index = 0; index < count; ++index) {
    if (!test::case_selected(index)) continue;
    test::random_source random{index};
    std::string changed = bytes;
    const size_t index_end = pack_format::header_bytes + kernels * pack_format::row_bytes;
    for (int64_t changes = random.between(1, 4); changes > 0; --changes) {
      const size_t range = random.below(4) != 0 ? index_end : changed.size();
      changed[size_t(random.below(int64_t(range)))] = char(random.next());
    }
    if (random.below(8) == 0) changed.resize(size_t(random.below(int64_t(changed.size()))));
    if (random.below(2) == 0 && changed.size() >= index_end) {
      std::string checksum;
      put_hash(checksum, hash_bytes(std::string_view(changed).substr(32, index_end - 32)));
      changed.replace(16, 16, checksum);
      changed.replace(0, 16, bytes.substr(0, 16));
    }
    test::write_bytes(path, changed);
    try {
      const pack_reader reader(path);
      for (const hash128& key : reader.keys()) reader.find(key);
      for (int i = 0; i < kernels; ++i) {
        const auto result = reader.find(key_of(i));
        EXPECT_TRUE(!result.found || test::same(*result.found, test::sample_image(i))) << test::replay_line(index);
      }
    } catch (const core::failure& failure) {
      EXPECT_EQ(failure.status(), GEMMACT_BAD_FILE) << test::replay_line(index);
    }
  }
}

// A compiler tells of a pack's damage when it then cannot compile.
TEST_F(pack, a_damaged_pack_is_named_where_nothing_else_serves) {
  compiler_options options = test::probe_options();
  options.nvrtc = test::no_such_library;
  const unit unit = test::probe_unit("scale<1>");
  pack_writer writer;
  writer.add(compiler(options).pack_key(unit), test::sample_image(1));
  writer.write(path);
  options.packs = {path};
  EXPECT_EQ(compiler(options).get(unit)->from, origin::pack);
  std::string changed = test::read_bytes(path);
  changed.back() = char(changed.back() ^ 1);
  test::write_bytes(path, changed);
  try {
    compiler(options).get(unit);
    ADD_FAILURE() << "a damaged kernel was given";
  } catch (const core::failure& failure) {
    EXPECT_EQ(failure.status(), GEMMACT_NO_COMPILER);
    EXPECT_NE(failure.message().find("my.pack is damaged where it has kernel probe"), std::string::npos)
        << failure.message();
  }
}

}  // namespace
}  // namespace gemmact::jit
