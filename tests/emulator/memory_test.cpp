// The registry of global arrays and the memory between canaries.
#include "kernels/emulator/memory.hpp"

#include <gtest/gtest.h>

namespace gemmact::test {
namespace {

using namespace gemmact::emulator;  // NOLINT: what this test speaks of

struct two_arrays : testing::Test {
  two_arrays() : x(100, 8), y(64) {
    registry.add("X", x.data(), x.size(), array_use::read_only);
    registry.add("Y", y.data(), y.size(), array_use::read_write);
  }
  bool legal(u64 address, u64 bytes, u32 alignment, access_kind kind) {
    return registry.locate(address, bytes, alignment, kind, where);
  }
  static u64 address_of(const guarded_memory& m, i64 offset) { return reinterpret_cast<u64>(m.data()) + u64(offset); }

  guarded_memory x, y;
  memory_registry registry;
  global_range where{};
};

TEST_F(two_arrays, accesses_inside) {
  EXPECT_TRUE(legal(address_of(x, 96), 4, 4, access_kind::read));
  EXPECT_EQ(where.array, 0u);
  EXPECT_EQ(where.offset, 96u);
  EXPECT_TRUE(legal(address_of(y, 0), 64, 16, access_kind::write));
  EXPECT_EQ(where.array, 1u);
  EXPECT_EQ(where.offset, 0u);
}

TEST_F(two_arrays, accesses_outside) {
  const struct {
    u64 address, bytes;
    u32 alignment;
    access_kind kind;
    const char* words;
  } cases[] = {
      {address_of(x, 96), 8, 4, access_kind::read, "read of 8 bytes at byte 96 of X (100 bytes): it goes 4 bytes past"},
      {address_of(x, 100), 4, 4, access_kind::read, "0 bytes past the end of X (100 bytes)"},
      {address_of(x, -4), 4, 4, access_kind::read, "4 bytes before the start of X (100 bytes)"},
      {address_of(y, 64), 4, 4, access_kind::write, "0 bytes past the end of Y"},
      {address_of(x, 0), 4, 4, access_kind::write,
       "write of 4 bytes at byte 0 of X (100 bytes): the array may only be read"},
      {address_of(x, 0), 4, 4, access_kind::atomic, "may only be read"},
      {address_of(y, 4), 8, 8, access_kind::read, "must be a multiple of 8"},
      {0, 4, 4, access_kind::read, "in no array of the launch"},
      {~0ull - 3, 4, 4, access_kind::read, "in no array of the launch"},
  };
  for (const auto& one : cases) {
    EXPECT_FALSE(legal(one.address, one.bytes, one.alignment, one.kind)) << one.words;
    const std::string text = registry.fault(one.address, one.bytes, one.alignment, one.kind);
    EXPECT_NE(text.find(one.words), std::string::npos) << text << "\nlacks " << one.words;
  }
  EXPECT_FALSE(memory_registry().locate(address_of(x, 0), 4, 4, access_kind::read, where));
  EXPECT_EQ(memory_registry().fault(16, 4, 4, access_kind::read), "read of 4 bytes: the launch has no arrays");
}

TEST_F(two_arrays, arrays_are_apart) {
  EXPECT_THROW(registry.add("Z", x.data() + 99, 1, array_use::read_only), std::invalid_argument);
  EXPECT_NO_THROW(registry.add("Z", x.data() + 100, 1, array_use::read_only));
}

TEST(guarded_memory, is_poisoned_and_aligned) {
  const guarded_memory m(10, 24);
  EXPECT_EQ(reinterpret_cast<u64>(m.data()) % 4096, 24u);
  for (u64 i = 0; i < 10; i++) EXPECT_EQ(m.data()[i], 0xff);
  EXPECT_EQ(m.damage("Y"), "");
}

TEST(guarded_memory, shows_damage) {
  for (const i64 where : {i64(-1), i64(-4096), i64(10), i64(10 + 4095)}) {
    const guarded_memory m(10, 24);
    m.data()[where] ^= 1;
    EXPECT_NE(m.damage("Y").find("was overwritten"), std::string::npos) << where;
  }
}

TEST(guarded_memory, faults_far_outside) {
  const guarded_memory m(10);
  EXPECT_DEATH(m.data()[1 << 20] = 1, "");
}

}  // namespace
}  // namespace gemmact::test
