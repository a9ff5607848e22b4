#include "tests/support/device.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>

#include "tests/support/gpu_memory.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace gemmact::test {
namespace {

class host_memory : public device_memory {
 public:
  uint8_t* allocate(size_t bytes) override {
    return static_cast<uint8_t*>(::operator new(bytes, std::align_val_t(4096)));
  }
  void release(uint8_t* memory) override { ::operator delete(memory, std::align_val_t(4096)); }
  void write(uint8_t* to, const uint8_t* from, size_t bytes) override { std::memcpy(to, from, bytes); }
  void read(uint8_t* to, const uint8_t* from, size_t bytes) override { std::memcpy(to, from, bytes); }
#if defined(__SANITIZE_ADDRESS__)
  void forbid(uint8_t* at, size_t bytes) override { ASAN_POISON_MEMORY_REGION(at, bytes); }
  void permit(uint8_t* at, size_t bytes) override { ASAN_UNPOISON_MEMORY_REGION(at, bytes); }
#endif
};

}  // namespace

std::unique_ptr<device_memory> make_device_memory(const std::string& device) {
  if (device == "cpu") return std::make_unique<host_memory>();
  constexpr std::string_view cuda = "cuda:";
  if (device.starts_with(cuda)) return make_gpu_memory(std::atoi(device.c_str() + cuda.size()));
  throw std::runtime_error(fmt::format("no test memory for the device {}", device));
}

test_device::test_device(const std::string& name) : name_(name) {
  gemmact_context* made = nullptr;
  const gemmact_status status = gemmact_context_create(name.c_str(), &made);
  if (status == GEMMACT_NO_DEVICE || status == GEMMACT_NO_DRIVER) throw device_missing(gemmact_last_error());
  if (status != GEMMACT_OK)
    throw std::runtime_error(fmt::format("gemmact_context_create({}): {}", name, gemmact_last_error()));
  context_.reset(made);
  memory_ = make_device_memory(name);
}

void expect_some_covered() {
  test_device& device = device_under_test();
  const coverage& counts = device.counts();
  const char* least = std::getenv("GEMMACT_TEST_LEAST");
  if (least == nullptr && counts.counted(outcome::covered) == 0 && counts.counted(outcome::refused) == 0 &&
      counts.counted(outcome::not_sampled) == 0)
    GTEST_SKIP() << "nothing ran";
  fmt::print("{}: {}", device.name(), counts.table());
  EXPECT_GT(counts.counted(outcome::covered), 0) << "every problem was refused";
  EXPECT_EQ(counts.shortfall(least == nullptr ? "" : least), "") << "covered less than GEMMACT_TEST_LEAST wants";
}

std::string device_name() {
  const char* name = std::getenv("GEMMACT_TEST_DEVICE");
  return name == nullptr ? "cpu" : name;
}

test_device& device_under_test() {
  try {
    static test_device device(device_name());
    return device;
  } catch (const device_missing& e) {
    fmt::print("not on this machine: {}\n", e.what());
    std::fflush(stdout);
    std::_Exit(skipped_exit_code);
  }
}

guarded_buffer::guarded_buffer(device_memory& memory, size_t payload_bytes, size_t shift)
    : memory_(&memory),
      payload_bytes_(payload_bytes),
      shift_(shift),
      before_(2 * guard_bytes + shift + payload_bytes, 0xFF),
      after_(before_.size()),
      device_(memory.allocate(before_.size())) {}

void guarded_buffer::upload() {
  memory_->write(device_, before_.data(), before_.size());
  memory_->forbid(device_, guard_bytes + shift_);
  memory_->forbid(device_ + before_.size() - guard_bytes, guard_bytes);
}

void guarded_buffer::download() {
  memory_->permit(device_, before_.size());
  memory_->read(after_.data(), device_, before_.size());
}

std::string guarded_buffer::stray_write(const std::vector<uint8_t>* owned) const {
  const size_t start = guard_bytes + shift_;
  for (size_t i = 0; i < before_.size(); ++i) {
    if (before_[i] == after_[i]) continue;
    const bool payload = i >= start && i < start + payload_bytes_;
    if (payload && owned != nullptr && (*owned)[i - start] != 0) continue;
    const auto offset = int64_t(i) - int64_t(start);
    return fmt::format("byte {} of {} ({}) changed from {:#04x} to {:#04x}", offset, payload_bytes_,
                       offset < 0 ? "before the start"
                       : payload  ? "padding or an input"
                                  : "past the end",
                       before_[i], after_[i]);
  }
  return "";
}

}  // namespace gemmact::test
