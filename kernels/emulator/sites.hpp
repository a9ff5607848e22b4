// Which synchronising calls a launch has reached, and which of them a mutant disturbs.
#pragma once
#include <array>
#include <vector>

#include "kernels/emulator/emulator.hpp"

namespace gemmact::emulator {

class site_table {
 public:
  explicit site_table(const std::optional<mutant>& disturbed = {}, bool count = false)
      : disturbed_(disturbed), count_(count) {}

  // Notes that the place was reached; how it is to be disturbed.
  change reach(sync_kind kind, site at) {
    u32 slot = u32((reinterpret_cast<u64>(at.file) >> 3) * 31 + at.line * 7 + u32(kind)) % slots_.size();
    while (slots_[slot]) {
      const entry& there = all_[slots_[slot] - 1];
      if (there.place.kind == kind && there.place.at == at)
        return there.counted ? count(slots_[slot] - 1) : there.disturbance;
      slot = (slot + 1) % slots_.size();
    }
    return add(slot, {kind, at});
  }
  std::vector<sync_site> list() const;
  std::vector<u32> times() const;

 private:
  struct entry {
    sync_site place;
    change disturbance;  // every time, or the one time
    bool counted;        // how often each thread comes there
    u32 times;           // of the thread that came most often
  };
  change add(u32 slot, const sync_site& place);
  change count(u32 number);

  std::optional<mutant> disturbed_;
  bool count_ = false;
  std::array<u16, 1024> slots_{};  // index of an entry, plus one
  std::vector<entry> all_;
};

}  // namespace gemmact::emulator
