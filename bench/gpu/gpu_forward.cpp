#include "bench/gpu/gpu_forward.hpp"

#include <fmt/format.h>

#include <thread>

#include "bench/core/forward_layer.hpp"
#include "bench/gpu/activation_pass.hpp"

namespace gemmact_bench {
namespace {

constexpr uint32_t alignment = 128;  // of every tensor: a rotated W's steps are multiples of it

// The product of a layer alone, as a layer of its own: linear, all its columns in one W.
bench_case product_of(const bench_case& c) {
  bench_case product = c;
  product.n = c.n * (c.combine == GEMMACT_PLAIN ? 1 : 2);
  product.combine = GEMMACT_PLAIN;
  product.function = "linear";
  return product;
}

bool rotates(const bench_case& c) { return c.m <= most_cold_rows_on_gpu; }

layer_place on_device(cudaStream_t on) {
  return {[](size_t bytes) { return device_memory(bytes).shared(); }, on};
}

class gpu_forward_state {
 public:
  gpu_forward_state(gpu_environment& environment, const bench_case& c)
      : environment_(environment),
        layer_(environment.stores, c, rotates(c)),
        product_(environment.stores, product_of(c), rotates(c)),
        fused_(environment.device, layer_.problem(), layer_.tensors(true, alignment),
               on_device(environment.queue.get())),
        plain_(environment.device, product_.problem(), product_.tensors(false, alignment),
               on_device(environment.queue.get())),
        cublaslt_(environment.library, c.m, layer_.wide, c.k, c.type, alignment, heuristics_asked),
        w_(first_of(layer_.w), size_t(layer_.w.room() * bytes_of(c.type))),
        x_(layer_.x.data(), size_t(c.m * c.k * bytes_of(c.type))),
        bias_(layer_.bias, size_t(layer_.wide) * sizeof(float)),
        targets_(layer_.targets.data(), layer_.targets.size() * sizeof(float)),
        fused_y_(size_t(c.m * c.n * bytes_of(c.type))),
        unfused_y_(fused_y_.bytes()),
        plain_y_(size_t(c.m * layer_.wide * bytes_of(c.type))),
        product_y_(plain_y_.bytes()) {
    layer_.tolerance = gpu_tolerance;
    fused_.bind(0, x_.data());
    fused_.bind(1, fused_y_.data());
    for (int p = 0; p < layer_.pieces; ++p) fused_.bind(size_t(3 + 2 * p), bias_.at(size_t(p * c.n) * sizeof(float)));
    if (layer_.function.takes_target) fused_.bind(size_t(2 + 2 * layer_.pieces), targets_.data());
    plain_.bind(0, x_.data());
    plain_.bind(1, plain_y_.data());
    // Uploads are in the default stream, which the arms' stream does not wait for.
    require_cuda(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
  }

  const fused_layer& fused() const { return fused_; }
  const fused_layer& plain() const { return plain_; }
  int heuristics() const { return cublaslt_.heuristics(); }
  int64_t places() const { return layer_.w.places(); }

  void run_fused() {
    const void* w = next_w();
    for (int p = 0; p < layer_.pieces; ++p)
      fused_.bind(size_t(2 + 2 * p),
                  static_cast<const char*>(w) + p * layer_.what.n * layer_.what.k * bytes_of(layer_.what.type));
    fused_.run();
  }

  void run_plain() {
    plain_.bind(2, next_w());
    plain_.run();
  }

  void run_product(int heuristic) { run_product_into(heuristic, product_y_); }

  // The product's result is rounded to the layer's type and read again, as it is where nothing is fused; a plain layer's
  // kernel works in place.
  void run_unfused(int heuristic) {
    const bench_case& c = layer_.what;
    const device_memory& z = layer_.pieces == 1 ? unfused_y_ : product_y_;
    run_product_into(heuristic, z);
    gpu_pass_job job;
    job.z = z.data();
    job.bias = static_cast<const float*>(bias_.data());
    job.out = unfused_y_.data();
    job.rows = c.m;
    job.cols = c.n;
    job.type = c.type;
    job.combine = c.combine;
    job.function = c.function.c_str();
    std::copy(std::begin(layer_.function.parameters), std::end(layer_.function.parameters), job.params);
    job.targets = static_cast<const float*>(targets_.data());
    job.target_param = layer_.function.target_param;
    job.multiprocessors = environment_.multiprocessors;
    job.stream = environment_.queue.get();
    const gpu_pass_result done = run_gpu_pass(job);
    if (!done.known) throw cuda_error("there is no separate kernel for " + c.function);
    require_cuda(static_cast<cudaError_t>(done.error), "the separate kernel");
  }

  void spoil_fused() const { fused_y_.poison(environment_.queue.get()); }
  void spoil_unfused() const { unfused_y_.poison(environment_.queue.get()); }
  void spoil_plain() const { plain_y_.poison(environment_.queue.get()); }
  void spoil_product() const { product_y_.poison(environment_.queue.get()); }

  double check_fused(unsigned seed) const { return check_output(fused_y_, GEMMACT_F32, seed); }
  double check_unfused(unsigned seed) const { return check_output(unfused_y_, layer_.what.type, seed); }
  double check_plain(unsigned seed) const { return check_product_in(plain_y_, seed); }
  double check_product(unsigned seed) const { return check_product_in(product_y_, seed); }

 private:
  static const void* first_of(const tensor& t) {
    return static_cast<const char*>(t.data()) - t.start() * bytes_of(t.type());
  }

  const void* next_w() {
    layer_.w.next();
    return w_.at(size_t(layer_.w.start() * bytes_of(layer_.what.type)));
  }

  void run_product_into(int heuristic, const device_memory& y) {
    cublaslt_.run(heuristic, x_.data(), next_w(), y.data(), environment_.queue.get());
  }

  double element_of(const device_memory& y, int64_t index) const {
    const gemmact_type type = layer_.what.type;
    float bits = 0;
    environment_.queue.wait();
    y.read(size_t(index * bytes_of(type)), &bits, size_t(bytes_of(type)));
    return element(type, &bits, 0);
  }

  double check_output(const device_memory& y, gemmact_type rounded_to, unsigned seed) const {
    const bench_case& c = layer_.what;
    return worst_of_samples(c.m, c.n, seed, [&](int64_t i, int64_t j) {
      return error_of(c.type, element_of(y, i * c.n + j), layer_.output_at(i, j, rounded_to));
    });
  }

  double check_product_in(const device_memory& y, unsigned seed) const {
    return worst_of_samples(layer_.what.m, layer_.wide, seed, [&](int64_t i, int64_t j) {
      return error_of(layer_.what.type, element_of(y, i * layer_.wide + j), layer_.product_at(i, j));
    });
  }

  gpu_environment& environment_;
  forward_layer layer_, product_;
  fused_layer fused_, plain_;
  cublaslt_product cublaslt_;
  device_memory w_, x_, bias_, targets_, fused_y_, unfused_y_, plain_y_, product_y_;
};

std::shared_ptr<gpu_forward_state> state_of(gpu_environment& environment, const bench_case& c) {
  try {
    return std::make_shared<gpu_forward_state>(environment, c);
  } catch (const library_error& e) {
    if (e.status != GEMMACT_NOT_SUPPORTED) throw;
    throw case_left_out(
        fmt::format("the library has no kernel for it on this device ({}, {})", name_of(c.type), name_of(c.combine)));
  }
}

}  // namespace

gpu_environment::gpu_environment(const context& on, int64_t cold_bytes, int multiprocessor_count)
    : device(on),
      threads(int(std::max(1u, std::thread::hardware_concurrency()))),
      stores(threads, cold_bytes),
      library(workspace_bytes),
      multiprocessors(multiprocessor_count) {}

workload make_gpu_forward(gpu_environment& environment, const bench_case& c, const measure_settings& settings) {
  if (c.operation != GEMMACT_FORWARD) throw case_left_out("on a GPU only forward layers have arms to compare with");
  const auto state = state_of(environment, c);
  gpu_forward_state* s = state.get();
  const auto product = [s](int heuristic) {
    return arm{fmt::format("cuBLASLt, heuristic {} of {}", heuristic + 1, s->heuristics()),
               [s, heuristic] { s->run_product(heuristic); }, [s](unsigned seed) { return s->check_product(seed); },
               [s] { s->spoil_product(); }};
  };
  workload w{.arms = {}, .kernel = s->fused().kernel(), .cold = rotates(c), .state = state};
  w.arms.cycle = int(s->places());
  std::vector<arm> candidates;
  for (int i = 0; i < s->heuristics(); ++i) candidates.push_back(product(i));
  w.chosen = choose(candidates, settings, w.arms.cycle);
  const int best = int(w.chosen.best);
  w.arms.fused = {"fused", [s] { s->run_fused(); }, [s](unsigned seed) { return s->check_fused(seed); },
                  [s] { s->spoil_fused(); }};
  w.arms.unfused = {{candidates[w.chosen.best].name + ", then one kernel", [s, best] { s->run_unfused(best); },
                     [s](unsigned seed) { return s->check_unfused(seed); }, [s] { s->spoil_unfused(); }}};
  w.arms.bare = {candidates[w.chosen.best]};
  w.arms.others = {candidates.front(),
                   {fmt::format("gemmact, {} of {}", s->plain().kernel(), s->plain().family()), [s] { s->run_plain(); },
                    [s](unsigned seed) { return s->check_plain(seed); }, [s] { s->spoil_plain(); }}};
  return w;
}

}  // namespace gemmact_bench
