#include <cstring>
#include <initializer_list>
#include <iterator>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"

using namespace gemmact;

namespace {

// What a call may promise of its memory: kernels of GPUs move up to 16 bytes at once where they may.
uint32_t common_alignment(std::initializer_list<const void*> all) {
  uintptr_t bits = 16;
  for (const void* p : all) bits |= reinterpret_cast<uintptr_t>(p);
  return static_cast<uint32_t>(bits & -bits);
}

struct linear_shape {
  int64_t m, n, k;
  gemmact_type type;
  bool has_bias;
  uint32_t align_bytes;  // 0: its element's
};

gemmact_tensor dense(uint32_t slot, const linear_shape& shape, gemmact_extent extent) {
  gemmact_tensor t{};
  t.slot = slot;
  t.type = shape.type;
  t.extent = extent;
  t.align_bytes = shape.align_bytes;
  return t;
}

std::unique_ptr<gemmact_plan> make_linear_plan(const core::device& device, const char* activation,
                                               const linear_shape& shape) {
  const gemmact_tensor tensors[] = {dense(GEMMACT_X, shape, GEMMACT_EACH), dense(GEMMACT_W, shape, GEMMACT_EACH),
                                    dense(GEMMACT_Y, shape, GEMMACT_EACH),
                                    dense(GEMMACT_BIAS, shape, GEMMACT_PER_COLUMN)};
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
    const uint32_t align = context->device->has_streams() ? common_alignment({x, w, bias, y}) : 0;
    // Less than an element's is not promised: the run refuses it.
    const linear_shape shape{m, n, k, type, bias != nullptr, align < core::type_bytes(type, 1) ? 0 : align};
    const api::linear_key key{key_text, m, n, k, core::raw(type), shape.has_bias, shape.align_bytes};
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
