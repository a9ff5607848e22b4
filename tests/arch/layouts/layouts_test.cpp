// The layout functions against tables that another library's layout algebra printed (README.md), every entry of every table.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <vector>

#include "kernels/arch/tma/layout.hpp"
#include "kernels/arch/wgmma/layout.hpp"

namespace gemmact {
namespace {

using place = std::array<u32, 3>;                 // of the indices; those that a table lacks are 0
using layout = std::function<u32(const place&)>;  // what a function of ours says

// One line of tables.csv: an output, linear over the bits of its indices.
struct table {
  std::string name, output;
  std::vector<u32> extents;
  std::vector<std::vector<u32>> bits;

  u32 operator()(const place& at) const {
    u32 value = 0;
    for (size_t axis = 0; axis < bits.size(); ++axis)
      for (size_t bit = 0; bit < bits[axis].size(); ++bit) value ^= (at[axis] >> bit & 1) * bits[axis][bit];
    return value;
  }
};

std::vector<table> read_tables() {
  std::ifstream file(GEMMACT_ROOT "/tests/arch/layouts/tables.csv");
  std::vector<table> tables;
  std::string line, part;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream parts(line);
    table one;
    std::getline(parts, one.name, ',');
    std::getline(parts, one.output, ',');
    while (std::getline(parts, part, ',')) {
      std::istringstream index(part);
      std::string name;
      u32 extent = 0;
      char colon = 0;
      index >> name >> extent >> colon;
      one.extents.push_back(extent);
      one.bits.emplace_back();
      for (u32 value; index >> value;) one.bits.back().push_back(value);
    }
    tables.push_back(one);
  }
  return tables;
}

// Empty, or the last entry that differs; `compared` counts them all.
std::string difference(const table& want, const layout& have, size_t& compared) {
  std::string told;
  place at{};
  const auto extent = [&](size_t axis) { return axis < want.extents.size() ? want.extents[axis] : 1; };
  for (at[0] = 0; at[0] < extent(0); ++at[0])
    for (at[1] = 0; at[1] < extent(1); ++at[1])
      for (at[2] = 0; at[2] < extent(2); ++at[2]) {
        ++compared;
        if (want(at) != have(at))
          told = fmt::format("{}, {}: [{} {} {}] is {}, not {}", want.name, want.output, at[0], at[1], at[2], have(at),
                             want(at));
      }
  return told;
}

layout part_of(const std::string& output, std::function<tile_place(const place&)> whole) {
  if (output == "row") return [whole](const place& at) { return whole(at).row; };
  return [whole](const place& at) { return whole(at).col; };
}

// Of a fragment whose registers hold packed_elems<T> elements.
template <class T>
layout fragment(const std::string& output, char operand, bool warpgroup) {
  constexpr u32 p = packed_elems<T>;
  return part_of(output, [operand, warpgroup](const place& at) {
    const auto [thread, value, none] = at;
    if (operand == 'C') return warpgroup ? arch::wgmma_d(thread, value) : fragment_d(thread, value);
    if (operand == 'B') return fragment_b<T>(thread, value / p, value % p);
    return warpgroup ? arch::wgmma_a<T>(thread, value / p, value % p) : fragment_a<T>(thread, value / p, value % p);
  });
}

layout matrix_move(const std::string& name, const std::string& output) {
  const bool transposed = name.find("trans") != std::string::npos;
  if (output == "address_lane")
    return [=](const place& at) { return place_in_matrix(transposed, at[0], at[1], at[2]).address_lane; };
  return [=](const place& at) { return place_in_matrix(transposed, at[0], at[1], at[2]).element; };
}

// A tile of slabs of `span` bytes (16: none), `lines` lines each.
struct tile {
  u32 element_bytes, mn, k;
};

// As TMA writes it, a box a slab.
template <arch::major along, u32 span>
u32 written(const tile& t, u32 mn, u32 k) {
  const bool along_k = along == arch::major::k;
  const u32 byte = (along_k ? k : mn) * t.element_bytes, line = along_k ? mn : k, lines = along_k ? t.mn : t.k;
  return byte / span * lines * span + arch::tma_offset<span>(byte % span, line, span);
}

// As wgmma reads it, an instruction for each 32 bytes of k: where a descriptor of this start, leading and stride says.
template <arch::major along, u32 span>
u32 read(const tile& t, u32 mn, u32 k) {
  const u32 step_k = 32 / t.element_bytes, step = k / step_k;
  const u32 slab = (along == arch::major::k ? t.mn : t.k) * span;
  u32 start = 0, leading = 16, stride = 8 * span;
  if (along == arch::major::k && span == 16) {
    start = step * 2 * slab, leading = slab, stride = 128;
  } else if (along == arch::major::k) {
    start = 32 * step / span * slab + 32 * step % span;
  } else if (span == 16) {
    start = step * 2 * 128, leading = 128, stride = slab;
  } else {
    start = step * 2 * stride, leading = slab;
  }
  return swizzle<span>(start + arch::wgmma_offset<along, span>(mn, k % step_k, t.element_bytes, leading, stride));
}

template <arch::major along, u32 span>
std::vector<layout> shared_of(const tile& t) {
  return {[t](const place& at) { return written<along, span>(t, at[0], at[1]); },
          [t](const place& at) { return read<along, span>(t, at[0], at[1]); }};
}

template <arch::major along>
std::vector<layout> shared_of(u32 span, const tile& t) {
  if (span == 128) return shared_of<along, 128>(t);
  if (span == 64) return shared_of<along, 64>(t);
  if (span == 32) return shared_of<along, 32>(t);
  return shared_of<along, 16>(t);
}

std::vector<layout> layouts_of(const table& t) {
  const std::string& n = t.name;
  const auto has = [&](const char* text) { return n.find(text) != std::string::npos; };
  if (has("matrix.x")) return {matrix_move(n, t.output)};
  if (has("mma.")) {
    const char operand = n.back();
    if (has("tf32")) return {fragment<tf32>(t.output, operand, has("wgmma"))};
    if (has("e4m3") || has("s8") || has("8bit")) return {fragment<e4m3_bits>(t.output, operand, has("wgmma"))};
    return {fragment<bf16_bits>(t.output, operand, has("wgmma")), fragment<f16_bits>(t.output, operand, has("wgmma"))};
  }
  const u32 bytes = has("tf32") ? 4 : has("e4m3") ? 1 : 2;
  const u32 span = has("sw128") ? 128 : has("sw64") ? 64 : has("sw32") ? 32 : 16;
  const tile whole{bytes, t.extents[0], t.extents[1]};
  return has(".K.") ? shared_of<arch::major::k>(span, whole) : shared_of<arch::major::mn>(span, whole);
}

TEST(layouts, every_entry_of_every_table) {
  size_t entries = 0, compared = 0;
  std::map<std::string, int> seen;
  for (const table& one : read_tables()) {
    const std::vector<layout> ours = layouts_of(one);
    for (const layout& have : ours) {
      size_t count = 0;
      EXPECT_EQ(difference(one, have, count), "");
      compared += count;
      if (&have == ours.data() && ++seen[one.name] == 1) entries += count;
    }
  }
  EXPECT_EQ(entries, 74048u) << "entries of the tables";
  EXPECT_GE(compared, 2 * entries - 1000) << "each has two values or two functions";
}

TEST(layouts, planted_faults_are_found) {
  const layout swapped = [](const place& at) {  // A's registers 1 and 2, the usual mistake
    const u32 reg = at[1] / 2, other = reg == 1 ? 2 : reg == 2 ? 1 : reg;
    return fragment_a<bf16_bits>(at[0], other, at[1] % 2).row;
  };
  const layout unswizzled = [](const place& at) { return at[0] * 128 + at[1] * 2; };
  size_t compared = 0;
  for (const table& one : read_tables()) {
    if (one.name == "mma.m16n8k16.f32.bf16.A" && one.output == "row") {
      EXPECT_NE(difference(one, swapped, compared), "");
    }
    if (one.name == "bf16.K.sw128") {
      EXPECT_NE(difference(one, unswizzled, compared), "");
    }
  }
  EXPECT_EQ(compared, 256u + 4096u);
}

// The vectors of NVIDIA/cutlass's bit fields.
TEST(layouts, descriptor_bits) {
  struct vector {
    u32 start, leading, stride, span;
    u64 bits;
  };
  const vector vectors[] = {
      {0x400, 16, 1024, 128, 0x4000004000010040ull}, {0x400, 8192, 1024, 128, 0x4000004002000040ull},
      {0x420, 16, 1024, 128, 0x4000004000010042ull}, {0xC00, 8192, 1024, 128, 0x40000040020000c0ull},
      {0x400, 16, 512, 64, 0x8000002000010040ull},   {0x400, 16, 256, 32, 0xc000001000010040ull},
      {0x400, 2048, 128, 16, 0x0000000800800040ull},
  };
  for (const vector& v : vectors)
    EXPECT_EQ(arch::wgmma_descriptor({v.start}, v.leading, v.stride, v.span), v.bits) << fmt::format("{:#x}", v.bits);
}

}  // namespace
}  // namespace gemmact
