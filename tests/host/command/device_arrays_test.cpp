// Arrays of `gemmact run` in a device's memory, here a stand-in's; and in the fake driver's.
#include "host/api/command/device_arrays.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>

#include "host/core/status.hpp"
#include "host/plan/devices.hpp"

namespace gemmact::api {
namespace {

using core::device_memory;

class heap_memory final : public device_memory {
 public:
  explicit heap_memory(size_t bytes) : bytes_(bytes) {}
  void* data() const override { return const_cast<std::byte*>(bytes_.data()); }
  void upload(const void* from) override { std::memcpy(bytes_.data(), from, bytes_.size()); }
  void download(void* to) const override { std::memcpy(to, bytes_.data(), bytes_.size()); }

 private:
  std::vector<std::byte> bytes_;
};

class other_memory final : public core::device {
 public:
  explicit other_memory(bool own) : own_(own) {}
  std::string description() const override { return "a stand-in"; }
  bool can_run() const override { return true; }
  std::vector<core::offer> offers(const core::problem&) const override { return {}; }
  std::unique_ptr<core::executable> compile(const core::problem&) const override { return nullptr; }
  std::unique_ptr<device_memory> make_memory(size_t bytes) const override {
    return own_ ? std::make_unique<heap_memory>(bytes) : nullptr;
  }

 private:
  const bool own_;
};

static_assert(!std::is_constructible_v<device_arrays, other_memory, size_t, std::vector<gemmact_binding>>,
              "a device that ends before its arrays");
static_assert(std::is_constructible_v<device_arrays, other_memory&, size_t, std::vector<gemmact_binding>>);

struct arrays {
  float x[3] = {1, 2, 3}, y[2] = {4, 5};
  std::vector<gemmact_binding> bindings{{GEMMACT_X, 0, x}, {GEMMACT_C, 0, y}, {GEMMACT_Y, 0, y}};
};

void expect_copied(const core::device& device) {
  arrays host;
  device_arrays copies(device, 512, host.bindings);
  copies.add(host.x, sizeof host.x, false);
  copies.add(host.y, sizeof host.y, true);
  const auto& bound = copies.bindings();
  ASSERT_NE(bound[0].data, host.x);
  ASSERT_NE(bound[2].data, host.y);
  EXPECT_EQ(bound[1].data, bound[2].data) << "C is Y";
  EXPECT_NE(copies.workspace(), nullptr);
  EXPECT_EQ(std::memcmp(bound[0].data, host.x, sizeof host.x), 0);
  const float read[3] = {7, 8, 9}, written[2] = {10, 11};
  std::memcpy(bound[0].data, read, sizeof read);
  std::memcpy(bound[2].data, written, sizeof written);
  copies.fetch();
  EXPECT_EQ(host.x[0], 1) << "what is read is not brought back";
  EXPECT_EQ(host.y[0], 10);
  EXPECT_EQ(host.y[1], 11);
}

TEST(device_arrays, are_copied_where_the_device_has_memory_of_its_own) { expect_copied(other_memory(true)); }

TEST(device_arrays, are_the_hosts_own_where_it_has_none) {
  arrays host;
  const other_memory device(false);
  device_arrays same(device, 512, host.bindings);
  same.add(host.x, sizeof host.x, false);
  same.add(host.y, sizeof host.y, true);
  EXPECT_EQ(same.bindings()[0].data, host.x);
  EXPECT_EQ(same.bindings()[2].data, host.y);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(same.workspace()) % 256, 0u);
  same.fetch();
}

// The fake driver's memory is the host's, so that it can be looked at.
TEST(device_arrays, on_a_gpu) { expect_copied(*plan::open_device("cuda:0")); }

TEST(device_arrays, a_described_device_has_no_memory) {
  arrays host;
  const auto described = plan::open_device("describe:h100");
  try {
    device_arrays none(*described, 16, host.bindings);
    FAIL() << "it has memory";
  } catch (const core::failure& f) {
    EXPECT_EQ(f.status(), GEMMACT_NO_DEVICE);
  }
}

}  // namespace
}  // namespace gemmact::api
