// cuBLASLt's calls that the benchmark makes, as its documentation has them; what breaks a documented rule is refused.
#include <cublasLt.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "bench/core/data.hpp"
#include "kernels/base/float_types.hpp"
#include "tests/bench/fake_gpu/fake_gpu.hpp"

namespace gemmact_bench::fake_gpu {

behaviour& cublaslt() {
  static behaviour all;
  return all;
}

namespace {

struct call {
  cublasOperation_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  void* bias = nullptr;
  void* aux = nullptr;
  cudaDataType_t bias_type = CUDA_R_32F;
  int64_t aux_ld = 0;
};
struct layout {
  cudaDataType_t type;
  int64_t rows, cols, ld;
};

const call& of(cublasLtMatmulDesc_t c) { return *reinterpret_cast<const call*>(c); }
const layout& of(cublasLtMatrixLayout_t l) { return *reinterpret_cast<const layout*>(l); }

gemmact_type type_of(cudaDataType_t type) {
  return type == CUDA_R_32F    ? GEMMACT_F32
         : type == CUDA_R_16F  ? GEMMACT_F16
         : type == CUDA_R_16BF ? GEMMACT_BF16
                               : GEMMACT_E4M3;
}
double value(cudaDataType_t type, const void* at, int64_t index) { return element(type_of(type), at, index); }
void store_value(cudaDataType_t type, void* at, int64_t index, double v) {
  if (type == CUDA_R_32F) static_cast<float*>(at)[index] = float(v);
  else
    static_cast<uint16_t*>(at)[index] =
        type == CUDA_R_16F ? gemmact::to_f16(float(v)).bits : gemmact::to_bf16(float(v)).bits;
}

bool is(const call& c, cublasLtEpilogue_t e) { return c.epilogue == e; }
bool takes_mask(const call& c) { return is(c, CUBLASLT_EPILOGUE_DRELU_BGRAD); }
bool takes_z(const call& c) { return is(c, CUBLASLT_EPILOGUE_DGELU_BGRAD); }
bool sums_result(const call& c) { return takes_mask(c) || takes_z(c); }

// The header's rules for sizes, leading dimensions and the pointers of an epilogue.
bool in_order(const call& c, const layout& a, const layout& b, const layout& d) {
  const auto rows = [](const layout& l, cublasOperation_t op) { return op == CUBLAS_OP_N ? l.rows : l.cols; };
  const auto cols = [](const layout& l, cublasOperation_t op) { return op == CUBLAS_OP_N ? l.cols : l.rows; };
  if (rows(a, c.a) != d.rows || cols(b, c.b) != d.cols || cols(a, c.a) != rows(b, c.b)) return false;
  for (const layout& l : {a, b, d})
    if (l.ld < l.rows) return false;
  if (c.epilogue != CUBLASLT_EPILOGUE_DEFAULT && c.bias == nullptr) return false;
  if (takes_mask(c) && (c.aux == nullptr || c.aux_ld % 128 != 0 || c.aux_ld < d.rows)) return false;
  if (takes_z(c) && (c.aux == nullptr || c.aux_ld % 8 != 0 || c.aux_ld < d.rows)) return false;
  return true;
}

bool bit_of(const void* mask, int64_t index) {
  const int place = int(index % 8);
  return static_cast<const uint8_t*>(mask)[index / 8] >> (cublaslt().reverses_bits ? 7 - place : place) & 1;
}

constexpr double steepness = 0.79788456080286535588, cubic = 0.044715;  // sqrt(2 / pi)
double gelu(double x) { return 0.5 * x * (1 + std::tanh(steepness * (x + cubic * x * x * x))); }
double gelu_slope(double x) {
  const double t = std::tanh(steepness * (x + cubic * x * x * x));
  return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * steepness * (1 + 3 * cubic * x * x);
}

// Row i of column j of D.
double finished(const call& c, const layout& d, double v, int64_t i, int64_t j) {
  const auto biased = [&] { return v + value(c.bias_type, c.bias, i); };
  switch (c.epilogue) {
    case CUBLASLT_EPILOGUE_BIAS:
      return biased();
    case CUBLASLT_EPILOGUE_RELU_BIAS:
      return std::fmax(biased(), 0);
    case CUBLASLT_EPILOGUE_GELU_BIAS:
      return gelu(biased());
    case CUBLASLT_EPILOGUE_DRELU_BGRAD:
      return bit_of(c.aux, j * c.aux_ld + i) ? v : 0;
    case CUBLASLT_EPILOGUE_DGELU_BGRAD:
      return v * gelu_slope(value(d.type, c.aux, j * c.aux_ld + i));
    default:
      return v;
  }
}

void multiply(const call& c, const layout& a, const void* at_a, const layout& b, const void* at_b, const layout& d,
              void* at_d) {
  const auto in = [](const layout& l, const void* at, cublasOperation_t op, int64_t i, int64_t j) {
    const bool turned = (op != CUBLAS_OP_N) != cublaslt().transposes_wrongly;
    return value(l.type, at, turned ? i * l.ld + j : j * l.ld + i);
  };
  const int64_t depth = c.a == CUBLAS_OP_N ? a.cols : a.rows;
  const bool sums_b = is(c, CUBLASLT_EPILOGUE_BGRADB);
  std::vector<double> sums(size_t(sums_result(c) ? d.rows : sums_b ? d.cols : 0));
  for (int64_t j = 0; j < d.cols; ++j) {
    for (int64_t i = 0; i < d.rows; ++i) {
      double v = 0;
      for (int64_t k = 0; k < depth; ++k) v += in(a, at_a, c.a, i, k) * in(b, at_b, c.b, k, j);
      const double done = finished(c, d, v, i, j);
      if (sums_result(c)) sums[size_t(i)] += done;
      store_value(d.type, at_d, j * d.ld + i, done);
    }
    for (int64_t k = 0; sums_b && k < depth; ++k) sums[size_t(j)] += in(b, at_b, c.b, k, j);
  }
  for (size_t i = 0; i < sums.size() && !cublaslt().forgets_sums; ++i)
    store_value(c.bias_type, c.bias, int64_t(i), sums[i]);
}

}  // namespace
}  // namespace gemmact_bench::fake_gpu

