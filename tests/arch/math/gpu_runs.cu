#include "tests/arch/math/gpu_runs.hpp"

#include <cuda_runtime.h>

#include <cstring>
#include <stdexcept>

#include "activation_includes.hpp"

namespace gemmact::test {
namespace {

void check(cudaError_t result) {
  if (result != cudaSuccess) throw std::runtime_error(cudaGetErrorString(result));
}

class device_array {
 public:
  explicit device_array(size_t bytes) { check(cudaMalloc(&data, bytes)); }
  ~device_array() { cudaFree(data); }
  device_array(const device_array&) = delete;
  device_array& operator=(const device_array&) = delete;
  void* data = nullptr;
};

struct values {
  float p[activation::max_params];
};

template <class Act, quantity what>
__global__ void evaluate(values params, int param, const float* in, float* out, size_t count) {
  const Act f = activation::make<Act>(params.p);
  for (size_t i = blockIdx.x * size_t(blockDim.x) + threadIdx.x; i < count; i += size_t(gridDim.x) * blockDim.x) {
    const float x = in[i];
    if constexpr (what == quantity::value) out[i] = f(x);
    else if constexpr (what == quantity::grad) out[i] = f.grad(x);
    else if constexpr (what == quantity::other) out[i] = f.other(x);
    else out[i] = f.param_grad(param, x);
  }
}

using kernel_fn = void (*)(values, int, const float*, float*, size_t);

template <class Act>
kernel_fn kernel_of(quantity what) {
  if (what == quantity::value) return evaluate<Act, quantity::value>;
  if (what == quantity::grad) return evaluate<Act, quantity::grad>;
  if constexpr (activation::has_other<Act>)
    if (what == quantity::other) return evaluate<Act, quantity::other>;
  if constexpr (activation::has_param_grad<Act>)
    if (what == quantity::param_grad) return evaluate<Act, quantity::param_grad>;
  throw std::logic_error("the function has no such quantity");
}

kernel_fn find_kernel(int index, accuracy mode, quantity what) {
  int place = 0;
#define GEMMACT_ACTIVATION(name)                                                      \
  if (place++ == index)                                                               \
    return mode == accuracy::fast ? kernel_of<activation::name<accuracy::fast>>(what) \
                                  : kernel_of<activation::name<accuracy::accurate>>(what);
#include "activation_list.inc"
#undef GEMMACT_ACTIVATION
  throw std::logic_error("no such function");
}

struct counts {
  unsigned long long worst = 0;  // the share's bits: not negative, they are ordered as it is
  unsigned long long wrong = 0, powers = 0;
  unsigned worst_at = 0, wrong_at = 0;
};

template <instruction which>
__device__ float answer(float x) {
  if constexpr (which == instruction::ex2) return arch::ex2_approx(x);
  else if constexpr (which == instruction::lg2) return arch::lg2_approx(x);
  else if constexpr (which == instruction::rcp) return arch::rcp_approx(x);
  else if constexpr (which == instruction::rsqrt) return arch::rsqrt_approx(x);
  else if constexpr (which == instruction::sqrt) return arch::sqrt_approx(x);
  else if constexpr (which == instruction::sin) return arch::sin_approx(x);
  else if constexpr (which == instruction::cos) return arch::cos_approx(x);
  else return arch::tanh_approx(x);
}

template <instruction which>
__device__ double exact(double x) {
  if constexpr (which == instruction::ex2) return exp2(x);
  else if constexpr (which == instruction::lg2) return log2(x);
  else if constexpr (which == instruction::rcp) return 1 / x;
  else if constexpr (which == instruction::rsqrt) return 1 / ::sqrt(x);
  else if constexpr (which == instruction::sqrt) return ::sqrt(x);
  else if constexpr (which == instruction::sin) return ::sin(x);
  else if constexpr (which == instruction::cos) return ::cos(x);
  else return ::tanh(x);
}

// Those that never exceed 1.
template <instruction which>
constexpr bool bounded = which == instruction::tanh || which == instruction::sin || which == instruction::cos;
constexpr double turn = 6.283185307179586;

template <instruction which>
__device__ double documented(double x, double y) {
  const double size = fabs(y), spacing = ldexp(1.0, ilogb(y) - 23);
  if constexpr (which == instruction::ex2) return 2 * spacing;
  else if constexpr (which == instruction::lg2) return x > 0.5 && x < 2 ? 0x1p-22 : 0x1p-22 * size;
  else if constexpr (which == instruction::rcp) return spacing;
  else if constexpr (which == instruction::rsqrt) return exp2(-22.9) * size;
  else if constexpr (which == instruction::sqrt) return 0x1p-23 * size;
  else if constexpr (bounded<which> && which != instruction::tanh)
    return fabs(x) <= turn ? exp2(-20.5) : fabs(x) <= 50 * turn ? exp2(-14.7) : 2.0;  // beyond, none is documented
  else return 0x1p-11 * size;
}

__device__ float flush(float x) { return fabsf(x) < 0x1p-126f ? copysignf(0.0f, x) : x; }

template <instruction which>
__global__ void look(unsigned stride, counts* seen) {
  const unsigned long long step = 1ull * stride * gridDim.x * blockDim.x;
  for (unsigned long long at = 1ull * stride * (blockIdx.x * blockDim.x + threadIdx.x); at < 1ull << 32; at += step) {
    constexpr bool flushes = which != instruction::tanh;
    const unsigned bits = unsigned(at);
    const float x = bit_cast<float>(bits), operand = flushes ? flush(x) : x;
    const float got = answer<which>(x);
    const double y = exact<which>(double(operand)), size = fabs(y);
    const bool special = !(size < double(3.40282347e38f) && operand != 0.0f) || (flushes && size < 0x1p-126);
    if (special && which != instruction::lg2) {
      const float wanted = flushes ? flush(float(y)) : float(y);
      const bool same = wanted != wanted ? got != got : bit_cast<u32>(got) == bit_cast<u32>(wanted);
      if (!same && atomicAdd(&seen->wrong, 1ull) == 0) seen->wrong_at = bits;
      continue;
    }
    if (which == instruction::lg2 && (y != y || size > 1e30)) {
      const bool same = y != y ? got != got : got == float(y);
      if (!same && atomicAdd(&seen->wrong, 1ull) == 0) seen->wrong_at = bits;
      continue;
    }
    if (bounded<which> && fabsf(got) > 1.0f && atomicAdd(&seen->wrong, 1ull) == 0) seen->wrong_at = bits;
    if ((bits & 0x7fffffu) == 0 && got == float(y)) atomicAdd(&seen->powers, 1ull);
    const double share = fabs(double(got) - y) / documented<which>(double(operand), y);
    const unsigned long long place = bit_cast<unsigned long long>(share != share ? 1e300 : share);
    if (place > seen->worst && atomicMax(&seen->worst, place) < place) seen->worst_at = bits;
  }
}

}  // namespace

std::string gpu_name() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) return "";
  cudaDeviceProp facts;
  check(cudaGetDeviceProperties(&facts, 0));
  return facts.name;
}

