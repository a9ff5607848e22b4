// Sums over the rows of what blocks have written: each block leaves those of its rows in the workspace as a part, and is
// counted; of some parts of a group of columns that go together (sums_tree.hpp) the one that is counted last adds all, in the
// same order whoever is last, leaves their sum, and is counted with others that have. No block waits for another. A sum of
// all columns goes the same way once more, from groups to one.
#pragma once
#include "kernels/arch/global/global.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/epilogue/params.hpp"
#include "kernels/epilogue/sums_tree.hpp"
#include "kernels/tile/strip.cuh"

namespace gemmact::epilogue {

struct sums_shape {
  u32 threads;  // that call; a multiple of 32
  u32 rows;     // of warps, each with sums of its own
  u32 count;    // sums beside each other
  u32 cols;     // of a group

  // Of shared memory; at least what 32 threads need to add up groups of columns.
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
  GEMMACT_FN sums_leaver(const sums& s, const sums_place& at, shared_address own, u32 thread, shared_address answer,
                         const Meet& meet)
      : s_(s), at_(at), own_(own), thread_(thread), answer_(answer), meet_(meet) {}

  GEMMACT_FN void run() const {
    meet_();  // all warps' sums are there
    leave_part();
    sums_level level{s_.entries, s_.parts};
    if (!add_up(level, at_.entry, at_.part, true) || s_.entries == 1) return;
    if (!any([&](const sum_target& to) { return !is_own(to); })) return;
    level = level.of_lists();
    add_up(level, 0, at_.entry, false);
  }

 private:
  static constexpr u32 cols = shape.cols;

  GEMMACT_FN const sum_target& target(u32 i) const { return s_.to[at_.first + i]; }
  // Whether each entry has its own, or there is but one.
  GEMMACT_FN bool is_own(const sum_target& to) const { return to.batch_stride != 0 || s_.entries == 1; }
  // Of what is alike for all threads, asked of the parameters alone: of a flag that loops had set, ptxas for sm_80 does not know
  // so, and makes calls of what warps do together afterwards. The same goes for a `break` that some threads take.
  template <class Is>
  GEMMACT_FN bool any(const Is& is) const {
    bool found = false;
    for (u32 i = 0; i < shape.count; ++i) found |= !target(i).base.is_null() && is(target(i));
    return found;
  }

  // Each thread has the same columns here and wherever rows are added: what it has stored itself it may read.
  GEMMACT_FN void leave_part() const {
    const i64 row = sums_level{s_.entries, s_.parts}.row(at_.entry, at_.part);
    GEMMACT_NO_UNROLL
    for (u32 i = 0; i < shape.count; ++i)
      for (u32 c = thread_; c < cols && at_.col + c < s_.cols; c += shape.threads) {
        const shared_address from = own_ + 4 * (i * cols + c);
        float sum = arch::load_shared<float>(from);
        GEMMACT_UNROLL
        for (u32 r = 1; r < shape.rows; ++r) sum += arch::load_shared<float>(from + 4 * (r * shape.count * cols));
        arch::store_global(partial(i, row, at_.col + c), sum);
      }
  }

  // The block has stored row `number` of a list: goes on as long as it is the last of those that become one. True if it has
  // written what the list's rows come to: the entries' `own` sums, or else those of all of them.
  GEMMACT_FN bool add_up(sums_level& level, u32 list, u32 number, bool own) const {
    bool uses_shared = false;
    GEMMACT_NO_UNROLL
    do {
      const u32 bundle = number / rows_together, rows = level.rows_of(bundle);
      const i64 from = level.row(list, bundle * rows_together);
      if (rows > 1) {
        meet_();  // all of the row is stored
        if (!is_last(counter(at_.group * s_.group_counters + level.counter(list, bundle)), rows)) return false;
      }
      level = level.next();
      number = bundle;
      GEMMACT_NO_UNROLL
      for (u32 i = 0; i < shape.count; ++i) {
        const sum_target& to = target(i);
        if (to.base.is_null() || (!own && is_own(to))) continue;
        const bool ends = level.length == 1 && is_own(to) == own, to_shared = ends && to.col_stride == 0;
        if (to_shared && uses_shared) meet_();  // what the sum before has left there has been read
        GEMMACT_NO_UNROLL
        for (u32 c = thread_; c < cols; c += shape.threads) {
          const u32 col = at_.col + c;
          const float sum = col < s_.cols ? sum_of(i, from, rows, col) : 0.0f;
          if (to_shared) arch::store_shared(own_ + 4 * c, sum);
          else if (ends && col < s_.cols) write(to, list, col, sum);
          else if (col < s_.cols) arch::store_global(partial(i, level.row(list, number), col), sum);
        }
        if (to_shared) leave_scalar(i, list), uses_shared = true;
      }
    } while (level.length > 1);
    // Behind the groups' counters there is one for each entry's own sums, and one for those of all.
    const u32 own_counter = s_.groups * s_.group_counters + (own ? list : s_.entries);
    if (s_.groups > 1 && any([&](const sum_target& to) { return is_own(to) == own && to.col_stride == 0; }) &&
        is_last(counter(own_counter), s_.groups))
      add_groups(list, own);
    return true;
  }

