// The types and numbers of the driver's interface that are used, declared here so that no toolkit is needed to build; a
// test compares them with cuda.h where there is one.
#pragma once
#include <cstddef>
#include <cstdint>

namespace gemmact::cuda {

using result = int;  // CUresult; 0 is success

using device_number = int;                      // CUdevice
using context_handle = struct context_body*;    // CUcontext
using stream_handle = struct stream_body*;      // CUstream
using library_handle = struct library_body*;    // CUlibrary
using kernel_handle = struct kernel_body*;      // CUkernel
using function_handle = struct function_body*;  // CUfunction
using event_handle = struct event_body*;        // CUevent
using device_pointer = uint64_t;                // CUdeviceptr

namespace device_attribute {
inline constexpr int clock_khz = 13, multiprocessors = 16, memory_clock_khz = 36, memory_bus_bits = 37, l2_bytes = 38,
                     threads_multiprocessor = 39, major = 75, minor = 76, shared_multiprocessor_bytes = 81,
                     registers_multiprocessor = 82, shared_block_bytes = 97, memory_pools = 115;
}

namespace function_attribute {
inline constexpr int max_dynamic_shared_bytes = 8;
}

enum class capture_status : int { none = 0, active, invalidated };     // CUstreamCaptureStatus
enum class capture_mode : int { global = 0, thread_local_, relaxed };  // CUstreamCaptureMode

inline constexpr uintptr_t legacy_stream = 1, per_thread_stream = 2;  // CU_STREAM_LEGACY, CU_STREAM_PER_THREAD

struct launch_attribute {  // CUlaunchAttribute
  enum id_type : int { cluster_dimension = 4, programmatic_stream_serialization = 6 };
  struct dimensions {
    unsigned x, y, z;
  };
  id_type id;
  char gap[4];
  union {
    char all[64];
    dimensions cluster;
    int flag;
  } value;
};

struct launch_config {  // CUlaunchConfig
  unsigned grid_x, grid_y, grid_z;
  unsigned block_x, block_y, block_z;
  unsigned shared_bytes;
  stream_handle stream;
  launch_attribute* attributes;
  unsigned attribute_count;
};

// Of cuTensorMapEncodeTiled, which writes 128 bytes at a multiple of 64.
enum class tensor_type : int { u8 = 0, f16 = 6, f32 = 7, bf16 = 9, tf32 = 11 };           // CUtensorMapDataType
enum class tensor_interleave : int { none = 0 };                                          // CUtensorMapInterleave
enum class tensor_swizzle : int { none = 0, span_32, span_64, span_128 };                 // CUtensorMapSwizzle
enum class tensor_promotion : int { none = 0, to_64_bytes, to_128_bytes, to_256_bytes };  // CUtensorMapL2promotion
enum class tensor_fill : int { zeros = 0 };                                               // CUtensorMapFloatOOBfill

static_assert(sizeof(launch_attribute) == 72 && sizeof(launch_config) == 56, "the driver's layouts");

}  // namespace gemmact::cuda
