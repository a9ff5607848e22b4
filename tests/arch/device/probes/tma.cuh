// Probes of kernels/arch/tma: boxes by swizzle, type and place, the edges of a tensor among them.
#pragma once
#include "kernels/arch/cluster/cluster.cuh"
#include "kernels/arch/tma/tma.cuh"
#include "tests/arch/device/probes/barrier.cuh"

namespace gemmact::device_test {

inline constexpr u32 box_lines = 24;

// A box of lines of `pitch` bytes (the span where it swizzles), loaded and read back by tma_offset().
template <u32 span, u32 pitch, u32 dimensions>
struct load_probe {
  static constexpr u32 threads = 64, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address place = arch::dynamic_shared(), barrier = place + box_lines * pitch;
    start_barrier(barrier, 1);
    if (arch::thread_index() == 0) {
      arch::tma_prefetch(p.load);
      arch::mbarrier_arrive_expect(barrier, box_lines * pitch);
      if constexpr (dimensions == 3) arch::tma_load(place, p.load, barrier, p.x, p.y, p.z);
      else arch::tma_load(place, p.load, barrier, p.x, p.y, arch::cache_policy::evict_first);
    }
    arch::mbarrier_wait(barrier, 0);
    for (u32 i = arch::thread_index(); i < box_lines * pitch; i += threads)
      output_at(p, i, arch::load_shared<u8>(place + arch::tma_offset<span>(i % pitch, i / pitch, pitch)));
  }
};

// A box written by tma_offset(), then stored; or, with u32 elements, added to what lies there.
template <u32 span, u32 pitch, u32 dimensions, bool adds>
struct store_probe {
  static constexpr u32 threads = 64, first = 90;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address place = arch::dynamic_shared();
    for (u32 i = arch::thread_index(); i < box_lines * pitch; i += threads)
      arch::store_shared(place + arch::tma_offset<span>(i % pitch, i / pitch, pitch), input_at<u8>(p, i));
    arch::fence_proxy_async();
    arch::sync_block();
    if (arch::thread_index() == 0) {
      if constexpr (adds) arch::tma_add(p.store, place, p.x, p.y);
      else if constexpr (dimensions == 3) arch::tma_store(p.store, place, p.x, p.y, p.z);
      else arch::tma_store(p.store, place, p.x, p.y);
      arch::bulk_commit();
      arch::bulk_wait<0>();
    }
  }
};

// Each of two blocks loads one half of the lines into both, those of one entry of dimension 2 where there is one; each sees all
// of them.
template <u32 dimensions>
struct multicast_probe {
  static constexpr u32 threads = 64, first = 900, half_lines = 16, half = half_lines * 128;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address place = arch::dynamic_shared(), barrier = place + 2 * half;
    const u32 rank = arch::cluster_rank();
    start_barrier(barrier, 1);
    if (arch::thread_index() == 0) arch::mbarrier_arrive_expect(barrier, 2 * half);
    arch::cluster_arrive();
    arch::cluster_wait();
    if (arch::thread_index() == 0) {
      const shared_address to = place + rank * half;
      if constexpr (dimensions == 3) arch::tma_load_multicast(to, p.load, barrier, u16(3), 0, p.y, i32(rank));
      else arch::tma_load_multicast(to, p.load, barrier, u16(3), 0, p.y + i32(rank * half_lines));
    }
    arch::mbarrier_wait(barrier, 0);
    for (u32 i = arch::thread_index(); i < half / 2; i += threads)
      output_at(p, rank * (half / 2) + i,
                arch::load_shared<u32>(place + arch::tma_offset<128>(4 * i % 128, 4 * i / 128, 128)));
    arch::cluster_arrive();  // a block stays while the other one's copies may still come to it
    arch::cluster_wait();
  }
};

inline u32 bytes_of_number(number type) {
  return type == number::u8_ ? 1 : type == number::u16_ || type == number::bf16_ ? 2 : 4;
}

// A tensor of `lines` lines of `elements` elements in dimension 0; the box is box_lines lines of `pitch` bytes.
inline map_facts map_of(number type, u32 span, u32 pitch, u32 dimensions, u32 elements, u32 lines) {
  map_facts map;
  const u32 size = bytes_of_number(type);
  map.dimensions = dimensions;
  map.type = type;
  map.span = span;
  map.extent[0] = elements;
  map.extent[1] = dimensions == 3 ? lines / 4 : lines;
  map.extent[2] = dimensions == 3 ? 4 : 1;
  map.stride[0] = (elements * size + 15) / 16 * 16;
  map.stride[1] = map.stride[0] * map.extent[1];
  map.box[0] = pitch / size;
  map.box[1] = dimensions == 3 ? box_lines / 3 : box_lines;
  map.box[2] = dimensions == 3 ? 3 : 1;
  return map;
}

