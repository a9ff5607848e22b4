// The reader of .npy files against files that are right, damaged, hostile or random.
#include "host/api/command/npy.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "tests/host/command/command_support.hpp"
#include "tests/support/random.hpp"
#include "tests/support/replay.hpp"

namespace gemmact::test {
namespace {

using api::npy_array;
using api::npy_error;

npy_array read(const std::string& bytes) {
  std::string copy = bytes;
  copy.reserve(bytes.size() + 1);  // fmemopen refuses an empty buffer
  struct closed {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  const std::unique_ptr<std::FILE, closed> file(fmemopen(copy.data(), std::max<size_t>(copy.size(), 1), "rb"));
  return api::read_npy(file.get(), bytes.size(), "a.npy");
}

std::string floats(std::initializer_list<float> values) {
  std::string bytes(values.size() * 4, '\0');
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

float float_at(const npy_array& a, size_t i) {
  float v;
  std::memcpy(&v, a.data.data() + 4 * i, 4);
  return v;
}

void expect_refused(const std::string& bytes, const std::string& part) {
  try {
    read(bytes);
    ADD_FAILURE() << "accepted; expected: " << part;
  } catch (const npy_error& e) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what() << "\nexpected: " << part;
    EXPECT_EQ(std::string(e.what()).rfind("a.npy cannot be used: ", 0), 0u) << e.what();
  }
}

std::string with_header(const std::string& header, const std::string& data = "") {
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += char(header.size() & 0xff);
  bytes += char(header.size() >> 8);
  return bytes + header + data;
}

TEST(npy, versions_and_orders) {
  for (const int version : {1, 2, 3}) {
    const npy_array a = read(npy_bytes("<f4", false, {2, 3}, floats({1, 2, 3, 4, 5, 6}), version));
    EXPECT_EQ(a.layout.shape, (std::vector<int64_t>{2, 3}));
    EXPECT_FALSE(a.layout.fortran_order);
    for (size_t i = 0; i < 6; ++i) EXPECT_EQ(float_at(a, i), float(i + 1)) << version;
  }
  EXPECT_TRUE(read(npy_bytes("<f4", true, {2, 1}, floats({1, 2}))).layout.fortran_order);
}

TEST(npy, big_endian_is_swapped) {
  std::string data = floats({1.5f, -2.25f});
  std::reverse(data.begin(), data.begin() + 4);
  std::reverse(data.begin() + 4, data.end());
  const npy_array a = read(npy_bytes(">f4", false, {2}, data));
  EXPECT_EQ(float_at(a, 0), 1.5f);
  EXPECT_EQ(float_at(a, 1), -2.25f);
  const npy_array bytes = read(npy_bytes(">V2", false, {1}, "ab"));  // bytes without a meaning have no order
  EXPECT_EQ(char(bytes.data.data()[0]), 'a');
}

TEST(npy, shapes) {
  EXPECT_EQ(read(npy_bytes("<f4", false, {}, floats({7}))).layout.shape.size(), 0u);
  EXPECT_EQ(read(npy_bytes("<f4", false, {3}, floats({1, 2, 3}))).layout.shape, (std::vector<int64_t>{3}));
  EXPECT_EQ(read(npy_bytes("<f4", false, {0, 5}, "")).data.size(), 0u);
  EXPECT_EQ(read(npy_bytes("<f4", false, {int64_t{1} << 62, int64_t{1} << 62, 0}, "")).data.size(), 0u);
  EXPECT_EQ(read(with_header("{\"shape\":(1,),\"descr\":\"|u1\",\"fortran_order\":False}", "x")).layout.kind, 'u');
  EXPECT_EQ(api::shape_text({3}), "(3,)");
  EXPECT_EQ(api::shape_text({}), "()");
  EXPECT_EQ(api::shape_text({3, 4}), "(3, 4)");
}

TEST(npy, cut_off_at_every_length) {
  for (const int version : {1, 2}) {
    const std::string whole = npy_bytes("<f4", false, {2, 2}, floats({1, 2, 3, 4}), version);
    EXPECT_NO_THROW(read(whole));
    for (size_t length = 0; length < whole.size(); ++length)
      EXPECT_THROW(read(whole.substr(0, length)), npy_error) << version << " at " << length;
  }
}

TEST(npy, more_data_than_told_is_refused) {
  expect_refused(npy_bytes("<f4", false, {2}, floats({1, 2, 3})), "4 bytes after the data");
  expect_refused(npy_bytes("<f4", false, {0}, "x"), "1 bytes after the data");
}

// Were memory taken before the file's size is looked at, these would end in std::bad_alloc.
TEST(npy, huge_shapes_allocate_nothing) {
  const int64_t large = int64_t{1} << 46, most = INT64_MAX;
  expect_refused(npy_bytes("<f4", false, {large}, "abcd"),
                 "cut off: shape (70368744177664,) needs 281474976710656 bytes");
  expect_refused(npy_bytes("<f4", false, {most}, ""), "more than any memory holds");
  expect_refused(npy_bytes("<f4", false, {large, large}, ""), "more than any memory holds");
  expect_refused(npy_bytes("|u1", false, {most, 2}, ""), "more than any memory holds");
  expect_refused(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}"), "63 bits");
  std::string bytes("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12);
  expect_refused(bytes, "cut off within its header");
  bytes = std::string("\x93NUMPY\x02\x00\x00\x00\x02\x00", 12) + std::string(0x20000, ' ');
  expect_refused(bytes, "at most 65536 are read");
}

TEST(npy, wrong_headers) {
  const char* order = ", 'fortran_order': False, 'shape': (1,)}";
  const auto descr = [&](const std::string& text) { return with_header("{'descr': " + text + order, "xxxx"); };
  expect_refused(descr("'<f4x'"), "not one of plain numbers");
  expect_refused(descr("'O'"), "not one of plain numbers");
  expect_refused(descr("'|O8'"), "not one of plain numbers");
  expect_refused(descr("'<c8'"), "not one of plain numbers");
  expect_refused(descr("'<U4'"), "not one of plain numbers");
  expect_refused(descr("''"), "not one of plain numbers");
  expect_refused(descr("'<f3'"), "impossible size");
  expect_refused(descr("'|V0'"), "impossible size");
  expect_refused(descr("'<f64'"), "impossible size");
  expect_refused(descr("[('a', '<f4')]"), "record");
  expect_refused(descr("4"), "no text");
  expect_refused(with_header("{'descr': '<f4"), "does not end");
  expect_refused(with_header("{'descr': '<f4', 'shape': (1,)}", "xxxx"), "lacks one of");
  expect_refused(with_header("{}"), "lacks one of");
  expect_refused(with_header(""), "has no '{'");
  expect_refused(with_header("{'descr': '<f4', 'descr': '<f4'}"), "twice");
  expect_refused(with_header("{'descr': '<f4', 'colour': 1}"), "unknown key 'colour'");
  expect_refused(with_header("{'fortran_order': None}"), "neither True nor False");
  expect_refused(with_header("{'shape': (1, -2)}"), "not a whole number");
  expect_refused(with_header("{'shape': (1.5,)}"), "has no ')'");
  expect_refused(with_header("{'shape': (1 2)}"), "has no ')'");
  expect_refused(with_header("{'shape': (1,,)}"), "not a whole number");
  expect_refused(with_header("{'shape': 3}"), "has no '('");
  expect_refused(with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} junk", "x"),
                 "goes on after its end");
  std::string many = "{'shape': (";
  for (int i = 0; i < 40; ++i) many += "1,";
  expect_refused(with_header(many + ")}"), "more than 32 dimensions");
}

TEST(npy, wrong_beginnings) {
  expect_refused("", "no .npy file");
  expect_refused("PK\x03\x04 a zip archive of arrays", "no .npy file");
  expect_refused(std::string("\x93NUMPY\x04\x00\x10\x00________________", 26), "version 4.0");
  expect_refused(std::string("\x93NUMPY\x01\x01\x10\x00________________", 26), "version 1.1");
}

TEST(npy, preamble_round_trip) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{}, {5}, {2, 3}, {4, 1, 2}, {INT64_MAX, 0}}) {
    const std::string head = api::npy_preamble('f', 4, shape);
    EXPECT_EQ(head.size() % 64, 0u);
    EXPECT_EQ(head.back(), '\n');
    const api::npy_layout layout = api::parse_npy_header(std::string_view(head).substr(10));
    EXPECT_EQ(layout.shape, shape);
    EXPECT_EQ(layout.kind, 'f');
    EXPECT_EQ(layout.item_bytes, 4);
    EXPECT_FALSE(layout.swapped);
  }
  EXPECT_NE(api::npy_preamble('u', 1, {1}).find("'|u1'"), std::string::npos);
}

