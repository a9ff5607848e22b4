// Ranges in a profiler's timeline, of the NVTX domain "gemmact". Without a profiler they cost a comparison; where NVTX's
// headers were not found when this was built, nothing.
#pragma once
#include <string>

namespace gemmact::cuda {

// Whether ranges were compiled in.
bool has_profiler_ranges();

// A name, known to the profiler that is attached, if any.
class profiler_name {
 public:
  explicit profiler_name(const std::string& name);

 private:
  friend class profiler_range;
  void* registered_ = nullptr;  // null without a profiler
};

class profiler_range {
 public:
  explicit profiler_range(const profiler_name& name) : open_(name.registered_ != nullptr) {
    if (open_) begin(name.registered_);
  }
  ~profiler_range() {
    if (open_) end();
  }
  profiler_range(const profiler_range&) = delete;
  profiler_range& operator=(const profiler_range&) = delete;

 private:
  static void begin(void* registered);
  static void end();
  bool open_;
};

}  // namespace gemmact::cuda
