// Our declarations of the driver's interface against NVIDIA's headers.
#include "host/cuda/driver_abi.hpp"

#include <cuda.h>
#include <cudaTypedefs.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "host/cuda/driver.hpp"
#include "tests/host/cuda/same_call.hpp"

namespace gemmact::cuda {
namespace {

// The version in the row is one that has a type of its own, with these arguments.
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) \
  static_assert(same_call<result(*) arguments, PFN_##name##_v##version>::value, #name);
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION

#define GEMMACT_DRIVER_RESULT(name, number, status, device) static_assert(CUDA_ERROR_##name == number, #name);
#include "host/cuda/driver_results.inc"
#undef GEMMACT_DRIVER_RESULT

#define SAME_FIELD(ours, theirs)                                                     \
  static_assert(offsetof(launch_config, ours) == offsetof(CUlaunchConfig, theirs) && \
                    sizeof(launch_config::ours) == sizeof(CUlaunchConfig::theirs),   \
                #ours)
SAME_FIELD(grid_x, gridDimX);
SAME_FIELD(grid_y, gridDimY);
SAME_FIELD(grid_z, gridDimZ);
SAME_FIELD(block_x, blockDimX);
SAME_FIELD(block_y, blockDimY);
SAME_FIELD(block_z, blockDimZ);
SAME_FIELD(shared_bytes, sharedMemBytes);
SAME_FIELD(stream, hStream);
SAME_FIELD(attributes, attrs);
SAME_FIELD(attribute_count, numAttrs);
static_assert(sizeof(launch_config) == sizeof(CUlaunchConfig) && sizeof(launch_attribute) == sizeof(CUlaunchAttribute));
static_assert(offsetof(launch_attribute, value) == offsetof(CUlaunchAttribute, value));
static_assert(offsetof(CUlaunchAttributeValue, clusterDim) == 0 &&
              offsetof(CUlaunchAttributeValue, programmaticStreamSerializationAllowed) == 0);
static_assert(int(launch_attribute::cluster_dimension) == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
static_assert(int(launch_attribute::programmatic_stream_serialization) ==
              CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);

static_assert(device_attribute::clock_khz == CU_DEVICE_ATTRIBUTE_CLOCK_RATE &&
              device_attribute::multiprocessors == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT &&
              device_attribute::memory_clock_khz == CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE &&
              device_attribute::memory_bus_bits == CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH &&
              device_attribute::l2_bytes == CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE &&
              device_attribute::threads_multiprocessor == CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR &&
              device_attribute::major == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR &&
              device_attribute::minor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR &&
              device_attribute::shared_multiprocessor_bytes ==
                  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR &&
              device_attribute::registers_multiprocessor == CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR &&
              device_attribute::shared_block_bytes == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN &&
              device_attribute::memory_pools == CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED);
static_assert(function_attribute::max_dynamic_shared_bytes == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
static_assert(int(capture_status::active) == CU_STREAM_CAPTURE_STATUS_ACTIVE &&
              int(capture_status::invalidated) == CU_STREAM_CAPTURE_STATUS_INVALIDATED &&
              int(capture_mode::thread_local_) == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL &&
              int(capture_mode::relaxed) == CU_STREAM_CAPTURE_MODE_RELAXED);

static_assert(int(tensor_type::u8) == CU_TENSOR_MAP_DATA_TYPE_UINT8 &&
              int(tensor_type::f16) == CU_TENSOR_MAP_DATA_TYPE_FLOAT16 &&
              int(tensor_type::f32) == CU_TENSOR_MAP_DATA_TYPE_FLOAT32 &&
              int(tensor_type::bf16) == CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 &&
              int(tensor_type::tf32) == CU_TENSOR_MAP_DATA_TYPE_TFLOAT32);
static_assert(int(tensor_interleave::none) == CU_TENSOR_MAP_INTERLEAVE_NONE &&
              int(tensor_fill::zeros) == CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
static_assert(int(tensor_swizzle::none) == CU_TENSOR_MAP_SWIZZLE_NONE &&
              int(tensor_swizzle::span_32) == CU_TENSOR_MAP_SWIZZLE_32B &&
              int(tensor_swizzle::span_64) == CU_TENSOR_MAP_SWIZZLE_64B &&
              int(tensor_swizzle::span_128) == CU_TENSOR_MAP_SWIZZLE_128B);
static_assert(int(tensor_promotion::none) == CU_TENSOR_MAP_L2_PROMOTION_NONE &&
              int(tensor_promotion::to_64_bytes) == CU_TENSOR_MAP_L2_PROMOTION_L2_64B &&
              int(tensor_promotion::to_128_bytes) == CU_TENSOR_MAP_L2_PROMOTION_L2_128B &&
              int(tensor_promotion::to_256_bytes) == CU_TENSOR_MAP_L2_PROMOTION_L2_256B);
static_assert(sizeof(CUtensorMap) == 128);

// Every result of which the header says that the process must go is sticky here.
TEST(driver_abi, sticky_results) {
  std::ifstream in(GEMMACT_CUDA_H);
  std::ostringstream whole;
  whole << in.rdbuf();
  const std::string text = whole.str();
  const std::string results =
      text.substr(text.find("CUDA_SUCCESS"), text.find("} CUresult;") - text.find("CUDA_SUCCESS"));
  std::set<std::string> found;
  size_t begin = 0;
  const std::regex entry("(CUDA_ERROR_\\w+)\\s*=\\s*(\\d+)");
  for (std::sregex_iterator i(results.begin(), results.end(), entry), end; i != end; ++i) {
    const std::string words = results.substr(begin, size_t(i->position()) - begin);
    begin = size_t(i->position() + i->length());
    const bool must_go = words.find("relaunched") != std::string::npos;
    if (!must_go) continue;
    found.insert((*i)[1]);
    EXPECT_EQ(meaning_of(std::stoi((*i)[2])).device, aftermath::lost) << (*i)[1];
  }
  EXPECT_GE(found.size(), 9u) << "the header is not read as it is written";
  EXPECT_TRUE(found.count("CUDA_ERROR_ILLEGAL_ADDRESS"));
}

}  // namespace
}  // namespace gemmact::cuda
