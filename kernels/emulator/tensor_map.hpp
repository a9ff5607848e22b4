// Tensor maps as the driver makes and checks them, in words of the emulator's own.
#pragma once
#include <string>

#include "kernels/base/config.hpp"

namespace gemmact::emulator {

// Numbered as CUtensorMapDataType.
enum class tensor_type : u8 {
  u8_,
  u16_,
  u32_,
  i32_,
  u64_,
  i64_,
  f16,
  f32,
  f64,
  bf16,
  f32_ftz,
  tf32,
  tf32_ftz,
};
u32 bytes_of(tensor_type);

// The arguments of cuTensorMapEncodeTiled, without interleaving and with element strides of 1. Dimension 0 is innermost.
struct tensor_description {
  tensor_type type = tensor_type::u8_;
  u32 rank = 2;
  u64 address = 0;
  u64 dims[5] = {};        // elements
  u64 strides[4] = {};     // bytes, of dimensions 1 ...
  u32 box[5] = {};         // elements
  u32 swizzle_bytes = 16;  // the span: 16 (none), 32, 64 or 128
};

// Fills the words of a tensor_map; "" or the rule of the driver that the description breaks.
std::string encode_tensor_map(u64 (&words)[16], const tensor_description&);
// False if the words were not made by encode_tensor_map().
bool decode_tensor_map(const u64* words, tensor_description&);

}  // namespace gemmact::emulator
