#include "bench/gpu/gpu_environment.hpp"

#include <thread>

namespace gemmact_bench {
namespace {

int current_architecture() {
  int number = 0, major = 0, minor = 0;
  require_cuda(cudaGetDevice(&number), "cudaGetDevice");
  require_cuda(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, number), "cudaDeviceGetAttribute");
  require_cuda(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, number), "cudaDeviceGetAttribute");
  return 10 * major + minor;
}

}  // namespace

gpu_environment::gpu_environment(const context& on, int64_t cold_bytes, int multiprocessor_count)
    : device(on),
      threads(int(std::max(1u, std::thread::hardware_concurrency()))),
      stores(threads, cold_bytes),
      library(workspace_bytes),
      multiprocessors(multiprocessor_count),
      architecture(current_architecture()) {}

double gpu_environment::read(const device_memory& from, gemmact_type type, int64_t index) {
  float bits = 0;
  queue.wait();
  from.read(size_t(index * bytes_of(type)), &bits, size_t(bytes_of(type)));
  return element(type, &bits, 0);
}

}  // namespace gemmact_bench