// Whatever the bytes are: an array that has all its data, or npy_error.
TEST(npy, random_damage) {
  const std::string whole[] = {npy_bytes("<f4", false, {2, 3}, floats({1, 2, 3, 4, 5, 6})),
                               npy_bytes(">f2", true, {2, 2}, "12345678", 2), npy_bytes("|u1", false, {}, "x", 3)};
  const std::string pieces[] = {
      "(", ")", "'", "{", "}", ",", ":", "9", "'shape'", "True", "(0,", "\n", "9223372036854775807"};
  int accepted = 0;
  for (uint64_t i = 0; i < case_count(60000); ++i) {
    if (!case_selected(i)) continue;
    random_source random(i);
    std::string bytes = whole[random.below(3)];
    for (int64_t edits = random.between(1, 4); edits > 0 && !bytes.empty(); --edits) {
      const size_t at = size_t(random.below(int64_t(bytes.size())));
      switch (random.below(5)) {
        case 0:
          bytes[at] = char(random.next());
          break;
        case 1:
          bytes.erase(at, size_t(random.between(1, 4)));
          break;
        case 2:
          bytes.insert(at, pieces[random.below(std::size(pieces))]);
          break;
        case 3:
          bytes.resize(at);
          break;
        default:
          bytes[at] = char(bytes[at] ^ (1 << random.below(8)));
      }
    }
    try {
      const npy_array a = read(bytes);
      int64_t expected = a.layout.item_bytes;
      for (const int64_t d : a.layout.shape) expected *= d;
      EXPECT_EQ(int64_t(a.data.size()), expected) << replay_line(i);
      ++accepted;
    } catch (const npy_error&) {
    } catch (const std::exception& e) {
      ADD_FAILURE() << e.what() << "\n" << replay_line(i);
    }
  }
  if (case_share() == 1.0) {
    EXPECT_GT(accepted, 100) << "the damage is too heavy to reach the reader's depths";
  }
}

}  // namespace
}  // namespace gemmact::test
