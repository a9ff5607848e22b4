// What families are told of a device: from its driver, or from a data sheet where it is not here.
#pragma once
#include <span>

#include "host/cuda/device_facts.hpp"
#include "kernels/families/family.hpp"

namespace gemmact::plan {

struct described_gpu {
  const char* name;  // after "describe:"
  families::gpu facts;
};

std::span<const described_gpu> described_gpus();

families::gpu gpu_of(const cuda::device_facts& facts);

// The device that kernels for an architecture (80, 90, ...) are chosen for ahead of time: the described one of that
// architecture. For others, the one with the least shared memory stands in, so that its kernels fit.
families::gpu gpu_of_architecture(int architecture);

// "NVIDIA H100 SXM, sm_90, 132 multiprocessors, 3120 GB/s of memory"
std::string gpu_text(const families::gpu& gpu);

}  // namespace gemmact::plan
