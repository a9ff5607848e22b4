// The rules of cuTensorMapEncodeTiled, one broken at a time.
#include "kernels/emulator/tensor_map.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace gemmact::test {
namespace {

using emulator::tensor_description;
using emulator::tensor_type;

tensor_description sound() {
  return {.type = tensor_type::bf16,
          .rank = 3,
          .address = 0x10000,
          .dims = {100, 50, 7},
          .strides = {208, 10400},
          .box = {64, 32, 2},
          .swizzle_bytes = 128};
}

TEST(tensor_map, words_give_the_description_back) {
  u64 words[16];
  ASSERT_EQ(emulator::encode_tensor_map(words, sound()), "");
  tensor_description read;
  ASSERT_TRUE(emulator::decode_tensor_map(words, read));
  const tensor_description want = sound();
  EXPECT_EQ(read.type, want.type);
  EXPECT_EQ(read.rank, want.rank);
  EXPECT_EQ(read.address, want.address);
  EXPECT_EQ(read.swizzle_bytes, want.swizzle_bytes);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read.dims[i], want.dims[i]);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(read.strides[i], want.strides[i]);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read.box[i], want.box[i]);
  words[3] ^= 1;
  EXPECT_FALSE(emulator::decode_tensor_map(words, read));
}

struct rule {
  const char* words;  // of the refusal
  std::function<void(tensor_description&)> breaks;
};

TEST(tensor_map, each_rule_refuses) {
  const rule rules[] = {
      {"dataType", [](auto& t) { t.type = tensor_type(13); }},
      {"tensorRank 0", [](auto& t) { t.rank = 0; }},
      {"tensorRank 6", [](auto& t) { t.rank = 6; }},
      {"globalAddress", [](auto& t) { t.address += 8; }},
      {"globalAddress", [](auto& t) { t.address = 0; }},
      {"globalDim[1] = 0", [](auto& t) { t.dims[1] = 0; }},
      {"globalDim[2]", [](auto& t) { t.dims[2] = (u64(1) << 32) + 1; }},
      {"globalStrides[0] = 200", [](auto& t) { t.strides[0] = 200; }},
      {"globalStrides[1]", [](auto& t) { t.strides[1] = u64(1) << 40; }},
      {"boxDim[1] = 0", [](auto& t) { t.box[1] = 0; }},
      {"boxDim[1] = 257", [](auto& t) { t.box[1] = 257; }},
      {"multiple of 16", [](auto& t) { t.box[0] = 60; }},
      {"swizzle's 128", [](auto& t) { t.box[0] = 72; }},
      {"swizzle's 64", [](auto& t) { t.swizzle_bytes = 64; }},
      {"swizzle's 32", [](auto& t) { t.swizzle_bytes = 32; }},
      {"swizzle of 48", [](auto& t) { t.swizzle_bytes = 48; }},
  };
  for (const rule& one : rules) {
    tensor_description broken = sound();
    one.breaks(broken);
    u64 words[16];
    const std::string refusal = emulator::encode_tensor_map(words, broken);
    EXPECT_NE(refusal.find(one.words), std::string::npos) << one.words << ": \"" << refusal << "\"";
  }
}

TEST(tensor_map, what_looks_odd_is_legal) {
  const rule rules[] = {
      {"a box larger than the tensor", [](auto& t) { t.dims[0] = 3; }},
      {"overlapping lines", [](auto& t) { t.strides[0] = 0; }},
      {"the largest extent", [](auto& t) { t.dims[0] = u64(1) << 32; }},
      {"a narrow box", [](auto& t) { t.box[0] = 32; }},
      {"256 elements without a swizzle", [](auto& t) { t.box[0] = 256, t.swizzle_bytes = 16; }},
  };
  for (const rule& one : rules) {
    tensor_description legal = sound();
    one.breaks(legal);
    u64 words[16];
    EXPECT_EQ(emulator::encode_tensor_map(words, legal), "") << one.words;
  }
}

}  // namespace
}  // namespace gemmact::test
