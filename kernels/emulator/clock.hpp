// Vector clocks of one launch. A clock that somebody shares is never changed: threads that know the same point to the same
// one, so that a barrier of a whole block costs one join, and joining two clocks again costs a look-up.
#pragma once
#include <array>
#include <utility>
#include <vector>

#include "kernels/base/config.hpp"

namespace gemmact::emulator {

// Of what is known, what has also passed a proxy fence for shared and for global memory.
enum plane : u32 { known, fenced_shared, fenced_global };
inline constexpr u32 planes = 3;

inline constexpr u32 in_flight = ~0u;  // the epoch of what has not landed: known to nobody
inline constexpr u32 no_agent = ~0u;

class clock_pool;
class clock_ref;

struct clock {
  using others = std::vector<std::pair<u32, clock_ref>>;

  u32 references = 0;
  u32 size = 0;  // agents; those past it have epoch 0
  u32 capacity = 0;
  u32 used_planes = 1;  // bit p: plane p has values; they are 0 otherwise
  clock_pool* pool = nullptr;
  others* foreign = nullptr;  // clusters, in order, and their agents' clocks, which have no foreign ones; null for none
  u32* values = nullptr;      // planes * capacity

  u32* row(plane p) { return values + p * capacity; }
  const u32* row(plane p) const { return values + p * capacity; }
  u32 at(plane p, u32 agent) const { return agent < size && (used_planes >> p & 1) ? row(p)[agent] : 0; }
  const clock* of(u32 cluster) const;  // null if nothing is known of it
};

class clock_ref {
 public:
  clock_ref() = default;
  explicit clock_ref(clock* c) : clock_(c) {
    if (c) c->references++;
  }
  clock_ref(const clock_ref& o) : clock_ref(o.clock_) {}
  clock_ref(clock_ref&& o) noexcept : clock_(std::exchange(o.clock_, nullptr)) {}
  clock_ref& operator=(clock_ref o) noexcept {
    std::swap(clock_, o.clock_);
    return *this;
  }
  ~clock_ref() {
    if (clock_ && --clock_->references == 0) give_back();
  }
  clock* get() const { return clock_; }
  clock* operator->() const { return clock_; }
  explicit operator bool() const { return clock_ != nullptr; }
  friend bool operator==(const clock_ref& a, const clock_ref& b) { return a.clock_ == b.clock_; }

 private:
  void give_back();
  clock* clock_ = nullptr;
};

// Makes clocks, and keeps the memory of those that nobody refers to. Must outlive its clocks.
class clock_pool {
 public:
  clock_pool() = default;
  clock_pool(const clock_pool&) = delete;
  clock_pool& operator=(const clock_pool&) = delete;
  ~clock_pool();

  clock_ref zero(u32 size);
  clock_ref copy(const clock&);
  // The three below change `to`, which nobody else may refer to; it may become another object.
  void set(clock_ref& to, plane, u32 agent, u32 epoch);  // the latest of it and what is there
  void join(clock_ref& to, const clock& from);
  void join_foreign(clock_ref& to, u32 cluster, const clock_ref& from);

  // Remembered for the pairs that came last.
  clock_ref joined(const clock_ref& a, const clock_ref& b);
  clock_ref fenced(const clock_ref&, plane);                 // all that is known has passed the fence
  clock_ref common(const clock_ref& a, const clock_ref& b);  // what both know
  void forget();                                             // what is remembered

 private:
  friend class clock_ref;
  enum class result_of : u8 { join, fence_shared, fence_global, common };
  struct memory {
    result_of what = result_of::join;
    clock_ref a, b, result;
  };
  void recycle(clock*);
  void grow(clock_ref& to, u32 size);
  memory& remembered(result_of, const clock_ref& a, const clock_ref& b);

  std::vector<clock*> spare_;
  std::array<memory, 256> remembered_;
};

// What a thread knows of an agent, beyond its clock.
struct own_agent {
  u32 agent = no_agent;
  std::array<u32, planes> epoch{};
};
enum own_index : u32 { own_self, own_cp_async, own_bulk_read, own_bulk_write, own_wgmma, own_remote, own_agents };

struct thread_clock {
  clock_ref base;
  std::array<own_agent, own_agents> own;  // own[own_self].epoch[known] is the thread's present epoch

  u32 epoch() const { return own[own_self].epoch[known]; }
  u32 of(plane p, u32 agent) const;
};

// Adds what a thread knows to a clock that is being gathered; `last` is the base that was joined before, if any.
void gather(clock_pool&, clock_ref& into, clock_ref& last, const thread_clock&);

// An access: who, when and from where in the kernel.
struct mark {
  u32 cluster = 0, agent = no_agent, epoch = 0;
  u16 site = 0;
  bool async = false, atomic = false;
};

// Whose knowledge an access is judged by.
struct observer {
  u32 cluster = 0;
  const clock* base = nullptr;
  const thread_clock* own = nullptr;  // null: nothing beyond the clock
  bool async = false;
  plane fence = fenced_shared;  // what async accesses must know of generic ones

  // True if the earlier access happened before, in the way that the two proxies ask for.
  bool knows(const mark& earlier) const { return knows(earlier, async && !earlier.async ? fence : known); }
  bool knows(const mark& earlier, plane p) const {
    if (earlier.cluster != cluster) return knows_foreign(earlier, p);
    if (base->at(p, earlier.agent) >= earlier.epoch) return true;
    return own && own->of(p, earlier.agent) >= earlier.epoch;
  }

 private:
  bool knows_foreign(const mark& earlier, plane) const;
};

}  // namespace gemmact::emulator
