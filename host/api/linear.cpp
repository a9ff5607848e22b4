#include <algorithm>
#include <cstring>
#include <iterator>
#include <tuple>

#include "host/api/guard.hpp"
#include "host/api/handles.hpp"
#include "host/core/slots.hpp"
#include "host/core/status.hpp"

using namespace gemmact;

namespace {

// What a call promises of its X and W, up to 16 bytes: kernels of GPUs copy as many of them at once. Where it is 16 and Y has
// as much, it is `with_y`: kernels with TMA store whole rows. The rest they look at in each run.
constexpr uint32_t most_promised = 16, with_y = 2 * most_promised;
uint32_t common_alignment(const void* x, const void* w, const void* y) {
  const uintptr_t bits = most_promised | reinterpret_cast<uintptr_t>(x) | reinterpret_cast<uintptr_t>(w);
  const auto common = static_cast<uint32_t>(bits & -bits);
  return common == most_promised && reinterpret_cast<uintptr_t>(y) % most_promised == 0 ? with_y : common;
}

struct linear_shape {
  int64_t m, n, k;
  gemmact_type type;
  bool has_bias;
  uint32_t align_bytes;  // common_alignment(), or 0: their elements'
};

gemmact_tensor dense(uint32_t slot, gemmact_type type, uint32_t align_bytes = 0, gemmact_extent extent = GEMMACT_EACH) {
  gemmact_tensor t{};
  t.slot = slot;
  t.type = type;
  t.extent = extent;
  t.align_bytes = align_bytes;
  return t;
}

std::unique_ptr<gemmact_plan> make_linear_plan(const core::device& device, const char* activation,
                                               const linear_shape& shape) {
  const uint32_t operands = std::min(shape.align_bytes, most_promised);
  const uint32_t y = shape.align_bytes == with_y ? most_promised : 0;
  const gemmact_tensor tensors[] = {dense(GEMMACT_X, shape.type, operands), dense(GEMMACT_W, shape.type, operands),
                                    dense(GEMMACT_Y, shape.type, y),
                                    dense(GEMMACT_BIAS, shape.type, 0, GEMMACT_PER_COLUMN)};
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
  return api::make_plan(device, &problem, device.has_streams());  // whose workspaces would be allocated for each call
}

// Where no plan may be made because a stream is being captured, one that promises less serves, too.
std::shared_ptr<api::linear_plan> find_lesser(api::linear_cache& cache, api::linear_key key) {
  uint32_t& align = std::get<std::tuple_size_v<api::linear_key> - 1>(key);
  while ((align /= 2) != 0)
    if (std::shared_ptr<api::linear_plan> found = cache.find(key)) return found;
  return nullptr;
}

std::shared_ptr<api::linear_plan> plan_of(gemmact_context& context, const char* activation, std::string_view key_text,
                                          const linear_shape& shape, void* stream) {
  const api::linear_key key{key_text,       shape.m,          shape.n, shape.k, core::raw(shape.type),
                            shape.has_bias, shape.align_bytes};
  try {
    return context.linear.get(key, [&] {
      context.device->refuse_capture(stream);
      return make_linear_plan(*context.device, activation, shape);
    });
  } catch (const core::failure& f) {
    if (f.status() != GEMMACT_STREAM_CAPTURING) throw;
    if (auto lesser = find_lesser(context.linear, key)) return lesser;
    throw;
  }
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
    const uint32_t align = context->device->has_streams() ? common_alignment(x, w, y) : 0;
    // Less than an element's is not promised: the run refuses it.
    const linear_shape shape{m, n, k, type, bias != nullptr, align < core::type_bytes(type, 1) ? 0 : align};
    const std::shared_ptr<api::linear_plan> plan = plan_of(*context, text, key_text, shape, stream);
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
