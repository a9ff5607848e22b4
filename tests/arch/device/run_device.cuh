// Probes on the GPU of this machine.
#pragma once
#include <cuda.h>
#include <cuda_runtime.h>

#include <stdexcept>

#include "tests/arch/device/probe.hpp"

namespace gemmact::device_test {

inline void check(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}

// Only for architectures that have its instructions is the kernel more than a trap.
template <class K>
__global__ void __launch_bounds__(K::threads, 1) probe_entry(const __grid_constant__ probe_params params) {
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
  constexpr u32 here = 900;
#elif defined(__CUDA_ARCH__)
  constexpr u32 here = __CUDA_ARCH__ / 10;
#else
  constexpr u32 here = 0;
#endif
  if constexpr (here >= K::first) K::run(params);
  else arch::trap();
}

inline void encode(tensor_map& map, const map_facts& facts, void* memory) {
  if (!facts.dimensions) return;
  void* found = nullptr;
  cudaDriverEntryPointQueryResult result;
#if CUDART_VERSION >= 12050
  check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, 12000, cudaEnableDefault, &result),
        "cuTensorMapEncodeTiled");
#else
  check(cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &found, cudaEnableDefault, &result),
        "cuTensorMapEncodeTiled");
#endif
  const CUtensorMapDataType types[] = {CU_TENSOR_MAP_DATA_TYPE_UINT8,    CU_TENSOR_MAP_DATA_TYPE_UINT16,
                                       CU_TENSOR_MAP_DATA_TYPE_UINT32,   CU_TENSOR_MAP_DATA_TYPE_FLOAT32,
                                       CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, CU_TENSOR_MAP_DATA_TYPE_TFLOAT32};
  const auto swizzle_of = facts.span == 128  ? CU_TENSOR_MAP_SWIZZLE_128B
                          : facts.span == 64 ? CU_TENSOR_MAP_SWIZZLE_64B
                          : facts.span == 32 ? CU_TENSOR_MAP_SWIZZLE_32B
                                             : CU_TENSOR_MAP_SWIZZLE_NONE;
  cuuint64_t extent[3], stride[2];
  const cuuint32_t ones[3] = {1, 1, 1};
  for (int i = 0; i < 3; ++i) extent[i] = facts.extent[i];
  for (int i = 0; i < 2; ++i) stride[i] = facts.stride[i];
  static_assert(sizeof(tensor_map) == sizeof(CUtensorMap));
  alignas(64) CUtensorMap encoded_map;
  const CUresult status = reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(found)(
      &encoded_map, types[int(facts.type)], facts.dimensions, memory, extent, stride, facts.box, ones,
      CU_TENSOR_MAP_INTERLEAVE_NONE, swizzle_of, CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS) throw std::runtime_error("cuTensorMapEncodeTiled failed: " + std::to_string(int(status)));
  std::memcpy(&map, &encoded_map, sizeof map);
}

template <class K>
bytes run_probe(const probe& one) {
  u8 *in = nullptr, *out = nullptr;
  check(cudaMalloc(&in, one.input.size() + 16), "cudaMalloc");
  check(cudaMalloc(&out, one.expected.size() + 16), "cudaMalloc");
  check(cudaMemcpy(in, one.input.data(), one.input.size(), cudaMemcpyHostToDevice), "copy of the input");
  check(cudaMemset(out, 0xff, one.expected.size()), "cudaMemset");
  probe_params params{{u64(in)}, {u64(out)}, one.x, one.y, one.z, 0, {}, {}};
  encode(params.load, one.load, in);
  encode(params.store, one.store, out);
  check(cudaFuncSetAttribute(probe_entry<K>, cudaFuncAttributeMaxDynamicSharedMemorySize, int(one.shared_bytes)),
        "shared memory");
  cudaLaunchConfig_t config{};
  config.gridDim = one.blocks;
  config.blockDim = one.threads;
  config.dynamicSmemBytes = one.shared_bytes;
  cudaLaunchAttribute cluster{};
  cluster.id = cudaLaunchAttributeClusterDimension;
  cluster.val.clusterDim = {one.cluster, 1, 1};
  config.attrs = &cluster;
  config.numAttrs = one.cluster > 1;
  check(cudaLaunchKernelEx(&config, probe_entry<K>, params), "launch");
  check(cudaDeviceSynchronize(), "the kernel");
  bytes output(one.expected.size());
  check(cudaMemcpy(output.data(), out, output.size(), cudaMemcpyDeviceToHost), "copy of the output");
  check(cudaFree(in), "cudaFree");
  check(cudaFree(out), "cudaFree");
  return output;
}

}  // namespace gemmact::device_test
