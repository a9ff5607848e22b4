// A libcublasLt that needs no GPU: it checks that a product's matrices fit each other, tells the stand-in for the driver
// what was asked for, and moves its clock.
#include <fmt/format.h>

#include "host/cuda/cublaslt_abi.hpp"
#include "tests/support/fake_cuda/loaded.hpp"

namespace gemmact::cuda {

struct blas_handle_body {};
struct blas_operation_body {
  blas_compute compute{};
  blas_transpose a{}, b{};
  blas_epilogue behind = blas_epilogue::none;
  const void* bias = nullptr;
  blas_type bias_type{};
  bool fast_sums = false;
};
struct blas_layout_body {
  blas_type type{};
  uint64_t rows = 0, cols = 0;
  int64_t ld = 0;
};
struct blas_preference_body {
  uint64_t workspace_bytes = 0;
  uint32_t alignment = 0;
};

}  // namespace gemmact::cuda

namespace {

using namespace gemmact::cuda;

constexpr blas_status invalid_value = 7, not_supported = 15;

gemmact::fake_cuda::state& driver() { return gemmact::fake_cuda::loaded(); }

template <class Body>
blas_status destroy(Body* body) {
  delete body;
  --driver().blas_objects;
  return 0;
}

template <class Body>
blas_status create(Body** out, Body body) {
  *out = new Body(body);
  ++driver().blas_objects;
  return 0;
}

template <class Value>
blas_status copy(Value& to, const void* from, size_t bytes) {
  if (bytes != sizeof to) return invalid_value;
  std::memcpy(&to, from, bytes);
  return 0;
}

const char* name_of(blas_type type) {
  return type == blas_type::f32 ? "f32" : type == blas_type::f16 ? "f16" : type == blas_type::bf16 ? "bf16" : "e4m3";
}

// D (n x m) = op(A) op(B), all of them column-major.
bool fit(const blas_operation_body& o, const blas_layout_body& a, const blas_layout_body& b,
         const blas_layout_body& d) {
  const bool a_turned = o.a == blas_transpose::yes, b_turned = o.b == blas_transpose::yes;
  const uint64_t n = a_turned ? a.cols : a.rows, a_k = a_turned ? a.rows : a.cols;
  const uint64_t m = b_turned ? b.rows : b.cols, b_k = b_turned ? b.cols : b.rows;
  const auto spaced = [](const blas_layout_body& l) { return l.ld >= int64_t(l.rows); };
  return n == d.rows && m == d.cols && a_k == b_k && a.type == b.type && spaced(a) && spaced(b) && spaced(d);
}

std::string text_of(const blas_operation_body& o, const blas_layout_body& a, const blas_layout_body& d) {
  return fmt::format("{} {}{} x {}{} to {}, k {}, epilogue {}{}{}", name_of(a.type), d.rows,
                     o.a == blas_transpose::yes ? "T" : "", d.cols, o.b == blas_transpose::yes ? "T" : "",
                     name_of(d.type), o.a == blas_transpose::yes ? a.rows : a.cols, int(o.behind),
                     o.compute == blas_compute::tf32 ? ", tf32" : "", o.fast_sums ? ", fast sums" : "");
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT blas_status cublasLtCreate(blas_handle* handle) {
  if (driver().blas_status != 0) return driver().blas_status;
  return create(handle, blas_handle_body{});
}
EXPORT blas_status cublasLtDestroy(blas_handle handle) { return destroy(handle); }

EXPORT blas_status cublasLtMatmulDescCreate(blas_operation* made, blas_compute compute, blas_type scale) {
  if (scale != blas_type::f32) return not_supported;
  blas_operation_body body;
  body.compute = compute;
  return create(made, body);
}
EXPORT blas_status cublasLtMatmulDescDestroy(blas_operation made) { return destroy(made); }

EXPORT blas_status cublasLtMatmulDescSetAttribute(blas_operation o, blas_attribute attribute, const void* value,
                                                  size_t bytes) {
  int8_t fast = 0;
  blas_status status = 0;
  switch (attribute) {
    case blas_attribute::transpose_a:
      return copy(o->a, value, bytes);
    case blas_attribute::transpose_b:
      return copy(o->b, value, bytes);
    case blas_attribute::epilogue:
      return copy(o->behind, value, bytes);
    case blas_attribute::bias_pointer:
      return copy(o->bias, value, bytes);
    case blas_attribute::bias_type:
      return copy(o->bias_type, value, bytes);
    case blas_attribute::fast_sums:
      status = copy(fast, value, bytes);
      o->fast_sums = fast != 0;
      return status;
  }
  return invalid_value;
}

EXPORT blas_status cublasLtMatrixLayoutCreate(blas_layout* made, blas_type type, uint64_t rows, uint64_t cols,
                                              int64_t ld) {
  return create(made, blas_layout_body{type, rows, cols, ld});
}
EXPORT blas_status cublasLtMatrixLayoutDestroy(blas_layout made) { return destroy(made); }

EXPORT blas_status cublasLtMatmulPreferenceCreate(blas_preference* made) {
  return create(made, blas_preference_body{});
}
EXPORT blas_status cublasLtMatmulPreferenceDestroy(blas_preference made) { return destroy(made); }

EXPORT blas_status cublasLtMatmulPreferenceSetAttribute(blas_preference made, blas_limit attribute, const void* value,
                                                        size_t bytes) {
  return attribute == blas_limit::workspace_bytes ? copy(made->workspace_bytes, value, bytes)
                                                  : copy(made->alignment, value, bytes);
}

EXPORT blas_status cublasLtMatmulAlgoGetHeuristic(blas_handle, blas_operation o, blas_layout a, blas_layout b,
                                                  blas_layout, blas_layout d, blas_preference preference, int asked,
                                                  blas_heuristic* found, int* count) {
  if (!fit(*o, *a, *b, *d) || asked != 1 || preference->workspace_bytes == 0 || preference->alignment == 0)
    return invalid_value;
  *count = driver().blas_offers ? 1 : 0;
  found->state = 0;
  found->algorithm.words[0] = 42;
  return 0;
}

EXPORT blas_status cublasLtMatmul(blas_handle, blas_operation o, const void* alpha, const void* a, blas_layout a_layout,
                                  const void* b, blas_layout b_layout, const void* beta, const void* c, blas_layout,
                                  void* d, blas_layout d_layout, const blas_algorithm* algorithm, void* workspace,
                                  size_t workspace_bytes, stream_handle stream) {
  const bool adds = (int(o->behind) & int(blas_epilogue::bias)) != 0;
  if (*static_cast<const float*>(alpha) != 1 || *static_cast<const float*>(beta) != 0 || a == nullptr || b == nullptr ||
      c != d || algorithm->words[0] != 42 || workspace == nullptr || workspace_bytes == 0 || stream != nullptr ||
      (adds && (o->bias == nullptr || o->bias_type != d_layout->type)) || !fit(*o, *a_layout, *b_layout, *d_layout))
    return invalid_value;
  gemmact::fake_cuda::state& s = driver();
  const std::lock_guard lock(s.mutex);
  s.now_us += s.blas_us;
  s.blas_calls.push_back(text_of(*o, *a_layout, *d_layout));
  return s.blas_status;
}
