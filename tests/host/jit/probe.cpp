#include "tests/host/jit/probe.hpp"

#include "host/core/status.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

constexpr char probe_header[] = R"(
#pragma once
#include "kernels/base/config.hpp"
namespace gemmact::probe {
struct buffers {
  const float* from;
  float* to;
};
template <u32 thread_count, u32 least_blocks>
struct shape {
  using params = buffers;
  static constexpr u32 threads = thread_count, min_blocks = least_blocks, shared_bytes = 1024;
};
template <int factor>
struct scale : shape<128, 1> {
  static __device__ void run(const buffers& p) { p.to[threadIdx.x] = p.from[threadIdx.x] * factor; }
};
// 64 live values and 32 registers.
struct spills : shape<1024, 2> {
  static __device__ void run(const buffers& p) {
    float values[64];
#pragma unroll
    for (int i = 0; i < 64; ++i) values[i] = p.from[threadIdx.x + 1024 * i];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < 64; ++i) p.to[threadIdx.x + 1024 * i] = values[i] * values[(i * 7 + 3) % 64] + values[63 - i];
  }
};
struct stack : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    float values[256];
    for (int i = 0; i < 256; ++i) values[i] = p.from[i];
    p.to[threadIdx.x] = values[int(p.from[256 + threadIdx.x]) & 255];
  }
};
// Shared memory, vector loads, a special function.
struct features : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    __shared__ float kept[128];
    const float4 v = reinterpret_cast<const float4*>(p.from)[threadIdx.x];
    kept[threadIdx.x] = v.x + v.y * v.z + v.w;
    __syncthreads();
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(kept[127 - threadIdx.x]));
    p.to[threadIdx.x] = y;
  }
};
}  // namespace gemmact::probe
)";

constexpr char warns_header[] = R"(
#include "tests/probe.cuh"
namespace gemmact::probe {
struct warns : shape<128, 1> {
  static __device__ void run(const buffers& p) {
    int nobody_reads_this;
    p.to[threadIdx.x] = p.from[threadIdx.x];
  }
};
}  // namespace gemmact::probe
)";

constexpr char wrong_header[] = R"(
#include "tests/probe.cuh"
namespace gemmact::probe {
struct wrong : shape<128, 1> {
  static __device__ void run(const buffers& p) { p.to[threadIdx.x] = no_such_function(p.from); }
};
}  // namespace gemmact::probe
)";

}  // namespace

jit::unit probe_unit(std::string_view kernel, std::string_view name, std::string_view architecture) {
  const bool refused = kernel == "warns" || kernel == "wrong";
  const jit::unit_parts parts{.includes = {refused ? "tests/" + std::string(kernel) + ".cuh" : "tests/probe.cuh"},
                              .kernel = "probe::" + std::string(kernel),
                              .name = std::string(name),
                              .threads = kernel == "spills" ? 1024u : 128u,
                              .shared_bytes = 1024,
                              .params_bytes = 16};
  return {parts.name, jit::make_unit_text(parts), std::string(architecture)};
}

jit::compiler_options probe_options() {
  jit::compiler_options options;
  options.cache_off_reason = "a test";
  options.headers.assign(jit::embedded_headers().begin(), jit::embedded_headers().end());
  options.headers.push_back({"tests/probe.cuh", probe_header});
  options.headers.push_back({"tests/warns.cuh", warns_header});
  options.headers.push_back({"tests/wrong.cuh", wrong_header});
  return options;
}

std::string nvrtc_missing() {
  try {
    jit::nvrtc::load("");
  } catch (const core::failure& failure) {
    return failure.message();
  }
  return {};
}

jit::image sample_image(int number) {
  random_source random{uint64_t(number)};
  jit::image image{.name = "kernel_" + std::to_string(number),
                   .architecture = "sm_80",
                   .compiler = "NVRTC 0.0",
                   .used = {uint32_t(number), 1024, 1},
                   .cubin = {}};
  for (int i = 0; i < 5000 + 100 * number; ++i) image.cubin += char(random.next());
  return image;
}

bool same(const jit::image& a, const jit::image& b) {
  return a.name == b.name && a.architecture == b.architecture && a.compiler == b.compiler && a.used == b.used &&
         a.cubin == b.cubin;
}

}  // namespace gemmact::test
