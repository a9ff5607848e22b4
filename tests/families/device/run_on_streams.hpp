// A layer that is run again and again on streams of its own.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/layer/layer.hpp"

namespace gemmact::test {

// The bytes of all outputs of one run, gaps included, in the order of the layer's operands.
using output_bytes = std::vector<unsigned char>;

class run_on_streams {
 public:
  // Throws not_covered where the device has no kernel for the layer.
  run_on_streams(test_device& device, const layer& l, int streams);
  ~run_on_streams();
  // Puts a run on each stream, with outputs of its own that hold `poison` before and a workspace as the run before has left
  // it, and waits for all.
  std::vector<output_bytes> run(unsigned char poison);
  const char* kernel() const { return info_.kernel; }

 private:
  struct lane;
  const layer& l_;
  gemmact_plan* plan_ = nullptr;
  gemmact_plan_info info_{};
  std::vector<void*> inputs_;  // of the GPU, by operand; null for outputs
  std::vector<std::unique_ptr<lane>> lanes_;
};

}  // namespace gemmact::test