// For each byte of the box at (x, y, z): its place in the tensor, or -1 outside.
inline std::vector<i64> places(const map_facts& map, i32 x, i32 y, i32 z) {
  std::vector<i64> found;
  const u32 size = bytes_of_number(map.type);
  for (u32 k = 0; k < map.box[2]; ++k)
    for (u32 j = 0; j < map.box[1]; ++j)
      for (u32 i = 0; i < map.box[0] * size; ++i) {
        const i64 at[3] = {x + i64(i / size), y + i64(j), z + i64(k)};
        bool inside = true;
        for (u32 d = 0; d < map.dimensions; ++d) inside = inside && at[d] >= 0 && at[d] < i64(map.extent[d]);
        found.push_back(inside ? at[0] * size + i % size + at[1] * map.stride[0] +
                                     (map.dimensions == 3 ? at[2] * map.stride[1] : 0)
                               : -1);
      }
  return found;
}
inline size_t size_of(const map_facts& map) { return size_t(map.stride[0]) * map.extent[1] * map.extent[2]; }

template <u32 span, u32 pitch, u32 dimensions = 2>
void add_load_probe(probes& all, number type, const char* where, i32 x, i32 y, i32 z = 0) {
  const u32 per_line = pitch / bytes_of_number(type);
  const map_facts map = map_of(type, span, pitch, dimensions, per_line * 2 - 3, 40);
  const std::string name = "tma.load" + std::to_string(dimensions) + "d.span" + std::to_string(span) + ".bytes" +
                           std::to_string(bytes_of_number(type)) + "." + where;
  const bytes tensor = random_bytes(name, size_of(map));
  bytes expected;
  for (const i64 at : places(map, x, y, z)) expected.push_back(at < 0 ? 0 : tensor[size_t(at)]);
  probe& one = add<load_probe<span, pitch, dimensions>>(all, name, tensor, expected);
  one.load = map;
  one.x = x, one.y = y, one.z = z;
  one.shared_bytes = box_lines * pitch + 8;
}

template <u32 span, u32 pitch, u32 dimensions = 2, bool adds = false>
void add_store_probe(probes& all, number type, const char* where, i32 x, i32 y, i32 z = 0) {
  const u32 per_line = pitch / bytes_of_number(type);
  const map_facts map = map_of(type, span, pitch, dimensions, per_line * 2 - 3, 40);
  const std::string name = std::string(adds ? "tma.add" : "tma.store") + std::to_string(dimensions) + "d.span" +
                           std::to_string(span) + "." + where;
  const bytes box = random_bytes(name, box_lines * pitch);
  bytes expected(size_of(map), 0xff);
  const std::vector<i64> at = places(map, x, y, z);
  for (size_t i = 0; i < at.size(); ++i)
    if (at[i] >= 0) expected[size_t(at[i])] = box[i];
  if (adds) {  // to 0xffffffff
    for (size_t i = 0; i < at.size(); i += 4) {
      u32 value = 0;
      std::memcpy(&value, &box[i], 4);
      if (at[i] >= 0) std::memcpy(&expected[size_t(at[i])], &--value, 4);
    }
  }
  probe& one = add<store_probe<span, pitch, dimensions, adds>>(all, name, box, expected);
  one.store = map;
  one.x = x, one.y = y, one.z = z;
  one.shared_bytes = box_lines * pitch;
}

// Of `entries` of the two that the blocks ask for, or with `past` of neither, as both begin behind the last line: what lies
// wholly outside of the tensor counts all its bytes, too, and is 0.
template <u32 dimensions>
void add_multicast_probe(probes& all, const std::string& where, u32 entries, bool past = false) {
  using probe_kernel = multicast_probe<dimensions>;
  constexpr u32 lines = probe_kernel::half_lines;
  map_facts map = map_of(number::bf16_, 128, 128, 2, 64, entries * lines);
  map.dimensions = dimensions;
  map.box[1] = lines;
  if (dimensions == 3) map.extent[1] = lines, map.extent[2] = entries, map.stride[1] = lines * map.stride[0];
  const bytes tensor = random_bytes("multicast", size_of(map));
  bytes both = past ? bytes() : tensor;
  both.resize(2 * probe_kernel::half);
  const std::string name = std::string(dimensions == 3 ? "tma.multicast3d" : "tma.multicast") + where;
  probe& one = add<probe_kernel>(all, name, tensor, joined({both, both}));
  one.load = map;
  if (past) one.y = i32(map.extent[1]);
  one.blocks = one.cluster = 2;
  one.shared_bytes = 2 * probe_kernel::half + 8;
}

