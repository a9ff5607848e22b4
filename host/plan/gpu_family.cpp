#include "host/plan/gpu_family.hpp"

#include "family_includes.hpp"

namespace gemmact::plan {

std::span<const gpu_family> gpu_families() {
  static const std::vector<gpu_family> rows = {
#define GEMMACT_GPU_FAMILY(folder, where, what) \
  {#folder,                                     \
   where,                                       \
   what,                                        \
   families::folder::supports,                  \
   families::folder::candidates,                \
   families::folder::workspace_bytes,           \
   families::folder::prepare},
#include "kernels/families/families.inc"
#undef GEMMACT_GPU_FAMILY
  };
  return rows;
}

}  // namespace gemmact::plan
