// A device's primary context, which the CUDA runtime and other libraries of the process use, too.
#pragma once
#include <new>

#include "host/cuda/device_facts.hpp"
#include "host/cuda/driver.hpp"

namespace gemmact::cuda {

class context {
 public:
  // Retained at the first call for a device and never released: its memory and kernels may be used until the process
  // ends, and so may `driver`, which must live as long. Throws NO_DEVICE for a number that the driver does not have.
  static const context& open(const driver& driver, int number);
  static const context& open(const cuda::driver&&, int) = delete;

  const cuda::driver& driver() const { return driver_; }
  const device_facts& facts() const { return facts_; }

  // Makes the context current, where it is not, for as long as the scope lives; the caller's is as before then.
  class scope {
   public:
    explicit scope(const context& context);
    scope(const context& context, std::nothrow_t) noexcept;  // what fails stays as it is
    ~scope();
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    const cuda::driver& driver_;
    const char* function_ = "cuCtxGetCurrent";  // what gave code_
    result code_ = 0;
    bool pushed_ = false;
  };

  // Memory in a stream's order, so that a run between the two calls needs no synchronisation. Throws OUT_OF_MEMORY,
  // NOT_SUPPORTED where the device has no memory pools, STREAM_CAPTURING where the stream is being captured (the memory
  // would belong to the graph).
  void* allocate(size_t bytes, void* stream, std::string_view what = "a workspace") const;
  void release(void* memory, void* stream) const noexcept;
  void zero(void* memory, size_t bytes, void* stream) const;
  // Between host and device, in the default stream's order and complete on return.
  void upload(void* to, const void* from, size_t bytes) const;
  void download(void* to, const void* from, size_t bytes) const;
  void wait() const;  // for the default stream

  // Throws STREAM_CAPTURING where the stream is being captured, without spoiling that capture.
  void refuse_capture(void* stream, std::string_view doing) const;

 private:
  context(const cuda::driver& driver, int number);
  const cuda::driver& driver_;
  device_facts facts_;
  context_handle handle_ = nullptr;
};

}  // namespace gemmact::cuda