// Bits of f32, and what is left of them with 10 of mantissa: the nearest, of two as near the even one.
struct rounding {
  u32 given, rounded;
};
constexpr rounding roundings[] = {
    {0x3f800000, 0x3f800000}, {0x3f800fff, 0x3f800000}, {0x3f801000, 0x3f800000}, {0x3f801001, 0x3f802000},
    {0x3f801fff, 0x3f802000}, {0x3f802fff, 0x3f802000}, {0x3f803000, 0x3f804000}, {0x3f803001, 0x3f804000},
    {0xbf803000, 0xbf804000}, {0xbf801000, 0xbf800000}, {0x3fffffff, 0x40000000}, {0xc2c81fff, 0xc2c82000},
    {0x7f7fefff, 0x7f7fe000}, {0x7f800000, 0x7f800000}, {0xff800000, 0xff800000}, {0x80000000, 0x80000000}};

// A map of tf32 rounds as it loads; the tensor cores would cut off.
inline void add_tf32_probe(probes& all) {
  const map_facts map = map_of(number::tf32_, 128, 128, 2, 32, box_lines);
  std::vector<u32> given, rounded;
  for (u32 i = 0; i < 32 * box_lines; ++i) {
    const rounding& one = roundings[(i + i / 32) % std::size(roundings)];
    given.push_back(one.given), rounded.push_back(one.rounded);
  }
  probe& one = add<load_probe<128, 128, 2>>(all, "tma.load2d.tf32", bytes_of(given), bytes_of(rounded));
  one.load = map;
  one.shared_bytes = box_lines * 128 + 8;
}

inline void add_tma_probes(probes& all) {
  add_load_probe<128, 128>(all, number::bf16_, "inside", 8, 3);
  add_load_probe<128, 128>(all, number::f32_, "before", -5, -7);
  add_load_probe<128, 128>(all, number::u8_, "after", 200, 30);
  add_load_probe<128, 128>(all, number::bf16_, "outside", 500, 100);
  add_load_probe<64, 64>(all, number::bf16_, "inside", 3, 5);
  add_load_probe<64, 64>(all, number::u8_, "after", 90, 20);
  add_load_probe<32, 32>(all, number::u32_, "inside", 1, 2);
  add_load_probe<32, 32>(all, number::u16_, "before", -1, -1);
  add_load_probe<16, 96>(all, number::bf16_, "inside", 5, 9);
  add_load_probe<16, 96>(all, number::f32_, "after", 30, 37);
  add_load_probe<128, 128, 3>(all, number::bf16_, "inside", 8, 1, 1);
  add_load_probe<64, 64, 3>(all, number::f32_, "after", 20, 6, 2);
  add_load_probe<128, 128, 3>(all, number::bf16_, "past_columns", 500, 1, 1);
  add_load_probe<128, 128, 3>(all, number::bf16_, "past_lines", 8, 50, 1);
  add_load_probe<128, 128, 3>(all, number::bf16_, "past_entries", 8, 1, 7);
  add_store_probe<128, 128>(all, number::bf16_, "inside", 8, 3);
  add_store_probe<64, 64>(all, number::u8_, "after", 90, 20);
  add_store_probe<32, 32>(all, number::u32_, "after", 7, 39);
  add_store_probe<16, 96>(all, number::u16_, "after", 60, 10);
  add_store_probe<128, 128, 3>(all, number::bf16_, "after", 70, 5, 2);
  add_store_probe<128, 128, 2, true>(all, number::u32_, "after", 40, 20);
  add_multicast_probe<2>(all, "", 2);
  add_multicast_probe<3>(all, "", 2);
  add_multicast_probe<2>(all, ".half_outside", 1);
  add_multicast_probe<2>(all, ".outside", 2, true);
  add_multicast_probe<3>(all, ".half_outside", 1);
  add_multicast_probe<3>(all, ".outside", 2, true);
  add_tf32_probe(all);
}

}  // namespace gemmact::device_test
