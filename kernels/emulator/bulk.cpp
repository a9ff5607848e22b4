// How bulk copies happen, and the groups that threads wait for.
#include "kernels/emulator/bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "kernels/base/float_types.hpp"
#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {
namespace {

// Nearest even, as a map of type tf32 has it.
u32 loaded_tf32(u32 bits) {
  const u32 rounded = (bits + 0xfffu + ((bits >> 13) & 1u)) & 0xffffe000u;
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : rounded;
}

void load(const bulk_operation& of) {
  for (const bulk_chunk& chunk : of.chunks) {
    unsigned char* to = of.in->shared + chunk.shared;
    if (chunk.first || chunk.last < 16) std::memset(to, 0, 16);
    if (chunk.first < chunk.last)
      std::memcpy(to + chunk.first, host(chunk.global + chunk.first), size_t(chunk.last - chunk.first));
    if (of.numbers != number_kind::tf32) continue;
    u32 words[4];
    std::memcpy(words, to, 16);
    for (u32& word : words) word = loaded_tf32(word);
    std::memcpy(to, words, 16);
  }
}

void read_source(bulk_operation& of) {
  of.read.resize(of.chunks.size() * 16);
  for (size_t i = 0; i < of.chunks.size(); ++i) std::memcpy(&of.read[16 * i], of.in->shared + of.chunks[i].shared, 16);
  of.source_read = true;
}

template <class T, class Sum>
void add_elements(unsigned char* to, const unsigned char* from, u32 bytes, Sum&& sum) {
  for (u32 i = 0; i < bytes; i += sizeof(T)) {
    T a, b;
    std::memcpy(&a, to + i, sizeof(T));
    std::memcpy(&b, from + i, sizeof(T));
    const T c = sum(a, b);
    std::memcpy(to + i, &c, sizeof(T));
  }
}

void add_numbers(number_kind kind, unsigned char* to, const unsigned char* from, u32 bytes) {
  const auto plain = [](auto a, auto b) { return a + b; };
  switch (kind) {
    case number_kind::u32_:
    case number_kind::i32_:
      return add_elements<u32>(to, from, bytes, plain);
    case number_kind::u64_:
      return add_elements<u64>(to, from, bytes, plain);
    case number_kind::f32:
    case number_kind::tf32:
      return add_elements<float>(to, from, bytes, plain);
    case number_kind::f16:
      return add_elements<f16_bits>(to, from, bytes,
                                    [](f16_bits a, f16_bits b) { return to_f16(to_float(a) + to_float(b)); });
    case number_kind::bf16:
      return add_elements<bf16_bits>(to, from, bytes,
                                     [](bf16_bits a, bf16_bits b) { return to_bf16(to_float(a) + to_float(b)); });
    case number_kind::none:
      return;
  }
}

void write(const bulk_operation& of) {
  for (size_t i = 0; i < of.chunks.size(); ++i) {
    const bulk_chunk& chunk = of.chunks[i];
    if (chunk.first >= chunk.last) continue;
    unsigned char* to = host(chunk.global + chunk.first);
    const unsigned char* from = &of.read[16 * i + chunk.first];
    const u32 bytes = u32(chunk.last - chunk.first);
    if (of.what == bulk_kind::add) add_numbers(of.numbers, to, from, bytes);
    else std::memcpy(to, from, bytes);
  }
}

void remove(u32 index) {
  auto& flying = gpu->flying;
  if (index + 1 != flying.size()) flying[index] = std::move(flying.back());
  flying.pop_back();
}

void land_load(u32 index) {
  const bulk_operation of = std::move(gpu->flying[index]);
  remove(index);
  load(of);
  mbarrier& barrier = *of.barrier;
  if (auto* races = races_of(*of.in)) {
    for (const shared_range& range : of.shared_ranges) races->landed(barrier.race_id, range);
    for (const global_range& range : of.global_ranges) races->landed(barrier.race_id, range);
  }
  --barrier.under_way;
  count_bytes(*of.in, barrier, of.bytes, of.call);
}

}  // namespace

void land_bulk(u32 index) {
  bulk_operation& of = gpu->flying[index];
  trace_event(u64(1) << 40 | of.serial << 1 | u64(of.source_read));
  if (of.what == bulk_kind::load) {
    land_load(index);
  } else if (!of.source_read) {
    read_source(of);
  } else {
    write(of);
    remove(index);
  }
}

void land_bulk_groups(lane& of, u32 group, bool written) {
  auto& flying = gpu->flying;
  const auto covered = [&](const bulk_operation& one) {
    return one.what != bulk_kind::load && one.by == &of && one.group < group && (written || !one.source_read);
  };
  for (;;) {
    const u32 count = u32(std::count_if(flying.begin(), flying.end(), covered));
    if (count == 0) return;
    u32 skip = draw_below(count);
    for (u32 i = 0; i < flying.size(); ++i) {
      if (!covered(flying[i]) || skip--) continue;
      land_bulk(i);
      break;
    }
  }
}

void land_rest_of(block& of) {
  auto& flying = gpu->flying;
  for (u32 i = 0; i < flying.size();) {
    if (flying[i].by->in->in == &of) land_bulk(i);
    else ++i;
  }
}

void check_bulk_end(const lane& of) {
  const bulk_groups& groups = of.bulk;
  if (groups.used_groups <= groups.read_waited) return;
  fail_of(
      report_kind::leftover, groups.last, &of,
      fmt::format("bulk_store, tma_store or tma_add: returns with {} groups whose sources it never waited to be read{}",
                  groups.used_groups - groups.read_waited,
                  groups.used_groups > groups.open_group ? ", the last of them not even committed" : ""));
}

void bulk_commit(site at) {
  if (gpu->sites.reach(sync_kind::bulk_commit, at) == change::skip) return;
  if (auto* races = races_of(*current->in->in)) races->bulk_commit(current->agent);
  ++current->bulk.open_group;
  point();
}

namespace {

void wait_for_groups(u32 pending, bool written, change disturbance) {
  if (disturbance == change::skip) return;
  if (disturbance == change::leave_one_more) ++pending;
  point();
  lane& me = *current;
  bulk_groups& groups = me.bulk;
  const u32 covered = groups.open_group - std::min(pending, groups.open_group);
  land_bulk_groups(me, covered, written);
  groups.read_waited = std::max(groups.read_waited, covered);
  cluster_races* races = races_of(*me.in->in);
  if (races && written) races->bulk_wait(me.agent, pending);
  if (races && !written) races->bulk_wait_read(me.agent, pending);
}

}  // namespace

void bulk_wait_read(u32 pending, site at) {
  wait_for_groups(pending, false, gpu->sites.reach(sync_kind::bulk_wait_read, at));
}
void bulk_wait(u32 pending, site at) { wait_for_groups(pending, true, gpu->sites.reach(sync_kind::bulk_wait, at)); }

}  // namespace gemmact::emulator
