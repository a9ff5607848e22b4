#include "tests/families/device/run_on_streams.hpp"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include <stdexcept>

#include "tests/support/numbers.hpp"

namespace gemmact::test {
namespace {

void require(cudaError_t error, const char* what) {
  if (error != cudaSuccess) throw std::runtime_error(fmt::format("{}: {}", what, cudaGetErrorString(error)));
}

size_t bytes_of(const operand& o) {
  const int64_t elements = o.spec.type == GEMMACT_BIT ? o.span_elems / 32 : o.span_elems;
  return size_t(elements) * size_t(element_bytes(o.spec.type));
}

void* allocate(size_t bytes) {
  void* memory = nullptr;
  require(cudaMalloc(&memory, bytes == 0 ? 1 : bytes), "cudaMalloc");
  return memory;
}

void* uploaded(const operand& o) {
  std::vector<unsigned char> host(bytes_of(o), 0xff);
  for (int64_t b = 0; b < o.batch; ++b)
    for (int64_t i = 0; i < o.rows; ++i)
      for (int64_t j = 0; j < o.cols; ++j)
        store_bits(o.spec.type, host.data() + o.offset(b, i, j) * element_bytes(o.spec.type),
                   encode(o.spec.type, o.at(b, i, j)));
  void* memory = allocate(host.size());
  require(cudaMemcpy(memory, host.data(), host.size(), cudaMemcpyHostToDevice), "cudaMemcpy");
  return memory;
}

}  // namespace

struct run_on_streams::lane {
  cudaStream_t stream = nullptr;
  void* workspace = nullptr;
  std::vector<void*> outputs;  // by operand; null for inputs
  std::vector<gemmact_binding> bindings;

  lane(const layer& l, const std::vector<void*>& inputs, const gemmact_plan* plan, size_t workspace_bytes) {
    require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
    if (workspace_bytes != 0) workspace = allocate(workspace_bytes);
    if (gemmact_workspace_init(plan, workspace, stream) != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
    for (size_t i = 0; i < l.operands.size(); ++i) {
      const operand& o = l.operands[i];
      outputs.push_back(o.output ? allocate(bytes_of(o)) : nullptr);
      bindings.push_back({o.spec.slot, o.spec.index, o.output ? outputs[i] : inputs[i]});
    }
  }
  ~lane() {
    for (void* memory : outputs) cudaFree(memory);
    cudaFree(workspace);
    cudaStreamDestroy(stream);
  }
};

run_on_streams::run_on_streams(test_device& device, const layer& l, int streams) : l_(l) {
  const problem_view view(l);
  const gemmact_status status = gemmact_plan_create(device.context(), &view.problem, &plan_);
  if (status == GEMMACT_NOT_SUPPORTED) throw not_covered(gemmact_last_error());
  if (status != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
  count(device, l, outcome::covered);
  info_.struct_bytes = sizeof info_;
  if (gemmact_plan_get_info(plan_, &info_) != GEMMACT_OK) throw std::runtime_error(gemmact_last_error());
  for (const operand& o : l.operands) inputs_.push_back(o.output ? nullptr : uploaded(o));
  for (int i = 0; i < streams; ++i) lanes_.push_back(std::make_unique<lane>(l, inputs_, plan_, info_.workspace_bytes));
}

run_on_streams::~run_on_streams() {
  lanes_.clear();
  for (void* memory : inputs_) cudaFree(memory);
  gemmact_plan_destroy(plan_);
}

std::vector<output_bytes> run_on_streams::run(unsigned char poison) {
  for (const auto& own : lanes_)
    for (size_t i = 0; i < l_.operands.size(); ++i)
      if (own->outputs[i] != nullptr)
        require(cudaMemsetAsync(own->outputs[i], poison, bytes_of(l_.operands[i]), own->stream), "cudaMemsetAsync");
  for (const auto& own : lanes_) {
    gemmact_operands operands{};
    operands.struct_bytes = sizeof operands;
    operands.bindings = own->bindings.data();
    operands.count = own->bindings.size();
    operands.binding_bytes = sizeof(gemmact_binding);
    operands.workspace_bytes = info_.workspace_bytes;
    if (gemmact_run(plan_, &operands, own->workspace, own->stream) != GEMMACT_OK)
      throw std::runtime_error(gemmact_last_error());
  }
  std::vector<output_bytes> all;
  for (const auto& own : lanes_) {
    require(cudaStreamSynchronize(own->stream), "cudaStreamSynchronize");
    output_bytes& bytes = all.emplace_back();
    for (size_t i = 0; i < l_.operands.size(); ++i) {
      if (own->outputs[i] == nullptr) continue;
      const size_t start = bytes.size(), count = bytes_of(l_.operands[i]);
      bytes.resize(start + count);
      require(cudaMemcpy(bytes.data() + start, own->outputs[i], count, cudaMemcpyDeviceToHost), "cudaMemcpy");
    }
  }
  return all;
}

}  // namespace gemmact::test
