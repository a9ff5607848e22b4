// What tuning has measured, kept in memory and, between processes, on the disk beside the compiled kernels.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/core/device.hpp"
#include "host/jit/cache_folder.hpp"

namespace gemmact::plan {

// All that a plan's speed depends on, but for the device: one line for the layer and one a tensor, in a fixed order.
std::string tuning_key(const core::problem& p);

// Of one problem on one device.
struct tuned_problem {
  int64_t m = 0;                      // of the runs that were timed
  std::vector<core::timing> timings;  // of those that were begun; the disk has no failures, and no kernels' names
  std::string note;                   // what is wrong with the disk; usually empty
};

// A file's whole text, JSON: a checksum of all that follows it, the key and the times.
std::string tuned_text(const std::string& key, const tuned_problem& times);
// Safe for any bytes: nothing where one of them is wrong, or where it is another key's.
std::shared_ptr<tuned_problem> read_tuned(const std::string& key, std::string_view text);

// Thread-safe. The disk is asked once for each problem; a file that cannot serve is as good as none.
class tuned_times {
 public:
  // `device`: all that tells a device, its driver and the kernels from others. `directory`, `off_reason`: as cache_folder's.
  tuned_times(std::string device, std::string directory, std::string off_reason);

  // Never null; empty where nothing has been measured.
  std::shared_ptr<const tuned_problem> find(const core::problem& p) const;

  // With what was measured earlier, at the same m, of configurations that are not among these. A disk that keeps nothing is
  // told in the problem's note.
  void keep(const core::problem& p, tuned_problem times);

 private:
  std::string whole_key(const std::string& key) const;  // the device's, too
  std::shared_ptr<const tuned_problem> look_up(const std::string& key) const;

  const std::string device_;
  mutable jit::cache_folder folder_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const tuned_problem>> known_;
};

}  // namespace gemmact::plan
