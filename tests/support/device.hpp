// The device under test and its memory: the same suites run on every device, named by GEMMACT_TEST_DEVICE ("cpu", "cuda:0").
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/include/gemmact/gemmact.h"
#include "tests/support/coverage.hpp"

namespace gemmact::test {

// Memory that the device computes in.
class device_memory {
 public:
  virtual ~device_memory() = default;
  virtual uint8_t* allocate(size_t bytes) = 0;  // aligned to 4096 bytes
  virtual void release(uint8_t* memory) = 0;
  virtual void write(uint8_t* to, const uint8_t* from, size_t bytes) = 0;
  virtual void read(uint8_t* to, const uint8_t* from, size_t bytes) = 0;
  // Marks memory that the device must not even read, where a sanitizer can tell.
  virtual void forbid(uint8_t*, size_t) {}
  virtual void permit(uint8_t*, size_t) {}
};
std::unique_ptr<device_memory> make_device_memory(const std::string& device);

// The device is understood, but this machine has not got it.
struct device_missing : std::runtime_error {
  using runtime_error::runtime_error;
};
inline constexpr int skipped_exit_code = 77;  // ctest's SKIP_RETURN_CODE where a device may be missing; else a failure

// No kernel of the device takes the problem (yet).
struct not_covered : std::runtime_error {
  using runtime_error::runtime_error;
};

class test_device {
 public:
  explicit test_device(const std::string& name);  // throws where the device cannot be opened
  gemmact_context* context() const { return context_.get(); }
  device_memory& memory() const { return *memory_; }
  const std::string& name() const { return name_; }

  bool refuses_nothing() const { return name_ == "cpu"; }
  coverage& counts() { return counts_; }

 private:
  struct destroy {
    void operator()(gemmact_context* context) const { gemmact_context_destroy(context); }
  };
  std::string name_;
  std::unique_ptr<gemmact_context, destroy> context_;
  std::unique_ptr<device_memory> memory_;
  coverage counts_;
};

std::string device_name();         // GEMMACT_TEST_DEVICE, else "cpu"
test_device& device_under_test();  // opened once; ends the program with skipped_exit_code where it is missing

// A test's whole body, the last of a suite: prints what became of the suite's problems, and fails where the device took none,
// or fewer than GEMMACT_TEST_LEAST wants (coverage::shortfall).
void expect_some_covered();

// A device buffer between two guard zones. The payload starts `shift` bytes past a page, so that a shift of one element
// takes away any alignment but the element's. Everything is 0xFF (NaN in every format) until written.
class guarded_buffer {
 public:
  static constexpr size_t guard_bytes = 4096;
  guarded_buffer(device_memory& memory, size_t payload_bytes, size_t shift);
  ~guarded_buffer() { memory_->release(device_); }
  guarded_buffer(const guarded_buffer&) = delete;
  guarded_buffer& operator=(const guarded_buffer&) = delete;

  uint8_t* before() { return before_.data() + guard_bytes + shift_; }  // the payload to upload
  uint8_t* after() { return after_.data() + guard_bytes + shift_; }    // the payload as downloaded
  void* device() const { return device_ + guard_bytes + shift_; }
  size_t payload_bytes() const { return payload_bytes_; }
  void upload();
  void download();
  // "" if nothing but what `owned` marks has changed since the upload; else the first stray byte, in words. One mark a
  // payload byte; null: nothing may have changed.
  std::string stray_write(const std::vector<uint8_t>* owned) const;

 private:
  device_memory* memory_;
  size_t payload_bytes_, shift_;
  std::vector<uint8_t> before_, after_;
  uint8_t* device_;
};

}  // namespace gemmact::test
