// Every probe there is.
#pragma once
#include "tests/arch/device/probes/barrier.cuh"
#include "tests/arch/device/probes/cluster.cuh"
#include "tests/arch/device/probes/conversion.cuh"
#include "tests/arch/device/probes/matrix.cuh"
#include "tests/arch/device/probes/memory.cuh"
#include "tests/arch/device/probes/tma.cuh"
#include "tests/arch/device/probes/warp.cuh"
#include "tests/arch/device/probes/wgmma.cuh"

namespace gemmact::device_test {

inline probes all_probes() {
  probes all;
  add_warp_probes(all);
  add_memory_probes(all);
  add_conversion_probes(all);
  add_matrix_probes(all);
  add_barrier_probes(all);
  add_tma_probes(all);
  add_cluster_probes(all);
  add_wgmma_probes(all);
  return all;
}

}  // namespace gemmact::device_test
