// A device that is not here: its kernel families can be asked what they would do.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "host/core/device.hpp"

namespace gemmact::plan {

// From the vendor's data sheets, the SXM models where there are several.
struct described_gpu {
  const char* name;   // after "describe:"
  const char* model;  // in full
  const char* architecture;
  int multiprocessors;
  int bandwidth_gb_per_s;  // of its memory
};

std::span<const described_gpu> described_gpus();

std::unique_ptr<core::device> describe(const described_gpu& gpu);

}  // namespace gemmact::plan
