// What was done to each byte of a memory: its last write, and the reads since then that are not known to one another. A line of
// 16 bytes has one cell while accesses cover whole lines; the first that does not divides it into words of 4 bytes, and
// words into bytes. Exact to the byte.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "kernels/emulator/clock.hpp"
#include "kernels/emulator/race_detector.hpp"

namespace gemmact::emulator {

// Two accesses of which the earlier did not happen before the later.
struct conflict {
  mark earlier;
  access_kind kind = access_kind::read;  // of the earlier
  u64 offset = 0;
  u32 bytes = 0;  // 0: there was none
};

class shadow {
 public:
  static constexpr u32 line_bytes = 16;

  // Nothing was done to these bytes yet; memory is kept. Cells are made page by page where `lazy`.
  void reset(u64 bytes, bool lazy);

  // The access takes its place in the cells; the first conflict that it has, if any.
  conflict access(u64 offset, u64 bytes, access_kind, const mark&, const observer&);
  // Marks of the stream `agent` of the cluster which are in flight get the epoch with which they landed.
  void landed(u64 offset, u64 bytes, u32 cluster, u32 agent, u32 epoch);
  // The bytes' last write becomes this one, whatever it was.
  void claim(u64 offset, u64 bytes, const mark& owner);

 private:
  struct cell {
    mark write, read;
  };
  struct request {
    const mark& now;
    const observer& who;
    access_kind kind;
    conflict found;
  };
  // Agents of a cell's marks that are none: `epoch` is then the number of
  static constexpr u32 several = no_agent - 1;  // (read) a list of reads
  static constexpr u32 divided = no_agent - 2;  // (write) the parts
  static constexpr u32 page_lines = 256;
  // Reads that are not known to one another; `atomics`: there may be atomics among them. `checked`: a clock that knows none
  // of them, so that who has it need not ask about others' again. (Another clock may come to lie there: then some stay
  // that could go, which only takes time.)
  struct read_list {
    std::vector<mark> marks;
    const clock* checked = nullptr;
    bool atomics = false;
  };
  using parts = std::array<cell, 4>;

  cell& line(u64 number);
  template <class Visit>
  void visit(u64 offset, u64 bytes, const Visit&);
  template <class Visit>
  void visit_cell(cell&, u32 size, u32 first, u32 count, u64 offset, const Visit&);
  parts& parts_at(u32 number) { return (*parts_[number / page_lines])[number % page_lines]; }
  void divide(cell&);
  void unite(cell&);
  void apply(cell&, u32 size, u64 offset, request&);
  void add_read(cell&, const request&);
  void drop_reads(cell&);
  static bool superseded(const mark& old, const request&);
  static void add_to(read_list&, const request&);
  void note(request&, const mark& earlier, access_kind, u64 offset, u32 size);
  u32 new_list();
  u32 new_parts();

  std::vector<std::unique_ptr<std::array<cell, page_lines>>> pages_;
  std::vector<std::unique_ptr<std::array<parts, page_lines>>> parts_;
  std::vector<read_list> lists_;
  std::vector<u32> spare_parts_, spare_lists_;
  u32 parts_used_ = 0, lists_used_ = 0;
};

}  // namespace gemmact::emulator
