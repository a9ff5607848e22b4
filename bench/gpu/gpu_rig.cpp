// A GPU: the library against cuBLASLt.
#include <fmt/format.h>

#include <algorithm>

#include "bench/core/rig.hpp"
#include "bench/gpu/gpu_cases.hpp"
#include "bench/gpu/gpu_profile.hpp"
#include "bench/gpu/gpu_roofs.hpp"
#include "bench/gpu/nvml.hpp"

namespace gemmact_bench {
namespace {

constexpr double preheat_seconds = 3, least_l2 = 2.5;  // rotated weights walk through that many times the L2
constexpr double slot_seconds = 2e-3, collected_below_seconds = 50e-6;

int number_in(const std::string& device) { return std::stoi(device.substr(device.find(':') + 1)); }

// "13.0" of 13000
std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

int attribute(cudaDeviceAttr which, int number) {
  int value = 0;
  require_cuda(cudaDeviceGetAttribute(&value, which, number), "cudaDeviceGetAttribute");
  return value;
}

std::string bus_id(int number) {
  char text[32] = "";
  require_cuda(cudaDeviceGetPCIBusId(text, sizeof text, number), "cudaDeviceGetPCIBusId");
  return text;
}

// The library opens the device first: its words for what is missing are better than the runtime's.
class opened_device {
 public:
  explicit opened_device(const std::string& device) : library(device), number(number_in(device)) {
    require_cuda(cudaSetDevice(number), "cudaSetDevice");
  }
  const context library;
  const int number;
};

int64_t free_memory() {
  size_t free = 0, total = 0;
  require_cuda(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
  return int64_t(free);
}

gpu_facts facts_of(int number, const nvml& monitor) {
  cudaDeviceProp properties{};
  require_cuda(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties");
  int runtime = 0;
  require_cuda(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion");
  int supported = 0;
  require_cuda(cudaDriverGetVersion(&supported), "cudaDriverGetVersion");
  const size_t cublas = cublasLtGetVersion();
  gpu_facts g;
  g.name = properties.name;
  g.compute_capability = fmt::format("{}.{}", properties.major, properties.minor);
  g.multiprocessors = properties.multiProcessorCount;
  g.memory_bytes = int64_t(properties.totalGlobalMem);
  g.l2_bytes = properties.l2CacheSize;
  g.runtime = version_text(runtime);
  g.toolkit = version_text(CUDART_VERSION);
  g.cublas = fmt::format("{}.{}.{}", cublas / 10000, cublas / 100 % 100, cublas % 100);
  g.driver = "for CUDA " + version_text(supported);
  g.nvml_missing = monitor.missing();
  if (g.nvml_missing.empty()) {
    g.driver = fmt::format("{} ({})", monitor.driver(), g.driver);
    g.clock_limit_mhz = monitor.clock_limit_mhz();
    g.power_limit_watts = monitor.power_limit_watts();
  }
  g.heuristics_asked = heuristics_asked;
  g.workspace_bytes = workspace_bytes;
  g.preheat_seconds = preheat_seconds;
  return g;
}

class gpu_rig final : public rig {
 public:
  gpu_rig(const std::string& device, const machine& m)
      : device_(device),
        environment_(device_.library, int64_t(least_l2 * attribute(cudaDevAttrL2CacheSize, device_.number)),
                     attribute(cudaDevAttrMultiProcessorCount, device_.number)),
        monitor_(bus_id(device_.number)),
        facts_(facts_of(device_.number, monitor_)),
        case_memory_bytes_(std::min(m.available_memory_bytes * 6 / 10, free_memory() / 10 * 8)) {
    facts_.l2_policy = fmt::format(
        "in layers with up to {} rows and at least {} weights W is another one at each call, and {} MiB, {} times the "
        "L2, are read before one comes again; in others it is what the L2 keeps of the call before",
        most_cold_rows_on_gpu, least_cold_weights, environment_.stores.cold_bytes() >> 20, least_l2);
    // Read while the device works; afterwards its clock may already be another one.
    if (monitor_.missing().empty()) environment_.queue.meanwhile = [this] { read_once_a_round(); };
  }

  const case_limits& limits() const override { return gpu_limits(); }
  int64_t case_memory_bytes() const override { return case_memory_bytes_; }

  measure_settings settings(extent size) override {
    measure_settings s;
    s.most_rounds = size == extent::full ? 100 : 40;
    s.case_seconds = size == extent::full ? 4 : 0.8;
    s.slot_seconds = slot_seconds;
    s.time = queue_timer(environment_.queue, int(slot_seconds / collected_below_seconds));
    s.preheat = [this](const arm&) { preheat(); };
    if (monitor_.missing().empty())
      s.read_gauges = [this] {
        reading_wanted_ = true;
        return reading_;
      };
    return s;
  }

  report_setting setting() const override {
    report_setting s;
    s.description = device_.library.description();
    s.threads = environment_.threads.threads();
    s.cold_bytes = environment_.stores.cold_bytes();
    s.baselines = {fmt::format("cuBLASLt {}, the fastest of up to {} heuristics and the first, {} MiB of workspace",
                               facts_.cublas, heuristics_asked, workspace_bytes >> 20)};
    s.gpu = facts_;
    s.bare_column = "/ cuBLASLt plain best";
    s.other_columns = gpu_columns();
    return s;
  }

  void prepare() override {
    preheat();
    facts_.roofs = measure_roofs(environment_);
  }

  workload make(const bench_case& c, const measure_settings& settings) override {
    return make_gpu_case(environment_, c, settings);
  }

  void profile(const bench_case& c, const measure_settings& settings) override {
    preheat();
    run_gpu_profile(environment_, c, settings);
  }

 private:
  void read_once_a_round() {
    if (!reading_wanted_) return;
    reading_ = monitor_.read();
    reading_wanted_ = false;
  }

  // A large product of the same kind of numbers, whatever the first case is: small ones would not heat it.
  void preheat() {
    constexpr int64_t n = 4096;
    const store values(GEMMACT_BF16, 2 * n * n, 3, 1, environment_.threads);
    const device_memory in(values.at(0), size_t(2 * n * n * 2)), out(size_t(n * n * 2));
    const cublaslt_product product(environment_.library, {.rows = n,
                                                          .cols = n,
                                                          .depth = n,
                                                          .right_transposed = true,
                                                          .numbers = {GEMMACT_BF16},
                                                          .written = GEMMACT_BF16,
                                                          .alignment = gpu_alignment});
    if (product.heuristics() == 0) throw cuda_error("cuBLASLt has no heuristic for the preheat's product");
    const double start = steady_seconds();
    while (steady_seconds() - start < preheat_seconds) {
      for (int i = 0; i < 64; ++i)
        product.run(0, in.data(), in.at(size_t(n * n * 2)), out.data(), environment_.queue.get());
      environment_.queue.wait();
    }
  }

  const opened_device device_;
  gpu_environment environment_;
  const nvml monitor_;
  gpu_facts facts_;
  const int64_t case_memory_bytes_;
  gauges reading_;
  bool reading_wanted_ = true;
};

}  // namespace

std::unique_ptr<rig> make_rig(const std::string& device, const machine& m) {
  if (device == "cpu")
    throw std::runtime_error(
        "--device is \"cpu\", and this program measures GPUs only; gemmact_bench measures the CPU");
  return std::make_unique<gpu_rig>(device, m);
}

}  // namespace gemmact_bench