using namespace gemmact_bench::fake_gpu;

extern "C" {

const char* cublasLtGetStatusName(cublasStatus_t) { return "CUBLAS_STATUS_OF_THE_FAKE"; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = reinterpret_cast<cublasLtHandle_t>(new int(0));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete reinterpret_cast<int*>(handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* made, cublasComputeType_t, cudaDataType_t) {
  *made = reinterpret_cast<cublasLtMatmulDesc_t>(new call);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t c) {
  delete reinterpret_cast<call*>(c);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t which,
                                              const void* from, size_t bytes) {
  call& c = *reinterpret_cast<call*>(desc);
  const auto take = [&](auto& to) {
    if (bytes != sizeof to) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(&to, from, bytes);
    return CUBLAS_STATUS_SUCCESS;
  };
  switch (which) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return take(c.a);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return take(c.b);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return take(c.epilogue);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return take(c.bias);
    case CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE:
      return take(c.bias_type);
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER:
      return take(c.aux);
    case CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD:
      return take(c.aux_ld);
    default:
      return CUBLAS_STATUS_INVALID_VALUE;
  }
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* made, cudaDataType_t type, uint64_t rows,
                                          uint64_t cols, int64_t ld) {
  *made = reinterpret_cast<cublasLtMatrixLayout_t>(new layout{type, int64_t(rows), int64_t(cols), ld});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t l) {
  delete reinterpret_cast<layout*>(l);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* made) {
  *made = reinterpret_cast<cublasLtMatmulPreference_t>(new int(0));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t p) {
  delete reinterpret_cast<int*>(p);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t, cublasLtMatmulPreferenceAttributes_t,
                                                    const void*, size_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t c, cublasLtMatrixLayout_t a,
                                              cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t d, cublasLtMatmulPreference_t, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[], int* count) {
  *count = 0;
  if (!in_order(of(c), of(a), of(b), of(d))) return CUBLAS_STATUS_INVALID_VALUE;
  if (cublaslt().refuses_epilogues && of(c).epilogue != CUBLASLT_EPILOGUE_DEFAULT) return CUBLAS_STATUS_NOT_SUPPORTED;
  for (; *count < std::min(wanted, cublaslt().offers); ++*count) {
    results[*count] = {};
    results[*count].state = CUBLAS_STATUS_SUCCESS;
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t c, const void*, const void* a,
                              cublasLtMatrixLayout_t layout_a, const void* b, cublasLtMatrixLayout_t layout_b,
                              const void*, const void*, cublasLtMatrixLayout_t, void* d,
                              cublasLtMatrixLayout_t layout_d, const cublasLtMatmulAlgo_t*, void*, size_t,
                              cudaStream_t) {
  if (!in_order(of(c), of(layout_a), of(layout_b), of(layout_d))) return CUBLAS_STATUS_INVALID_VALUE;
  multiply(of(c), of(layout_a), a, of(layout_b), b, of(layout_d), d);
  return CUBLAS_STATUS_SUCCESS;
}

}  // extern "C"
