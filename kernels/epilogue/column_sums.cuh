// Sums over the rows of what blocks have written: each block leaves those of its rows in the workspace as a part, and is
// counted; the one that is counted last for a group of columns adds all parts, in the same order whoever is last. No block
// waits for another. A sum of all columns goes the same way once more, from groups to one.
#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

struct sums_shape {
  u32 threads;  // that call; a multiple of 32
  u32 rows;     // of warps, each with sums of its own
  u32 count;    // sums beside each other
  u32 cols;     // of a group

  // Of shared memory; at least what 32 threads need to add up columns.
  constexpr u32 bytes() const { return rows * count * cols < 32 ? 128 : rows * count * cols * 4; }
};

struct sums_place {
  u32 group, entry, part;
  u32 col;        // the group's first one
  u32 first = 0;  // which of all sums is the first of `count`; a multiple of that
};

template <sums_shape shape, class Meet>
class sums_leaver {
 public:
  GEMMACT_FN sums_leaver(const sums& s, const sums_place& at, shared_address own, u32 thread, const Meet& meet)
      : s_(s), at_(at), own_(own), thread_(thread), meet_(meet) {}

  GEMMACT_FN void run(shared_address answer) const {
    const global_address counters = s_.counters + 4 * (i64(at_.first / shape.count) * (i64(s_.groups) + 1));
    meet_();  // all warps' sums are there
    leave_part();
    meet_();  // all of the part is stored
    if (!is_last(counters + 4 * i64(at_.group), s_.entries * s_.parts, answer)) return;
    bool any = false, of_all_columns = false;
    GEMMACT_NO_UNROLL
    for (u32 i = 0; i < shape.count; ++i) {
      const sum_target& to = target(i);
      if (to.base.is_null()) continue;
      const u32 entries = to.batch_stride == 0 ? 1 : s_.entries;
      GEMMACT_NO_UNROLL
      for (u32 entry = 0; entry < entries; ++entry) {
        const bool uses_shared = sharing > 1 || to.col_stride == 0;
        if (any && uses_shared) meet_();  // what the sum before has left there has been read
        any |= uses_shared;
        add_parts(i, entry, s_.entries / entries * s_.parts);
      }
      of_all_columns |= to.col_stride == 0;
    }
    if (of_all_columns && is_last(counters + 4 * i64(s_.groups), s_.groups, answer)) add_groups();
  }

 private:
  static constexpr u32 cols = shape.cols, beside = shape.threads / cols == 0 ? 1 : shape.threads / cols;
  // Threads that share a column's parts, as many as there is room for their sums.
  static constexpr u32 sharing = beside < shape.rows * shape.count ? beside : shape.rows * shape.count;

  GEMMACT_FN const sum_target& target(u32 i) const { return s_.to[at_.first + i]; }

  GEMMACT_FN void leave_part() const {
    const i64 row = i64(at_.entry) * s_.parts + at_.part;
    GEMMACT_NO_UNROLL
    for (u32 i = thread_; i < shape.count * cols; i += shape.threads) {
      const u32 col = at_.col + i % cols;
      float sum = arch::load_shared<float>(own_ + 4 * i);
      GEMMACT_UNROLL
      for (u32 r = 1; r < shape.rows; ++r) sum += arch::load_shared<float>(own_ + 4 * (r * shape.count * cols + i));
      if (col < s_.cols) arch::store_global(partial(i / cols, row, col), sum);
    }
  }

  GEMMACT_FN global_address partial(u32 i, i64 row, u32 col) const {
    const i64 rows = i64(s_.entries) * s_.parts;
    return s_.partials + 4 * ((i64(at_.first + i) * rows + row) * s_.cols + col);
  }
  // Of the first group.
  GEMMACT_FN global_address scalars(u32 i, u32 entry) const {
    return s_.scalars + 4 * ((i64(at_.first + i) * s_.entries + entry) * s_.groups);
  }

  // Whether all of `count` have come to a counter, which is then 0 again.
  GEMMACT_FN bool is_last(global_address counter, u32 count, shared_address answer) const {
    if (thread_ == 0) {
      const u32 last = arch::add_global_acquire_release(counter, 1) + 1 == count;
      if (last != 0) arch::store_global(counter, 0u);
      arch::store_shared(answer, last);
    }
    meet_();  // the answer is there
    return arch::load_shared<u32>(answer) != 0;
  }

