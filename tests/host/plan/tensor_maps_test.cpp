// What families ask of the driver for kernels with TMA: the arguments that it gets, what it refuses, and that a run with maps
// is still a run.
#include "host/plan/tensor_maps.hpp"

#include "kernels/emulator/tensor_map.hpp"
#include "tests/host/plan/gpu_fixture.hpp"
#include "tests/support/refusal.hpp"

namespace gemmact::test {
namespace {

using families::element;
using families::tensor_box;

alignas(16) unsigned char place[64];

tensor_box sound() {
  return {.type = element::bf16,
          .base = place,
          .rank = 3,
          .dims = {100, 50, 7},
          .stride_bytes = {208, 10400},
          .box = {64, 32, 2},
          .span_bytes = 128};
}

class maps_of_a_driver : public gpu_fixture {
 protected:
  void SetUp() override {
    gpu_fixture::SetUp();
    maps_.emplace(*here_);
  }
  std::string refused(const tensor_box& box, gemmact_status status = GEMMACT_INTERNAL) {
    return refusal(status, [&] { maps_->encode(box); });
  }
  std::optional<plan::tensor_maps> maps_;
};

TEST_F(maps_of_a_driver, are_of_the_box) {
  const tensor_map map = maps_->encode(sound());
  ASSERT_EQ(fake_.maps.size(), 1u);
  const fake_cuda::tensor_map_made& made = fake_.maps[0];
  EXPECT_EQ(made.type, cuda::tensor_type::bf16);
  EXPECT_EQ(made.rank, 3u);
  EXPECT_EQ(made.base, place);
  EXPECT_EQ(made.swizzle, cuda::tensor_swizzle::span_128);
  EXPECT_EQ(made.promotion, cuda::tensor_promotion::to_256_bytes);
  const tensor_box box = sound();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(made.dims[i], uint64_t(box.dims[i])) << i;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(made.box[i], box.box[i]) << i;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(made.strides[i], uint64_t(box.stride_bytes[i])) << i;
  emulator::tensor_description read;
  EXPECT_TRUE(emulator::decode_tensor_map(map.words, read)) << "the words are not the driver's";
  EXPECT_EQ(read.address, reinterpret_cast<uintptr_t>(place));
}

TEST_F(maps_of_a_driver, of_each_type_and_span) {
  struct row {
    element type;
    bool to_tf32;
    u32 bytes;
    cuda::tensor_type made;
  };
  const row rows[] = {
      {element::f32, false, 4, cuda::tensor_type::f32}, {element::f32, true, 4, cuda::tensor_type::tf32},
      {element::f16, false, 2, cuda::tensor_type::f16}, {element::bf16, false, 2, cuda::tensor_type::bf16},
      {element::e4m3, false, 1, cuda::tensor_type::u8}, {element::e5m2, false, 1, cuda::tensor_type::u8},
      {element::u8, false, 1, cuda::tensor_type::u8}};
  for (const row& r : rows) {
    for (const u32 span : {32u, 64u, 128u}) {
      tensor_box box = sound();
      box.type = r.type, box.to_tf32 = r.to_tf32;
      box.rank = 2;
      box.span_bytes = span, box.box[0] = span / r.bytes;
      maps_->encode(box);
      EXPECT_EQ(fake_.maps.back().type, r.made);
      EXPECT_EQ(16u << int(fake_.maps.back().swizzle), span);
      EXPECT_EQ(fake_.maps.back().rank, 2u);
    }
  }
}

TEST_F(maps_of_a_driver, that_cannot_be) {
  const auto says = [&](auto&& change, const char* part) {
    tensor_box box = sound();
    change(box);
    expect_part(refused(box), part);
  };
  says([](auto& b) { b.type = element::bit; }, "there is no tensor map of 3 dimensions with a type without maps");
  says([](auto& b) { b.to_tf32 = true; }, "a type without maps");
  says([](auto& b) { b.rank = 1; }, "of 1 dimensions");
  says([](auto& b) { b.rank = 4; }, "of 4 dimensions");
  says([](auto& b) { b.span_bytes = 16; }, "spans of 16 bytes");
  EXPECT_EQ(fake_.count(call::cuTensorMapEncodeTiled), 0) << "the driver is not asked";
}

TEST_F(maps_of_a_driver, that_it_refuses) {
  tensor_box box = sound();
  box.base = nullptr;
  box.dims[0] = 5;
  EXPECT_EQ(
      refused(box),
      "the driver refuses the tensor map that a kernel needs (bf16, 5 x 50 x 7 elements at 0x0, strides of 208 and "
      "10400 bytes, boxes of 64 x 32 x 2 with spans of 128 bytes): cuTensorMapEncodeTiled says "
      "CUDA_ERROR_INVALID_VALUE (globalAddress 0x0 is not aligned to 16 bytes)");
  const auto says = [&](auto&& change, const char* part) {
    tensor_box broken = sound();
    broken.rank = 2;
    change(broken);
    expect_part(refused(broken), part);
  };
  says([](auto& b) { b.base = place + 8; }, "is not aligned to 16 bytes)");
  says([](auto& b) { b.stride_bytes[0] = 200; }, "globalStrides[0] = 200 is not a multiple of 16");
  says([](auto& b) { b.stride_bytes[0] = i64(1) << 40; }, "is not below 2^40");
  says([](auto& b) { b.stride_bytes[0] = -16; }, "is not below 2^40");
  says([](auto& b) { b.dims[1] = 0; }, "globalDim[1] = 0 is not in 1..2^32");
  says([](auto& b) { b.box[1] = 257; }, "boxDim[1] = 257 is not in 1..256");
  says([](auto& b) { b.span_bytes = 64; }, "more than the swizzle's 64");
  EXPECT_TRUE(fake_.maps.empty());
}

TEST_F(maps_of_a_driver, that_fails) {
  fake_.fail_next(call::cuTensorMapEncodeTiled, 700);
  const std::string text = refused(sound(), GEMMACT_DEVICE_FAULT);
  expect_part(text, "making a tensor map (bf16, 100 x 50 x 7 elements at 0x");
  expect_part(text, "failed: cuTensorMapEncodeTiled says CUDA_ERROR_ILLEGAL_ADDRESS");
}

// A toy whose kernel would take two maps.
tensor_box wanted;
bool had_maps = false;

families::launch prepare_with_maps(const families::run& r, families::params_bytes& out) {
  had_maps = r.maps != nullptr;
  if (had_maps) r.maps->encode(wanted), r.maps->encode(wanted);
  return toy::prepare(r, out);
}

class runs_with_maps : public gpu_fixture {
 protected:
  void SetUp() override {
    gpu_fixture::SetUp();
    jit::compiler_options options;
    options.packs = {folder_ / "toy.pack"};
    options.nvrtc = "/nonexistent/libnvrtc.so";
    context_->device = std::make_unique<plan::gpu_device>(plan::gpu_of(here_->facts()), here_, std::span(&family_, 1),
                                                          std::move(options));
    wanted = sound();
  }
  const plan::gpu_family family_{
      "toy", "sm_90", "toys", toy::supports, toy::candidates, toy::workspace_bytes, prepare_with_maps};
};

TEST_F(runs_with_maps, ask_for_them_and_launch) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  ASSERT_NE(plan, nullptr);
  EXPECT_EQ(fake_.count(call::cuTensorMapEncodeTiled), 0) << "a plan has no operands yet";
  sample_run memory(layer);
  fake_.forget();
  ASSERT_EQ(run(plan.get(), memory), GEMMACT_OK) << message_;
  EXPECT_TRUE(had_maps);
  EXPECT_EQ(fake_.count(call::cuTensorMapEncodeTiled), 2);
  EXPECT_EQ(fake_.count(call::cuLaunchKernelEx), 1);
  EXPECT_EQ(loads_and_allocations(), 0);
  EXPECT_EQ(fake_.count_all(), 3 + fake_.count(call::cuCtxGetCurrent) + fake_.count(call::cuCtxPushCurrent) +
                                   fake_.count(call::cuCtxPopCurrent));
}

TEST_F(runs_with_maps, launch_nothing_where_one_is_refused) {
  sample_layer layer = forward_layer();
  const plan_handle plan = make_plan(layer);
  sample_run memory(layer);
  wanted.stride_bytes[1] = 8;
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_INTERNAL);
  expect_part(message_, "globalStrides[1] = 8 is not a multiple of 16");
  EXPECT_EQ(fake_.count(call::cuLaunchKernelEx), 0);
  wanted = sound();
  EXPECT_EQ(run(plan.get(), memory), GEMMACT_OK) << message_;
}

}  // namespace
}  // namespace gemmact::test
