// The plans that gemmact_linear has made, with workspaces: the most recently used ones.
#pragma once
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct workspace_deleter {
  void operator()(void* memory) const;
};
using workspace_memory = std::unique_ptr<void, workspace_deleter>;  // null for a plan that needs none

// A plan and the workspaces that no run is using; concurrent runs take different ones.
class linear_plan {
 public:
  explicit linear_plan(std::unique_ptr<gemmact_plan> plan);
  ~linear_plan();

  const gemmact_plan& plan() const { return *plan_; }

  // Runs with a workspace from the free list, or a new one; on a device with streams, with one that the device brings in
  // the stream's order. Throws core::failure.
  void run(const gemmact_operands& operands, void* stream);

 private:
  void run_on_stream(const gemmact_operands& operands, void* stream);
  workspace_memory take(void* stream);
  void give_back(workspace_memory memory);

  std::unique_ptr<gemmact_plan> plan_;
  std::mutex mutex_;
  std::vector<workspace_memory> free_;  // guarded by mutex_
};

// Text views point to the caller's text in a look-up and to the entry's own in the map.
using linear_key = std::tuple<std::string_view, int64_t, int64_t, int64_t, uint32_t, bool,
                              uint32_t>;  // activation m n k type bias, alignment of x, w and y

class linear_cache {
 public:
  static constexpr size_t most_plans = 256;

  // The plan for a key, made with make() when it is not there; a run may go on with it after it has been dropped.
  template <class Make>
  std::shared_ptr<linear_plan> get(const linear_key& key, const Make& make) {
    if (std::shared_ptr<linear_plan> found = find(key)) return found;
    return insert(key, std::make_shared<linear_plan>(make()));  // made outside the lock: others need not wait for it
  }

  std::shared_ptr<linear_plan> find(const linear_key& key);  // null where it is not there
  size_t size() const;

 private:
  struct entry {
    std::string activation;
    std::shared_ptr<linear_plan> plan;
    linear_key key;
  };

  std::shared_ptr<linear_plan> insert(const linear_key& key, std::shared_ptr<linear_plan> made);

  mutable std::mutex mutex_;
  std::list<entry> entries_;  // the most recently used first
  std::map<linear_key, std::list<entry>::iterator> by_key_;
};

}  // namespace gemmact::api
