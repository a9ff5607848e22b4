// What kernels/arch/tma starts: boxes and runs of bytes become operations under way.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/base/swizzle.hpp"
#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/tensor_map.hpp"

namespace gemmact::emulator {
namespace {

tensor_description described(const tensor_box& box, const call_site& call) {
  tensor_description t;
  if (!decode_tensor_map(box.map, t)) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: the tensor map was not made by encode_tensor_map()", call.operation));
  }
  if (t.type == tensor_type::f32_ftz || t.type == tensor_type::tf32_ftz) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: tensors of type {}, which flushes subnormals, are not emulated", call.operation,
                     t.type == tensor_type::f32_ftz ? "f32_ftz" : "tf32_ftz"));
  }
  if (t.rank != box.dimensions) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: {} coordinates for a tensor of {} dimensions", call.operation, box.dimensions, t.rank));
  }
  const u32 row = t.box[0] * bytes_of(t.type);
  if (t.swizzle_bytes != 16 && row != t.swizzle_bytes) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: box rows of {} bytes with a swizzle of {}: what lies between them is not known",
                     call.operation, row, t.swizzle_bytes));
  }
  return t;
}

number_kind numbers_of(tensor_type type) {
  switch (type) {
    case tensor_type::u32_:
      return number_kind::u32_;
    case tensor_type::i32_:
      return number_kind::i32_;
    case tensor_type::u64_:
      return number_kind::u64_;
    case tensor_type::f16:
      return number_kind::f16;
    case tensor_type::bf16:
      return number_kind::bf16;
    case tensor_type::f32:
      return number_kind::f32;
    case tensor_type::tf32:
      return number_kind::tf32;
    default:
      return number_kind::none;
  }
}

u32 swizzled(u32 address, u32 span) {
  switch (span) {
    case 32:
      return swizzle<32>(address);
    case 64:
      return swizzle<64>(address);
    case 128:
      return swizzle<128>(address);
    default:
      return address;
  }
}

// The chunks of a line of the box whose first element is at `coordinate` of dimension 0.
void add_line(bulk_operation& to, const tensor_description& t, i64 coordinate, u64 global_line, u32 shared_line) {
  const i64 size = bytes_of(t.type), row = i64(t.box[0]) * size;
  const i64 first = std::clamp<i64>(-coordinate * size, 0, row);
  const i64 last = std::clamp<i64>((i64(t.dims[0]) - coordinate) * size, first, row);
  for (i64 byte = 0; byte < row; byte += 16) {
    const u32 place = swizzled(shared_base + shared_line + u32(byte), t.swizzle_bytes) - shared_base;
    to.chunks.push_back({global_line + u64(coordinate * size + byte), place, u8(std::clamp<i64>(first - byte, 0, 16)),
                         u8(std::clamp<i64>(last - byte, 0, 16))});
  }
}

// Lays the box out at `offset` of a block's memory, with the runs of global bytes that are inside the tensor.
void lay_out(bulk_operation& to, const tensor_description& t, const tensor_box& box, u32 offset, access_kind kind) {
  const i64 size = bytes_of(t.type);
  const u32 deep = t.rank > 2 ? t.box[2] : 1, high = t.box[1];
  const i64 begin = std::max<i64>(box.coordinates[0], 0);
  const i64 end = std::min<i64>(box.coordinates[0] + i64(t.box[0]), i64(t.dims[0]));
  for (u32 i2 = 0; i2 < deep; ++i2) {
    for (u32 i1 = 0; i1 < high; ++i1) {
      const i64 y = box.coordinates[1] + i64(i1), z = t.rank > 2 ? box.coordinates[2] + i64(i2) : 0;
      const bool inside = y >= 0 && y < i64(t.dims[1]) && z >= 0 && (t.rank < 3 || z < i64(t.dims[2]));
      const u64 line = t.address + u64(y) * t.strides[0] + u64(z) * t.strides[1];
      add_line(to, t, inside ? box.coordinates[0] : i64(t.dims[0]), line,
               offset + (i2 * high + i1) * t.box[0] * u32(size));
      if (!inside || begin >= end) continue;
      to.global_ranges.push_back(
          find_global(line + u64(begin * size), u64((end - begin) * size), u32(size), kind, to.call));
    }
  }
  to.bytes = t.box[0] * high * deep * u32(size);
}

