#include "host/cuda/memory.hpp"

namespace gemmact::cuda {

memory::memory(const context& context, size_t bytes)
    : context_(context), bytes_(bytes), data_(context.allocate(bytes, nullptr, "memory")) {}

memory::~memory() { context_.release(data_, nullptr); }

void memory::zero() { context_.zero(data_, bytes_, nullptr); }

void memory::upload(const void* from) { context_.upload(data_, from, bytes_); }

void memory::download(void* to) const { context_.download(to, data_, bytes_); }

}  // namespace gemmact::cuda
