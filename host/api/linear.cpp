#include <cstring>
#include <iterator>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"

using namespace gemmact;

namespace {

// What a call may promise of its memory: kernels of GPUs move up to 16 bytes at once where they may. Less than an
// element's is not promised: the run refuses it.
uint32_t promise_of(const void* data, int64_t element_bytes) {
  const uintptr_t bits = reinterpret_cast<uintptr_t>(data) | 16, divides = bits & -bits;
  return int64_t(divides) < element_bytes ? 0 : static_cast<uint32_t>(divides);
}

struct linear_promises {
  uint32_t x = 0, w = 0, bias = 0, y = 0;  // 0: its element's

  uint32_t key() const { return x | w << 8 | bias << 16 | y << 24; }
};

struct linear_shape {
  int64_t m, n, k;
  gemmact_type type;
  bool has_bias;
  linear_promises promises;
};

gemmact_tensor dense(uint32_t slot, gemmact_type type, uint32_t align_bytes, gemmact_extent extent = GEMMACT_EACH) {
  gemmact_tensor t{};
  t.slot = slot;
  t.type = type;
  t.extent = extent;
  t.align_bytes = align_bytes;
  return t;
}

std::unique_ptr<gemmact_plan> make_linear_plan(const core::device& device, const char* activation,
                                               const linear_shape& shape) {
  const linear_promises& promises = shape.promises;
  const gemmact_tensor tensors[] = {dense(GEMMACT_X, shape.type, promises.x), dense(GEMMACT_W, shape.type, promises.w),
                                    dense(GEMMACT_Y, shape.type, promises.y),
                                    dense(GEMMACT_BIAS, shape.type, promises.bias, GEMMACT_PER_COLUMN)};
  gemmact_problem problem{};
  problem.struct_bytes = sizeof problem;
  problem.operation = GEMMACT_FORWARD;
  problem.m = shape.m;
  problem.n = shape.n;
  problem.k = shape.k;
  problem.activation = activation;
  problem.tensors = tensors;
  problem.tensor_count = std::size(tensors) - (shape.has_bias ? 0 : 1);
  problem.tensor_bytes = sizeof(gemmact_tensor);
  return api::make_plan(device, &problem);
}

}  // namespace

gemmact_status gemmact_linear(gemmact_context* context, const char* activation, const void* x, const void* w,
                              const void* bias, void* y, int64_t m, int64_t n, int64_t k, gemmact_type type,
                              void* stream) {
  return api::guard([&] {
    api::require(context, "context");
    api::require(x, "x");
    api::require(w, "w");
    api::require(y, "y");
    if (core::raw(type) < GEMMACT_F32 || core::raw(type) > GEMMACT_BIT)
      core::fail(GEMMACT_BAD_ENUM, "type is {}, which is outside its enumeration", core::raw(type));
    const char* text = activation == nullptr ? "linear" : activation;
    const std::string_view key_text(text, strnlen(text, core::max_activation_text + 1));
    linear_shape shape{m, n, k, type, bias != nullptr, {}};
    if (context->device->has_streams()) {
      const int64_t bytes = core::type_bytes(type, 1);
      shape.promises = {promise_of(x, bytes), promise_of(w, bytes), promise_of(bias, bytes), promise_of(y, bytes)};
    }
    const api::linear_key key{key_text, m, n, k, core::raw(type), shape.has_bias, shape.promises.key()};
    std::shared_ptr<api::linear_plan> plan = context->linear.get(key, [&] {
      context->device->refuse_capture(stream);
      return make_linear_plan(*context->device, text, shape);
    });
    // Inputs are only read: the interface's bindings have one kind of pointer for inputs and outputs.
    const gemmact_binding bindings[] = {{GEMMACT_X, 0, const_cast<void*>(x)},
                                        {GEMMACT_W, 0, const_cast<void*>(w)},
                                        {GEMMACT_Y, 0, y},
                                        {GEMMACT_BIAS, 0, const_cast<void*>(bias)}};
    gemmact_operands operands{};
    operands.struct_bytes = sizeof operands;
    operands.bindings = bindings;
    operands.count = std::size(bindings) - (bias == nullptr ? 1 : 0);
    operands.binding_bytes = sizeof(gemmact_binding);
    plan->run(operands, stream);
  });
}
