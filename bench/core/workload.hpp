// The arms of a case, on inputs that are theirs alone.
#pragma once
#include <memory>
#include <stdexcept>
#include <vector>

#include "bench/baselines/product.hpp"
#include "bench/core/cases.hpp"
#include "bench/core/data.hpp"
#include "bench/core/first_run.hpp"
#include "bench/core/fused_layer.hpp"
#include "bench/core/measure.hpp"

namespace gemmact_bench {

// What all cases share.
class bench_environment {
 public:
  // `cold_bytes` as input_stores has it.
  bench_environment(const context& device, int64_t cold_bytes);

  const context& device;
  pool threads, alone;  // all threads, and the calling one
  std::vector<std::unique_ptr<product_library>> products;
  std::string openblas_missing;  // why, or ""

  input_stores stores;
};

// Few rows: the time is that of reading W, so W is another one each time.
// A W of fewer elements is not rotated: a cycle of such W would be very many calls.
inline constexpr int64_t most_cold_rows_on_cpu = 16, most_cold_rows_on_gpu = 256, least_cold_weights = 65536;
bool is_cold(const bench_case& c, int64_t most_rows = most_cold_rows_on_cpu);

// A case that the device has no arms for; the message is the reason, the same for all cases of its kind.
struct case_left_out : std::runtime_error {
  using runtime_error::runtime_error;
};

// Of a contest's `others`, on every device: the layer whose function is the catalogue's own, where the fused arm has an
// equation for it. More columns come behind it.
inline constexpr size_t column_by_hand = 0;
inline constexpr const char* heading_by_hand = "/ by hand";
arm no_equation();  // stands there in all other cases

struct workload {
  contest arms;
  std::string kernel;           // of the fused arm, as a profiler shows it
  std::string family = {};      // of that kernel, where the device has several
  bool cold = false;            // W is another one at each call
  heat chosen = {};             // of the product's candidates, where they were tried before
  first_run first = {};         // of an equation, where it is compiled
  std::shared_ptr<void> state;  // what the arms work on
};
workload make_workload(bench_environment& environment, const bench_case& c);

// One way to do without fusion. Those that are tried are all that may be the fastest.
struct baseline_way {
  product_library* library;
  bool ready;    // a 16-bit W was converted to f32 long before
  pool* passes;  // who does the pass: a short one costs less than waking a thread
  std::string name;
};
// `elements`: of the pass.
std::vector<baseline_way> baseline_ways(bench_environment& environment, const bench_case& c, int64_t elements);
// The same without a pass.
std::vector<baseline_way> product_ways(bench_environment& environment, const bench_case& c);

// The parts of make_workload.
workload make_forward(bench_environment& environment, const bench_case& c);
workload make_activation_grad(bench_environment& environment, const bench_case& c);
workload make_input_grad(bench_environment& environment, const bench_case& c);
workload make_weight_grad(bench_environment& environment, const bench_case& c);

}  // namespace gemmact_bench