  // Sum i of each of the group's columns over `parts` parts: of one entry or, where they go together, of all.
  GEMMACT_FN void add_parts(u32 i, u32 entry, u32 parts) const {
    if constexpr (sharing == 1) {
      GEMMACT_NO_UNROLL
      for (u32 c = thread_; c < cols; c += shape.threads) take(i, entry, c, some_parts(i, entry, c, 0, parts));
    } else {
      const u32 c = thread_ % cols, share = thread_ / cols;
      if (share < sharing) arch::store_shared(own_ + 4 * thread_, some_parts(i, entry, c, share, parts));
      meet_();  // all shares are there
      if (share == 0) {
        float sum = arch::load_shared<float>(own_ + 4 * c);
        GEMMACT_UNROLL
        for (u32 other = 1; other < sharing; ++other) sum += arch::load_shared<float>(own_ + 4 * (other * cols + c));
        take(i, entry, c, sum);
      }
    }
    if (target(i).col_stride != 0) return;
    meet_();  // all columns' sums are there
    float some = 0.0f;
    if (thread_ < 32)
      for (u32 own = thread_; own < cols; own += 32) some += arch::load_shared<float>(own_ + 4 * own);
    const float sum = of_first_warp(some);
    if (thread_ == 0) arch::store_global(scalars(i, entry) + 4 * i64(at_.group), sum);
  }

  // Of a column, each `sharing`th part from `share` on.
  GEMMACT_FN float some_parts(u32 i, u32 entry, u32 c, u32 share, u32 parts) const {
    constexpr int together = 8;  // loads under way
    const u32 col = at_.col + c;
    float sum = 0.0f;
    if (col >= s_.cols) return sum;
    const i64 step = 4 * i64(sharing) * s_.cols;
    global_address from = partial(i, i64(entry) * parts + share, col);
    u32 left = share < parts ? (parts - share + sharing - 1) / sharing : 0;
    GEMMACT_NO_UNROLL
    for (; left >= u32(together); left -= together) {
      array<float, together> some;
      GEMMACT_UNROLL
      for (int l = 0; l < together; ++l, from = from + step) some[l] = arch::load_global<float>(from);
      GEMMACT_UNROLL
      for (int l = 0; l < together; ++l) sum += some[l];
    }
    GEMMACT_NO_UNROLL
    for (; left != 0; --left, from = from + step) sum += arch::load_global<float>(from);
    return sum;
  }

  GEMMACT_FN void take(u32 i, u32 entry, u32 c, float sum) const {
    if (target(i).col_stride == 0) arch::store_shared(own_ + 4 * c, sum);
    else if (at_.col + c < s_.cols) write(target(i), entry, at_.col + c, sum);
  }

  GEMMACT_FN void add_groups() const {
    bool any = false;
    GEMMACT_NO_UNROLL
    for (u32 i = 0; i < shape.count; ++i) {
      const sum_target& to = target(i);
      if (to.base.is_null() || to.col_stride != 0) continue;
      const u32 entries = to.batch_stride == 0 ? 1 : s_.entries;
      GEMMACT_NO_UNROLL
      for (u32 entry = 0; entry < entries; ++entry) {
        if (any) meet_();  // what the sum before has left there has been read
        any = true;
        float some = 0.0f;
        if (thread_ < 32)
          for (u32 g = thread_; g < s_.groups; g += 32)
            some += arch::load_global<float>(scalars(i, entry) + 4 * i64(g));
        const float sum = of_first_warp(some);
        if (thread_ == 0) write(to, entry, 0, sum);
      }
    }
  }

  // The sum of what the first 32 threads have, in their order, for thread 0.
  GEMMACT_FN float of_first_warp(float some) const {
    if (thread_ < 32) arch::store_shared(own_ + 4 * thread_, some);
    meet_();  // all of them are there
    float sum = 0.0f;
    if (thread_ == 0)
      for (u32 other = 0; other < 32; ++other) sum += arch::load_shared<float>(own_ + 4 * other);
    return sum;
  }

  GEMMACT_FN static void write(const sum_target& to, u32 entry, u32 col, float sum) {
    const i64 at = i64(entry) * to.batch_stride + i64(col) * to.col_stride;
    if (to.type == 1) write<float>(to, at, sum);
    else if (to.type == 2) write<f16_bits>(to, at, sum);
    else write<bf16_bits>(to, at, sum);
  }
  template <class T>
  GEMMACT_FN static void write(const sum_target& to, i64 at, float sum) {
    const global_address place = to.base + at * i64(sizeof(T));
    if (to.accumulate != 0) sum += tile::load_element<T>(place);
    tile::store_element<T>(place, sum);
  }

  const sums& s_;
  const sums_place& at_;
  const shared_address own_;
  const u32 thread_;
  const Meet& meet_;
};

// The threads that have a tile's sums in shared memory, [row of warps][sum][column] in f32 at `own`, which has shape.bytes(),
// leave them as one part of their group. Each calls with its number, those of a warp beside each other; meet() is where they meet, which they have not
// done since the sums came there. `answer`: 4 bytes of shared memory of theirs. Both may be written again when they have met
// once more.
template <sums_shape shape, class Meet>
GEMMACT_FN void leave_sums(const sums& s, const sums_place& at, shared_address own, u32 thread, shared_address answer,
                           const Meet& meet) {
  sums_leaver<shape, Meet>(s, at, own, thread, meet).run(answer);
}

}  // namespace gemmact::epilogue