void touch_all(const bulk_operation& of, const actor& shared_actor, access_kind shared_kind, const actor& global_actor,
               access_kind global_kind) {
  cluster_races& races = *races_of(*of.in);
  for (const shared_range& range : of.shared_ranges) races.access(shared_actor, range, shared_kind, of.call);
  for (const global_range& range : of.global_ranges) races.access(global_actor, range, global_kind, of.call);
}

void start(bulk_operation&& made) {
  made.by = current;
  made.serial = gpu->next_bulk++;
  gpu->flying.push_back(std::move(made));
  point();
}

// To one block; its barrier lies in the same one.
void start_load(bulk_operation made, mbarrier& barrier) {
  block& in = *made.in;
  made.barrier = &barrier;
  ++barrier.under_way;
  if (auto* races = races_of(in)) {
    const actor who = races->by_bulk_load(current->agent, barrier.race_id, made.call);
    touch_all(made, who, access_kind::write, who, access_kind::read);
  }
  for (const bulk_chunk& chunk : made.chunks) std::memset(in.shared + chunk.shared, 0xff, 16);
  start(std::move(made));
}

struct load_target {
  shared_place to;
  mbarrier* barrier;
};

load_target find_load_target(u32 to, u32 bytes, u32 alignment, u32 barrier, const call_site& call) {
  const shared_place place = find_mapped(to, bytes, alignment, false, call);
  const shared_place at = find_mapped(barrier, 8, 8, false, call);
  if (at.in != place.in) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: the destination and its mbarrier are in different blocks", call.operation));
  }
  return {place, &live_barrier(*at.in, shared_base + at.offset, call)};
}

void start_store(bulk_operation&& made, access_kind global_kind) {
  bulk_groups& groups = current->bulk;
  made.group = groups.open_group;
  groups.used_groups = groups.open_group + 1;
  groups.last = place_of(made.call);
  if (auto* races = races_of(*made.in)) {
    const actor reader = races->by_bulk_store(current->agent, access_kind::read);
    const actor writer = races->by_bulk_store(current->agent, global_kind);
    touch_all(made, reader, access_kind::read, writer, global_kind);
  }
  start(std::move(made));
}

u32 alignment_of(const tensor_description& t) { return t.swizzle_bytes == 16 ? 128 : 8 * t.swizzle_bytes; }

u32 box_bytes(const tensor_description& t) {
  u32 bytes = bytes_of(t.type);
  for (u32 i = 0; i < t.rank; ++i) bytes *= t.box[i];
  return bytes;
}

}  // namespace

namespace {

bulk_operation make_load(const tensor_description& t, const tensor_box& box, const shared_place& place,
                         const call_site& call) {
  bulk_operation made;
  made.call = call;
  made.in = place.in;
  made.numbers = t.type == tensor_type::tf32 ? number_kind::tf32 : number_kind::none;
  lay_out(made, t, box, place.offset, access_kind::read);
  made.shared_ranges.push_back({place.in->rank, place.offset, made.bytes});
  return made;
}

}  // namespace

void tma_load(u32 to, const tensor_box& box, u32 barrier, site at) {
  const call_site call{"tma_load", at.file, at.line};
  const tensor_description t = described(box, call);
  const load_target target = find_load_target(to, box_bytes(t), alignment_of(t), barrier, call);
  start_load(make_load(t, box, target.to, call), *target.barrier);
}

