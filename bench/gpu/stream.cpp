#include "bench/gpu/stream.hpp"

#include <memory>

namespace gemmact_bench {

stream::stream() {
  require_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  require_cuda(cudaEventCreate(&begin_), "cudaEventCreate");
  require_cuda(cudaEventCreate(&end_), "cudaEventCreate");
}

stream::~stream() {
  cudaEventDestroy(end_);
  cudaEventDestroy(begin_);
  cudaStreamDestroy(stream_);
}

void stream::mark() { require_cuda(cudaEventRecord(begin_, stream_), "cudaEventRecord"); }

double stream::seconds_since_mark() {
  require_cuda(cudaEventRecord(end_, stream_), "cudaEventRecord");
  if (meanwhile) meanwhile();
  require_cuda(cudaEventSynchronize(end_), "cudaEventSynchronize");
  float milliseconds = 0;
  require_cuda(cudaEventElapsedTime(&milliseconds, begin_, end_), "cudaEventElapsedTime");
  return double(milliseconds) * 1e-3;
}

void stream::wait() { require_cuda(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

std::function<void()> stream::collect(const std::function<void()>& work) {
  require_cuda(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  cudaGraph_t graph = nullptr;
  try {
    work();
  } catch (...) {
    cudaStreamEndCapture(stream_, &graph);  // else the stream could do nothing more
    cudaGraphDestroy(graph);
    throw;
  }
  require_cuda(cudaStreamEndCapture(stream_, &graph), "cudaStreamEndCapture");
  cudaGraphExec_t instance = nullptr;
  const cudaError_t made = cudaGraphInstantiate(&instance, graph, 0);
  cudaGraphDestroy(graph);
  require_cuda(made, "cudaGraphInstantiate");
  const std::shared_ptr<CUgraphExec_st> owned(instance, [](cudaGraphExec_t g) { cudaGraphExecDestroy(g); });
  return [this, owned] { require_cuda(cudaGraphLaunch(owned.get(), stream_), "cudaGraphLaunch"); };
}

}  // namespace gemmact_bench
