// A race detector without kernels: tests say by hand what threads do. Clusters of `cluster_blocks` blocks of 256 threads.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "kernels/emulator/memory.hpp"
#include "kernels/emulator/race_detector.hpp"

namespace gemmact::test {

using namespace gemmact::emulator;  // NOLINT: what these tests speak of

// What one cluster does; thread numbers and addresses as the detector's.
class detector_cluster {
 public:
  explicit detector_cluster(std::unique_ptr<cluster_races> r) : races(std::move(r)) {}

  static shared_range at(u32 offset, u32 bytes = 16, u32 rank = 0) { return {rank, offset, bytes}; }
  static global_range global(u64 offset, u64 bytes = 16, u32 array = 0) { return {array, offset, bytes}; }
  static call_site here(const char* operation, u32 line = __builtin_LINE()) { return {operation, "kernel.cuh", line}; }

  void read(u32 t, shared_range r) { races->access(races->by_thread(t), r, access_kind::read, here("load_shared")); }
  void write(u32 t, shared_range r) { races->access(races->by_thread(t), r, access_kind::write, here("store_shared")); }
  void read(u32 t, global_range r) { races->access(races->by_thread(t), r, access_kind::read, here("load_global")); }
  void write(u32 t, global_range r) { races->access(races->by_thread(t), r, access_kind::write, here("store_global")); }
  void add(u32 t, global_range r) { races->access(races->by_thread(t), r, access_kind::atomic, here("add_global")); }

  void sync_block(u32 rank = 0) { races->meet(rank * 256, 256); }
  void sync_warp(u32 warp) { races->meet(warp * 32, 32); }

  void cp_async(u32 t, shared_range to) {
    races->access(races->by_cp_async(t), to, access_kind::write, here("cp_async"));
  }
  void commit(u32 t) { races->cp_async_commit(t); }
  void wait(u32 t, u32 pending) { races->cp_async_wait(t, pending); }

  barrier_id init(u32 t, u32 offset, u32 rank = 0) {
    return races->barrier_init(t, {rank, offset, 8}, here("mbarrier_init"));
  }
  // A barrier that all blocks of the cluster may use.
  barrier_id ready_barrier(u32 offset, u32 cluster_blocks = 1) {
    const barrier_id b = init(0, offset);
    races->barrier_init_fence(0);
    cluster_sync(cluster_blocks);
    return b;
  }
  void cluster_sync(u32 blocks) {
    const meeting_id m = races->new_meeting();
    races->release(m, 0, 256 * blocks);
    races->complete(m);
    races->acquire(m, 0, 256 * blocks);
  }
  void arrive(u32 t, barrier_id b) { races->barrier_arrive(t, b, here("mbarrier_arrive")); }
  void complete(barrier_id b) { races->barrier_complete(b); }
  void wait_for(u32 t, barrier_id b, u32 phase, sync_scope scope = sync_scope::block) {
    races->barrier_wait(t, b, phase, scope, here("mbarrier_wait"));
  }

  void load(u32 t, barrier_id b, shared_range to) {  // TMA; starts
    races->access(races->by_bulk_load(t, b, here("tma_load")), to, access_kind::write, here("tma_load"));
  }
  // Starts, lands, and completes the phase to which `t` arrives.
  void load_phase(u32 t, barrier_id b, shared_range to) {
    arrive(t, b);
    load(t, b, to);
    races->landed(b, to);
    complete(b);
  }
  void store(u32 t, shared_range from) {  // the half of a bulk store that reads
    races->access(races->by_bulk_store(t, access_kind::read), from, access_kind::read, here("tma_store"));
  }
  void store(u32 t, global_range to, access_kind kind = access_kind::write) {
    races->access(races->by_bulk_store(t, kind), to, kind, here("tma_store"));
  }
  void wgmma(u32 first, shared_range from) {
    for (u32 warp = 0; warp < 4; warp++) races->wgmma_came(first + 32 * warp);
    races->access(races->by_wgmma(first), from, access_kind::read, here("wgmma"));
  }
  void wgmma_commit(u32 first) {
    for (u32 warp = 0; warp < 4; warp++) races->wgmma_commit(first + 32 * warp);
  }
  void wgmma_wait(u32 first, u32 pending) {
    for (u32 warp = 0; warp < 4; warp++) races->wgmma_wait(first + 32 * warp, pending);
  }
  void fence(u32 first, u32 count) {
    for (u32 t = first; t < first + count; t++) races->fence_proxy_async(t);
  }

  std::unique_ptr<cluster_races> races;
};

class detector_world {
 public:
  explicit detector_world(u32 cluster_blocks = 1) : out_(4096, 8), words_(256) {
    registry_.add("out", out_.data(), out_.size(), array_use::read_write);
    registry_.add("words", words_.data(), words_.size(), array_use::read_write);
    const grid_shape shape{8 * cluster_blocks, cluster_blocks, 256, 4096};
    detector_ = std::make_unique<race_detector>(shape, registry_, [this](const std::string& text) {
      if (first_.empty()) first_ = text;
    });
    cluster_blocks_ = cluster_blocks;
  }
  detector_cluster start() { return detector_cluster(detector_->begin_cluster(cluster_blocks_ * started_++)); }

  u64 races() const { return detector_->races(); }
  const std::string& first() const { return first_; }

 private:
  guarded_memory out_, words_;
  memory_registry registry_;
  std::unique_ptr<race_detector> detector_;
  std::string first_;
  u32 cluster_blocks_ = 1, started_ = 0;
};

// A rule of the memory model: what a kernel that keeps it does, and what one does that breaks it in one place.
struct detector_rule {
  const char* name;
  const char* words;  // that the report must have
  void (*run)(detector_world&, bool kept);
  u32 cluster_blocks = 1;
};

void check_rules(const std::vector<detector_rule>&);

}  // namespace gemmact::test
