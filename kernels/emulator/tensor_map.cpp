#include "kernels/emulator/tensor_map.hpp"

#include <fmt/format.h>

namespace gemmact::emulator {
namespace {

constexpr u64 magic = 0x70616d736e6574u;  // "tensmap"

u64 check_of(const u64* words) {
  u64 sum = magic;
  for (u32 i = 0; i < 15; ++i) sum = (sum ^ words[i]) * 0x100000001b3u;
  return sum;
}

std::string broken_rule(const tensor_description& t) {
  if (t.type > tensor_type::tf32_ftz) return fmt::format("dataType {} does not exist", u32(t.type));
  if (t.rank < 1 || t.rank > 5) return fmt::format("tensorRank {} is not in 1..5", t.rank);
  if (t.address == 0 || t.address % 16) return fmt::format("globalAddress {:#x} is not aligned to 16 bytes", t.address);
  if (t.swizzle_bytes != 16 && t.swizzle_bytes != 32 && t.swizzle_bytes != 64 && t.swizzle_bytes != 128) {
    return fmt::format("a swizzle of {} bytes does not exist", t.swizzle_bytes);
  }
  const u64 row = u64(t.box[0]) * bytes_of(t.type);
  for (u32 i = 0; i < t.rank; ++i) {
    if (t.dims[i] < 1 || t.dims[i] > u64(1) << 32)
      return fmt::format("globalDim[{}] = {} is not in 1..2^32", i, t.dims[i]);
    if (t.box[i] < 1 || t.box[i] > 256) return fmt::format("boxDim[{}] = {} is not in 1..256", i, t.box[i]);
  }
  for (u32 i = 0; i + 1 < t.rank; ++i) {
    if (t.strides[i] % 16) return fmt::format("globalStrides[{}] = {} is not a multiple of 16", i, t.strides[i]);
    if (t.strides[i] >= u64(1) << 40) return fmt::format("globalStrides[{}] = {} is not below 2^40", i, t.strides[i]);
  }
  if (row % 16) return fmt::format("boxDim[0] = {} elements are {} bytes, not a multiple of 16", t.box[0], row);
  if (t.swizzle_bytes != 16 && row > t.swizzle_bytes) {
    return fmt::format("boxDim[0] = {} elements are {} bytes, more than the swizzle's {}", t.box[0], row,
                       t.swizzle_bytes);
  }
  return "";
}

}  // namespace

u32 bytes_of(tensor_type type) {
  constexpr u32 bytes[] = {1, 2, 4, 4, 8, 8, 2, 4, 8, 2, 4, 4, 4};
  return bytes[u32(type)];
}

std::string encode_tensor_map(u64 (&words)[16], const tensor_description& t) {
  std::string broken = broken_rule(t);
  if (!broken.empty()) return broken;
  words[0] = u64(t.type) | u64(t.rank) << 8 | u64(t.swizzle_bytes) << 16;
  words[1] = t.address;
  words[12] = words[13] = words[14] = 0;
  for (u32 i = 0; i < 5; ++i) {
    words[2 + i] = t.dims[i];
    if (i < 4) words[7 + i] = t.strides[i];
    (i < 3 ? words[12] : words[13]) |= u64(t.box[i]) << (16 * (i % 3));
  }
  words[11] = 0;
  words[15] = check_of(words);
  return "";
}

bool decode_tensor_map(const u64* words, tensor_description& t) {
  if (words[15] != check_of(words)) return false;
  t.type = tensor_type(words[0] & 0xff);
  t.rank = u32(words[0] >> 8 & 0xff);
  t.swizzle_bytes = u32(words[0] >> 16);
  t.address = words[1];
  for (u32 i = 0; i < 5; ++i) {
    t.dims[i] = words[2 + i];
    if (i < 4) t.strides[i] = words[7 + i];
    t.box[i] = u32((i < 3 ? words[12] : words[13]) >> (16 * (i % 3)) & 0xffff);
  }
  return true;
}

}  // namespace gemmact::emulator