void run_on_gpu(const subject& s, accuracy mode, const float* in, float* out, size_t count) {
  const device_array from(count * sizeof(float)), to(count * sizeof(float));
  values params;
  for (int i = 0; i < activation::max_params; ++i) params.p[i] = s.use.p[i];
  check(cudaMemcpy(from.data, in, count * sizeof(float), cudaMemcpyHostToDevice));
  const kernel_fn kernel = find_kernel(s.use.f->index, mode, s.what);
  kernel<<<64, 256>>>(params, s.param, static_cast<const float*>(from.data), static_cast<float*>(to.data), count);
  check(cudaGetLastError());
  check(cudaMemcpy(out, to.data, count * sizeof(float), cudaMemcpyDeviceToHost));
}

const char* instruction_name(instruction which) {
  static const char* const names[] = {"ex2.approx.ftz.f32",   "lg2.approx.ftz.f32",  "rcp.approx.ftz.f32",
                                      "rsqrt.approx.ftz.f32", "sqrt.approx.ftz.f32", "sin.approx.ftz.f32",
                                      "cos.approx.ftz.f32",   "tanh.approx.f32"};
  return names[int(which)];
}

sweep_result sweep(instruction which, uint32_t stride) {
  using fn = void (*)(unsigned, counts*);
  static const fn kernels[] = {look<instruction::ex2>,   look<instruction::lg2>,  look<instruction::rcp>,
                               look<instruction::rsqrt>, look<instruction::sqrt>, look<instruction::sin>,
                               look<instruction::cos>,   look<instruction::tanh>};
  const device_array seen(sizeof(counts));
  check(cudaMemset(seen.data, 0, sizeof(counts)));
  kernels[int(which)]<<<1024, 256>>>(stride, static_cast<counts*>(seen.data));
  check(cudaGetLastError());
  counts got;
  check(cudaMemcpy(&got, seen.data, sizeof got, cudaMemcpyDeviceToHost));
  double worst;
  std::memcpy(&worst, &got.worst, sizeof worst);
  return {.worst = worst,
          .worst_at = got.worst_at,
          .operands = ((uint64_t{1} << 32) - 1) / stride + 1,
          .wrong = got.wrong,
          .wrong_at = got.wrong_at,
          .correct_powers = got.powers};
}

}  // namespace gemmact::test
