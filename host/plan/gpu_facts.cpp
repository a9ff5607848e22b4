#include "host/plan/gpu_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace gemmact::plan {
namespace {

// Of the peak that a data sheet gives, a kernel that only reads gets about this much.
constexpr double achieved_bandwidth = 0.93;

// 16-bit mma.sync with f32 sums, dense, a clock and multiprocessor. On sm_90 it reaches 0.64 of what wgmma does (4096);
// on sm_100 no figure is published, and the rate of sm_80 is assumed.
double mma_flop_per_clock(int architecture) {
  if (architecture == 80 || architecture / 10 == 10) return 2048;
  if (architecture / 10 == 9) return 2620;
  return 1024;
}

// The same of wgmma, which sm_90 alone has.
double wgmma_flop_per_clock(int architecture) { return architecture == 90 ? 4096 : 0; }

constexpr int kib = 1024;

families::gpu sheet(const char* model, int architecture, int multiprocessors, int shared_kib, double l2_mib,
                    double clock_ghz, double peak_gb_per_s) {
  families::gpu gpu;
  gpu.model = model;
  gpu.architecture = architecture;
  gpu.multiprocessors = multiprocessors;
  gpu.shared_multiprocessor_bytes = shared_kib * kib;
  gpu.shared_block_bytes = (shared_kib - 1) * kib;  // 1 KiB of each block's is the system's
  gpu.threads_multiprocessor = architecture == 80 || architecture / 10 == 9 || architecture / 10 == 10 ? 2048 : 1536;
  gpu.l2_bytes = i64(l2_mib * 1024 * 1024);
  gpu.clock_ghz = clock_ghz;
  gpu.bandwidth_gb_per_s = achieved_bandwidth * peak_gb_per_s;
  gpu.mma_flop_per_clock = mma_flop_per_clock(architecture);
  gpu.wgmma_flop_per_clock = wgmma_flop_per_clock(architecture);
  return gpu;
}

}  // namespace

// The SXM models where there are several; the clock is the one that the sheet's dense rate is at.
std::span<const described_gpu> described_gpus() {
  static const described_gpu rows[] = {
      {"a100", sheet("NVIDIA A100 80GB SXM", 80, 108, 164, 40, 1.41, 2039)},
      {"l40s", sheet("NVIDIA L40S", 89, 142, 100, 96, 2.49, 864)},
      {"h100", sheet("NVIDIA H100 SXM", 90, 132, 228, 50, 1.83, 3350)},
      {"h200", sheet("NVIDIA H200 SXM", 90, 132, 228, 50, 1.83, 4800)},
      {"b200", sheet("NVIDIA B200", 100, 148, 228, 126, 1.85, 8000)},
  };
  return rows;
}

families::gpu gpu_of(const cuda::device_facts& facts) {
  families::gpu gpu;
  gpu.model = facts.model;
  gpu.architecture = 10 * facts.major + facts.minor;
  gpu.multiprocessors = facts.multiprocessors;
  gpu.shared_block_bytes = facts.shared_block_bytes;
  gpu.shared_multiprocessor_bytes = facts.shared_multiprocessor_bytes;
  gpu.threads_multiprocessor = facts.threads_multiprocessor;
  gpu.registers_multiprocessor = facts.registers_multiprocessor;
  gpu.l2_bytes = facts.l2_bytes;
  gpu.clock_ghz = facts.clock_khz * 1e-6;
  // Memory transfers data on both edges of its clock.
  gpu.bandwidth_gb_per_s = achieved_bandwidth * 2e-6 * facts.memory_clock_khz * facts.memory_bus_bits / 8;
  gpu.mma_flop_per_clock = mma_flop_per_clock(gpu.architecture);
  gpu.wgmma_flop_per_clock = wgmma_flop_per_clock(gpu.architecture);
  // Virtual machines and newer drivers tell some of these as 0, by which estimates would divide.
  const families::gpu sheet = gpu_of_architecture(gpu.architecture);
  if (facts.clock_khz <= 0) gpu.clock_ghz = sheet.clock_ghz;
  if (facts.memory_clock_khz <= 0 || facts.memory_bus_bits <= 0) gpu.bandwidth_gb_per_s = sheet.bandwidth_gb_per_s;
  if (facts.l2_bytes <= 0) gpu.l2_bytes = sheet.l2_bytes;
  return gpu;
}

families::gpu gpu_of_architecture(int architecture) {
  const auto rows = described_gpus();
  for (const described_gpu& row : rows)
    if (row.facts.architecture == architecture) return row.facts;
  families::gpu gpu = std::min_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
                        return a.facts.shared_block_bytes < b.facts.shared_block_bytes;
                      })->facts;
  gpu.model = fmt::format("a GPU of sm_{}", architecture);
  gpu.architecture = architecture;
  gpu.mma_flop_per_clock = mma_flop_per_clock(architecture);
  gpu.wgmma_flop_per_clock = wgmma_flop_per_clock(architecture);
  return gpu;
}

std::string gpu_text(const families::gpu& gpu) {
  return fmt::format("{}, sm_{}, {} multiprocessors, {:.0f} GB/s of memory", gpu.model, gpu.architecture,
                     gpu.multiprocessors, gpu.bandwidth_gb_per_s);
}

}  // namespace gemmact::plan
