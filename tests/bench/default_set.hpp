// What bench/run measures on a GPU when nothing else is asked for.
#pragma once
#include "bench/core/cases.hpp"

namespace gemmact_bench {

inline case_list default_gpu_set(const std::string& folder) {
  const case_limits& limits = gpu_limits();
  return make_cases({.shapes = read_all_shapes(folder),
                     .selected = parse_selections(read_file(folder + "/" + limits.default_list), limits.default_list),
                     .catalogue = catalogue_names(),
                     .size = extent::standard,
                     .memory_bytes = int64_t(64) << 30,
                     .limits = limits});
}

}  // namespace gemmact_bench
