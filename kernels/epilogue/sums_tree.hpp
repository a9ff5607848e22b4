// How sums over rows of many blocks come together: a few at a time, so that nobody adds many after all others have ended.
// The parts of a batch entry are the rows of a list; so many of them at a time become one row of a shorter list, until one
// is left. Those of all entries are a list in turn.
#pragma once
#include "kernels/base/address.hpp"

namespace gemmact::epilogue {

inline constexpr u32 rows_together = 32;

// Rows of all levels lie one after another in the workspace, as do the counters of those that become one.
struct sums_level {
  u32 lists, length;
  i64 first_row = 0;
  u32 first_counter = 0;

  GEMMACT_FN constexpr u32 bundles() const { return (length + rows_together - 1) / rows_together; }  // of a list
  GEMMACT_FN constexpr i64 row(u32 list, u32 number) const { return first_row + i64(list) * length + number; }
  GEMMACT_FN constexpr u32 counter(u32 list, u32 bundle) const { return first_counter + list * bundles() + bundle; }
  // Of a list's last bundle what is left.
  GEMMACT_FN constexpr u32 rows_of(u32 bundle) const {
    const u32 left = length - bundle * rows_together;
    return left < rows_together ? left : rows_together;
  }
  GEMMACT_FN constexpr sums_level next() const {
    return {lists, bundles(), first_row + i64(lists) * length, first_counter + lists * bundles()};
  }
  // The one row that is left of each list.
  GEMMACT_FN constexpr sums_level of_lists() const { return {1, lists, first_row, first_counter}; }
};

// What all levels have: rows of the workspace for each sum, and counters. And how many of them wait for several blocks.
struct sums_tree {
  i64 rows = 0;
  u32 counters = 0;
  int levels = 0, levels_of_entries = 0;  // of each entry's sums, and then of those of all

  GEMMACT_FN constexpr sums_tree(u32 entries, u32 parts) {
    sums_level level{entries, parts};
    levels = climb(level);
    if (entries > 1) level = level.of_lists(), levels_of_entries = climb(level);
    rows = level.first_row, counters = level.first_counter;
  }

 private:
  GEMMACT_FN static constexpr int climb(sums_level& level) {
    int levels = 0;
    do levels += level.length > 1 ? 1 : 0, level = level.next();
    while (level.length > 1);
    return levels;
  }
};

}  // namespace gemmact::epilogue
