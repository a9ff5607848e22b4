// What an equation costs before its kernel runs: from the text to the launch.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "bench/core/fused_layer.hpp"

namespace gemmact_bench {

// Seconds; 0: not measured.
struct first_run {
  double compiled = 0;   // nothing is known of the equation, and the cache folder is empty
  double from_disk = 0;  // in another context, with what the first one left in that folder
};

// `launch` makes the layer on a context, runs it once and gives what must live on until `wait` has come back. Contexts are
// opened, and a folder for them made and removed, outside of the times; where NVRTC was used before it is loaded already.
first_run time_first_run(const std::string& device, const std::function<std::shared_ptr<void>(const context&)>& launch,
                         const std::function<void()>& wait);

}  // namespace gemmact_bench