void tma_load_multicast(u32 to, const tensor_box& box, u32 barrier, u32 ranks, site at) {
  const call_site call{"tma_load_multicast", at.file, at.line};
  const tensor_description t = described(box, call);
  const u32 peers = gpu->size.cluster;
  if (ranks == 0 || ranks >> peers) {
    fail(report_kind::bad_use, at, fmt::format("tma_load_multicast: ranks {:#x} of a cluster of {}", ranks, peers));
  }
  find_own(*current->in->in, to, box_bytes(t), alignment_of(t), call);
  for (u32 rank = 0; rank < peers; ++rank) {
    if (!(ranks >> rank & 1)) continue;
    const u32 top = (rank + 1) << rank_shift;
    const load_target target = find_load_target(to | top, box_bytes(t), alignment_of(t), barrier | top, call);
    start_load(make_load(t, box, target.to, call), *target.barrier);
  }
}

void tma_store(const tensor_box& box, u32 from, bool add, site at) {
  const call_site call{add ? "tma_add" : "tma_store", at.file, at.line};
  const tensor_description t = described(box, call);
  for (u32 i = 0; i < t.rank; ++i) {
    if (box.coordinates[i] >= 0) continue;
    fail(report_kind::bad_use, at,
         fmt::format("{}: coordinate {} is {}; only loads may start below 0", call.operation, i, box.coordinates[i]));
  }
  bulk_operation made;
  made.call = call;
  made.what = add ? bulk_kind::add : bulk_kind::store;
  made.numbers = add ? numbers_of(t.type) : number_kind::none;
  if (add && made.numbers == number_kind::none) {
    fail(report_kind::bad_use, at, fmt::format("tma_add: tensors of type {} cannot be added to", u32(t.type)));
  }
  const shared_place place = find_own(*current->in->in, from, box_bytes(t), alignment_of(t), call);
  made.in = place.in;
  const access_kind kind = add ? access_kind::atomic : access_kind::write;
  lay_out(made, t, box, place.offset, kind);
  made.shared_ranges.push_back({place.in->rank, place.offset, made.bytes});
  start_store(std::move(made), kind);
}

void tma_prefetch(const u64* map, site at) {
  tensor_description t;
  if (!decode_tensor_map(map, t))
    fail(report_kind::bad_use, at, "tma_prefetch: the tensor map was not made by encode_tensor_map()");
}

namespace {

bulk_operation make_run(const shared_place& place, u64 global, u32 bytes, access_kind kind, const call_site& call) {
  bulk_operation made;
  made.call = call;
  made.in = place.in;
  made.bytes = bytes;
  for (u32 byte = 0; byte < bytes; byte += 16) made.chunks.push_back({global + byte, place.offset + byte, 0, 16});
  made.shared_ranges.push_back({place.in->rank, place.offset, bytes});
  made.global_ranges.push_back(find_global(global, bytes, 16, kind, call));
  return made;
}

void check_run(u32 bytes, const call_site& call) {
  if (bytes == 0 || bytes % 16) {
    fail(report_kind::bad_use, place_of(call),
         fmt::format("{}: {} bytes, not a positive multiple of 16", call.operation, bytes));
  }
}

}  // namespace

void bulk_load(u32 to, u64 from, u32 bytes, u32 barrier, site at) {
  const call_site call{"bulk_load", at.file, at.line};
  check_run(bytes, call);
  const load_target target = find_load_target(to, bytes, 16, barrier, call);
  start_load(make_run(target.to, from, bytes, access_kind::read, call), *target.barrier);
}

void bulk_store(u64 to, u32 from, u32 bytes, site at) {
  const call_site call{"bulk_store", at.file, at.line};
  check_run(bytes, call);
  const shared_place place = find_own(*current->in->in, from, bytes, 16, call);
  bulk_operation made = make_run(place, to, bytes, access_kind::write, call);
  made.what = bulk_kind::store;
  start_store(std::move(made), access_kind::write);
}

}  // namespace gemmact::emulator
