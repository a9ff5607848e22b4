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

// Thread-safe. A file that cannot serve is as good as none.
class tuned_times {
 public:
  // `device`: all that tells a device, its driver and the kernels from others. `directory`, `off_reason`: as cache_folder's.
  tuned_times(std::string device, std::string directory, std::string off_reason);

  // Never null; empty where nothing has been measured. The disk is asked once for each problem that has times; one without
  // any is asked for again when some thousand others of its kind have been since.
  std::shared_ptr<const tuned_problem> find(const core::problem& p) const;
  // What another process has kept since is seen, too.
  std::shared_ptr<const tuned_problem> find_anew(const core::problem& p) const;

  // With what was measured earlier, at the same m, of configurations that are not among these, here or by other processes:
  // it ranks behind these. Returns why the disk keeps nothing, usually empty; the problem's note tells that too, except for
  // a disk that is off.
  std::string keep(const core::problem& p, tuned_problem times);

 private:
  std::string whole_key(const std::string& key) const;                       // the device's, too
  std::shared_ptr<const tuned_problem> known(const std::string& key) const;  // or null
  std::shared_ptr<tuned_problem> read(const std::string& key) const;
  std::shared_ptr<const tuned_problem> learn(const std::string& key, std::shared_ptr<const tuned_problem> times,
                                             bool replace) const;

  const std::string device_, off_;
  mutable jit::cache_folder folder_;
  std::mutex keeping_;  // one after the other
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<const tuned_problem>> known_;
  mutable size_t without_times_ = 0;  // of known_, at most
};

}  // namespace gemmact::plan
