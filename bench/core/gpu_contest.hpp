// The arms of a case on a GPU, put together from what can be run of it: bench/gpu has the real thing, tests one
// whose arms are planted.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/core/workload.hpp"

namespace gemmact_bench {

inline constexpr uint32_t gpu_alignment = 128;  // of every tensor: a rotated W's steps are multiples of it

enum class gpu_task {
  fused,     // the layer, or the backward operation, through gemmact_run
  by_hand,   // the same with the catalogue's own function instead of an equation
  plain,     // this library's product alone; of activation_grad the gradient without sums
  product,   // cuBLASLt's product alone, by one of its heuristics
  epilogue,  // cuBLASLt's product with its own bias and function, or gradients of them, by one of its heuristics
  unfused    // what is fused, one after the other
};

// The `way` of an unfused layer whose product is this library's.
inline constexpr int own_product = -1;

class gpu_layer {
 public:
  virtual ~gpu_layer() = default;
  virtual std::string kernel(gpu_task ours) const = 0;  // of fused and plain, as a profiler shows it
  virtual std::string family(gpu_task ours) const = 0;
  virtual int cycle() const = 0;                         // calls after which inputs come again
  virtual std::string missing(gpu_task task) const = 0;  // why product or epilogue cannot be tried, or ""
  virtual int heuristics(gpu_task task) const = 0;       // of product and epilogue; number 0 is the default
  // Behind the product that is named.
  virtual std::string unfused_name(const std::string& product) const { return product + ", then one kernel"; }
  virtual void run(gpu_task task, int way) = 0;                  // way: a heuristic; of fused and plain 0
  virtual double check(gpu_task task, unsigned seed) const = 0;  // as arm::check
  virtual void spoil(gpu_task task) const = 0;
  virtual first_run time_first_run() { return {}; }  // of a case with an equation
};

// The columns of a row's `others`, in this order behind column_by_hand.
enum gpu_column { column_default = column_by_hand + 1, column_epilogue, column_plain };
std::vector<std::string> gpu_columns();

// Which heuristic won for a product or its epilogue: the same one is not tried again in a later case of the same run.
struct remembered_heat {
  heat chosen;
  std::string missing;  // why none can be used
};
using heat_memory = std::map<std::string, remembered_heat>;

// The layer lives as long as the workload.
workload make_gpu_workload(const std::shared_ptr<gpu_layer>& layer, const bench_case& c,
                           const measure_settings& settings, heat_memory& memory);

}  // namespace gemmact_bench