  // Sum i of a column over so many rows.
  GEMMACT_FN float sum_of(u32 i, i64 row, u32 rows, u32 col) const {
    constexpr u32 together = 16;  // loads under way
    const i64 step = 4 * i64(s_.cols);
    global_address from = partial(i, row, col);
    float sum = 0.0f;
    GEMMACT_NO_UNROLL
    for (u32 first = 0; first < rows; first += together) {
      array<float, int(together)> some;
      GEMMACT_UNROLL
      for (u32 r = 0; r < together; ++r, from = from + step)
        some[int(r)] = first + r < rows ? arch::load_global<float>(from) : 0.0f;
      GEMMACT_UNROLL
      for (u32 r = 0; r < together; ++r) sum += some[int(r)];
    }
    return sum;
  }

  GEMMACT_FN global_address counter(u32 number) const {
    const i64 each = i64(s_.groups) * s_.group_counters + s_.entries + 1;
    return s_.counters + 4 * (i64(at_.first / shape.count) * each + number);
  }
  GEMMACT_FN global_address partial(u32 i, i64 row, u32 col) const {
    return s_.partials + 4 * ((i64(at_.first + i) * s_.rows + row) * s_.cols + col);
  }
  // Of the first group.
  GEMMACT_FN global_address scalars(u32 i, u32 entry) const {
    return s_.scalars + 4 * ((i64(at_.first + i) * s_.entries + entry) * s_.groups);
  }

  // Whether all of `count` have come to a counter, which is then 0 again.
  GEMMACT_FN bool is_last(global_address counter, u32 count) const {
    if (thread_ == 0) {
      const u32 last = arch::add_global_acquire_release(counter, 1) + 1 == count;
      if (last != 0) arch::store_global(counter, 0u);
      arch::store_shared(answer_, last);
    }
    meet_();  // the answer is there
    return arch::load_shared<u32>(answer_) != 0;
  }

  // The group's columns are in shared memory.
  GEMMACT_FN void leave_scalar(u32 i, u32 entry) const {
    meet_();  // all columns' sums are there
    float some = 0.0f;
    if (thread_ < 32)
      for (u32 c = thread_; c < cols; c += 32) some += arch::load_shared<float>(own_ + 4 * c);
    const float sum = of_first_warp(some);
    if (thread_ != 0) return;
    if (s_.groups == 1) write(target(i), entry, 0, sum);
    else arch::store_global(scalars(i, entry) + 4 * i64(at_.group), sum);
  }

  GEMMACT_FN void add_groups(u32 entry, bool own) const {
    bool any = false;
    GEMMACT_NO_UNROLL
    for (u32 i = 0; i < shape.count; ++i) {
      const sum_target& to = target(i);
      if (to.base.is_null() || to.col_stride != 0 || is_own(to) != own) continue;
      if (any) meet_();  // what the sum before has left there has been read
      any = true;
      float some = 0.0f;
      if (thread_ < 32)
        for (u32 g = thread_; g < s_.groups; g += 32) some += arch::load_global<float>(scalars(i, entry) + 4 * i64(g));
      const float sum = of_first_warp(some);
      if (thread_ == 0) write(to, entry, 0, sum);
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
  const shared_address answer_;
  const Meet& meet_;
};

// The threads that have a tile's sums in shared memory, [row of warps][sum][column] in f32 at `own`, which has shape.bytes(),
// leave them as one part of their group. Each calls with its number, those of a warp beside each other; meet() is where they meet, which they have not
// done since the sums came there. `answer`: 4 bytes of shared memory of theirs. Both may be written again when they have met
// once more.
template <sums_shape shape, class Meet>
GEMMACT_FN void leave_sums(const sums& s, const sums_place& at, shared_address own, u32 thread, shared_address answer,
                           const Meet& meet) {
  sums_leaver<shape, Meet>(s, at, own, thread, answer, meet).run();
}

}  // namespace gemmact::epilogue
