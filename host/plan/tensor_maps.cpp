#include "host/plan/tensor_maps.hpp"

#include <fmt/format.h>

#include <cstring>

#include "host/core/status.hpp"

namespace gemmact::plan {
namespace {

using families::element;
using families::tensor_box;

constexpr cuda::result invalid_value = 1;

struct type_row {
  element type;
  bool to_tf32;
  const char* name;
  cuda::tensor_type in_driver;
};

// No arithmetic is done on 8-bit elements, so the driver has one type for all of them.
constexpr type_row types[] = {
    {element::f32, false, "f32", cuda::tensor_type::f32},  {element::f32, true, "f32 to tf32", cuda::tensor_type::tf32},
    {element::f16, false, "f16", cuda::tensor_type::f16},  {element::bf16, false, "bf16", cuda::tensor_type::bf16},
    {element::e4m3, false, "e4m3", cuda::tensor_type::u8}, {element::e5m2, false, "e5m2", cuda::tensor_type::u8},
    {element::u8, false, "u8", cuda::tensor_type::u8}};

const type_row* find_type(const tensor_box& box) {
  for (const type_row& row : types)
    if (row.type == box.type && row.to_tf32 == box.to_tf32) return &row;
  return nullptr;
}

cuda::tensor_swizzle swizzle_of(u32 span_bytes) {
  if (span_bytes == 32) return cuda::tensor_swizzle::span_32;
  if (span_bytes == 64) return cuda::tensor_swizzle::span_64;
  return span_bytes == 128 ? cuda::tensor_swizzle::span_128 : cuda::tensor_swizzle::none;
}

}  // namespace

std::string text_of(const tensor_box& box) {
  const type_row* type = find_type(box);
  const bool deep = box.rank == 3;
  std::string text =
      fmt::format("{}, {} x {}", type == nullptr ? "a type without maps" : type->name, box.dims[0], box.dims[1]);
  if (deep) text += fmt::format(" x {}", box.dims[2]);
  text += fmt::format(" elements at {}, strides of {}", box.base, box.stride_bytes[0]);
  if (deep) text += fmt::format(" and {}", box.stride_bytes[1]);
  text += fmt::format(" bytes, boxes of {} x {}", box.box[0], box.box[1]);
  if (deep) text += fmt::format(" x {}", box.box[2]);
  return text + fmt::format(" with spans of {} bytes", box.span_bytes);
}

// On the path of every run: nothing is allocated where the driver takes the box.
tensor_map tensor_maps::encode(const tensor_box& box) const {
  static constexpr unsigned side_by_side[3] = {1, 1, 1};
  const type_row* type = find_type(box);
  const cuda::tensor_swizzle swizzle = swizzle_of(box.span_bytes);
  if (type == nullptr || (box.rank != 2 && box.rank != 3) || swizzle == cuda::tensor_swizzle::none)
    core::fail(GEMMACT_INTERNAL, "there is no tensor map of {} dimensions with {}", box.rank, text_of(box));
  const uint64_t dims[3] = {uint64_t(box.dims[0]), uint64_t(box.dims[1]), uint64_t(box.dims[2])};
  const uint64_t strides[2] = {uint64_t(box.stride_bytes[0]), uint64_t(box.stride_bytes[1])};
  const cuda::context::scope current(context_);
  // Not what is returned itself: compilers have been seen to let the place of a result that is not kept be aligned to less.
  alignas(64) u64 words[16];
  const cuda::driver& driver = context_.driver();
  const cuda::result code = driver.call.cuTensorMapEncodeTiled(
      words, type->in_driver, box.rank, const_cast<void*>(box.base), dims, strides, box.box, side_by_side,
      cuda::tensor_interleave::none, swizzle, cuda::tensor_promotion::to_256_bytes, cuda::tensor_fill::zeros);
  if (code == invalid_value)
    core::fail(GEMMACT_INTERNAL,
               "the driver refuses the tensor map that a kernel needs ({}): cuTensorMapEncodeTiled says {}",
               text_of(box), driver.words_of(code));
  if (code != 0) driver.fail(code, "cuTensorMapEncodeTiled", fmt::format("making a tensor map ({})", text_of(box)));
  tensor_map map;
  std::memcpy(map.words, words, sizeof words);
  return map;
}

}  // namespace gemmact::plan
