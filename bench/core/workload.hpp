// The arms of a case, on inputs that are theirs alone.
#pragma once
#include <memory>
#include <vector>

#include "bench/baselines/product.hpp"
#include "bench/core/cases.hpp"
#include "bench/core/data.hpp"
#include "bench/core/fused_layer.hpp"
#include "bench/core/measure.hpp"

namespace gemmact_bench {

// What all cases share.
class bench_environment {
 public:
  // `cold_bytes`: what a rotated weight must walk through, more than the last-level cache where memory allows.
  bench_environment(const context& device, int64_t cold_bytes);

  const context& device;
  pool threads;
  std::vector<std::unique_ptr<product_library>> products;
  std::string openblas_missing;  // why, or ""

  // W ~ N(0, 1) / 32, so that z is about N(0, 1) and functions do what they do in a network; all else N(0, 1).
  // Each call may end the life of earlier stores of the same kind.
  const store& weights(gemmact_type type, int64_t elements, bool cold);
  const store& inputs(gemmact_type type, int64_t elements);
  int64_t cold_bytes() const { return cold_bytes_; }

 private:
  int64_t cold_bytes_;
  std::unique_ptr<store> weights_, inputs_;
};

// Few rows: the time is that of reading W, so W is another one each time.
bool is_cold(const bench_case& c);

struct workload {
  contest arms;
  std::string kernel;           // of the fused arm, as a profiler shows it
  std::shared_ptr<void> state;  // what the arms work on
};
workload make_workload(bench_environment& environment, const bench_case& c);

// What a baseline's arm is called: `ready` says that a 16-bit W was converted to f32 long before.
std::string product_name(const product_library& library, const bench_case& c, bool ready);

// The parts of make_workload.
workload make_forward(bench_environment& environment, const bench_case& c);
workload make_activation_grad(bench_environment& environment, const bench_case& c);
workload make_input_grad(bench_environment& environment, const bench_case& c);
workload make_weight_grad(bench_environment& environment, const bench_case& c);

}  // namespace gemmact_bench
