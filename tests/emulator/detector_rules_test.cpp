// Threads, barriers, cp.async and global memory: each rule once kept and once broken.
#include <gtest/gtest.h>

#include "tests/emulator/detector_world.hpp"

namespace gemmact::test {
namespace {

using c = detector_cluster;
constexpr const char* no_meeting = "no barrier, nor a release and an acquire, comes between";

const std::vector<detector_rule> threads = {
    {"a write before another's read", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(0, c::at(0));
       if (kept) k.sync_block();
       k.read(255, c::at(0));
     }},
    {"a read before another's write", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.read(0, c::at(0));
       if (kept) k.sync_block();
       k.write(255, c::at(0));
     }},
    {"a write before another's write", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(0, c::at(0));
       k.write(kept ? 0 : 1, c::at(0));
     }},
    {"one of many readers before a write", "block 0, warp 3, lane 4",
     [](detector_world& w, bool kept) {
       c k = w.start();
       for (u32 t = 0; t < 128; t++) k.read(t, c::at(64));
       if (kept) k.sync_block();
       else k.races->meet(0, 100);
       k.write(0, c::at(64));
     }},
    {"sync_warp orders its warp alone", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(3, c::at(0));
       k.sync_warp(0);
       k.sync_warp(1);
       k.read(kept ? 31 : 32, c::at(0));
     }},
    {"a barrier orders what came before it", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       if (kept) k.write(0, c::at(0));
       k.sync_block();
       if (!kept) k.write(0, c::at(0));
       k.read(1, c::at(0));
     }},
    {"order is transitive", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(0, c::at(0));
       k.sync_warp(0);
       if (kept) k.races->meet(31, 2);
       k.sync_warp(1);
       k.read(63, c::at(0));
     }},
    {"bytes of one line that overlap", "bytes 7..7 of the shared memory",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(0, c::at(0, 4));
       k.write(1, c::at(4, 4));
       k.read(2, c::at(kept ? 8 : 7, 2));
       k.write(3, c::at(15, 1));
     }},
    {"a whole line over its bytes", "bytes 2..2 of the shared memory",
     [](detector_world& w, bool kept) {
       c k = w.start();
       if (!kept) k.write(9, c::at(2, 1));
       k.read(1, c::at(0, 1));
       k.races->meet(0, 2);
       k.write(0, c::at(0));
       k.read(0, c::at(0));
     }},
    {"arrive_named orders what came before it", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const meeting_id m = k.races->new_meeting();
       if (kept) k.write(0, c::at(0));
       k.races->release(m, 0, 32);
       if (!kept) k.write(0, c::at(0));
       k.races->release(m, 32, 32);
       k.races->complete(m);
       k.races->acquire(m, 32, 32);
       k.read(32, c::at(0));
     }},
    {"who only arrives learns nothing", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const meeting_id m = k.races->new_meeting();
       k.write(32, c::at(0));
       k.races->release(m, 0, 64);
       k.races->complete(m);
       if (kept) k.races->acquire(m, 0, 1);
       k.read(0, c::at(0));
     }},
    {"a barrier of the cluster, and a peer's memory", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(256, c::at(0, 16, 0));
       if (kept) k.cluster_sync(2);
       else k.sync_block(0), k.sync_block(1);
       k.read(0, c::at(0, 16, 0));
       k.read(0, c::at(0, 16, 1));
     },
     2},
};

const std::vector<detector_rule> cp_async = {
    {"the copying thread reads after its wait", "cp_async_commit, then cp_async_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(0, c::at(0));
       k.commit(0);
       if (kept) k.wait(0, 0);
       k.read(0, c::at(0));
     }},
    {"a copy is committed before the wait", "cp_async_commit",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(0, c::at(0));
       if (kept) k.commit(0);
       k.wait(0, 0);
       k.read(0, c::at(0));
     }},
    {"a wait leaves the newest groups pending", "cp_async_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       for (u32 stage = 0; stage < 3; stage++) {
         k.cp_async(0, c::at(64 * stage));
         k.commit(0);
       }
       k.wait(0, 1);
       k.read(0, c::at(kept ? 64 : 128));
     }},
    {"an empty group counts", "cp_async_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(0, c::at(0));
       k.commit(0);
       if (kept) k.commit(0);
       k.wait(0, 1);
       k.read(0, c::at(0));
     }},
    {"others read after a barrier that follows the wait", "nothing orders that wait before the later",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(0, c::at(0));
       k.commit(0);
       if (!kept) k.sync_block();
       k.wait(0, 0);
       if (kept) k.sync_block();
       k.read(40, c::at(0));
     }},
    {"a copy overwrites what has been read", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.read(40, c::at(0));
       if (kept) k.sync_block();
       k.cp_async(0, c::at(0));
       k.commit(0);
       k.wait(0, 0);
       k.sync_block();
     }},
    {"the copying thread writes after its wait", "cp_async_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(0, c::at(0));
       k.commit(0);
       if (kept) k.wait(0, 0);
       k.write(0, c::at(0));
     }},
    {"cp_async_arrive covers the copies before it", "cp_async",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.cp_async(1, c::at(0));
       const u32 mark = k.races->cp_async_arrive(1, b, c::here("cp_async_arrive"));
       k.cp_async(1, c::at(16));
       k.races->cp_async_arrived(1, b, mark);
       k.complete(b);
       k.wait_for(70, b, 0);
       k.read(70, c::at(kept ? 0 : 16));
     }},
    {"cp_async_arrive tells of the copies alone", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.write(1, c::at(32));
       const u32 mark = k.races->cp_async_arrive(1, b, c::here("cp_async_arrive"));
       k.races->cp_async_arrived(1, b, mark);
       if (kept) k.arrive(1, b);
       k.complete(b);
       k.wait_for(70, b, 0);
       k.read(70, c::at(32));
     }},
    {"the source stays until the copy has read it", "cp_async_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.races->access(k.races->by_cp_async(0), c::global(0), access_kind::read, c::here("cp_async"));
       k.commit(0);
       if (kept) k.wait(0, 0);
       k.write(0, c::global(0));
     }},
};

constexpr const char* no_word = "no release and acquire of a global word comes between";

const std::vector<detector_rule> global = {
    {"two blocks write one element", no_word,
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.write(0, c::global(64, 2));
       b.write(0, c::global(kept ? 66 : 64, 2));
     }},
    {"a later block is not ordered after an earlier one", no_word,
     [](detector_world& w, bool kept) {
       w.start().write(0, c::global(64, 2));
       w.start().read(0, c::global(kept ? 66 : 64, 2));
     }},
    {"an array that starts in the middle of a line", "bytes 0..3 of out",
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.write(0, c::global(0, 8));
       b.write(0, c::global(kept ? 8 : 0, 16));
     }},
    {"atomics go with atomics", "atomic by block 1",
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.add(0, c::global(0, 4));
       b.add(0, c::global(0, 4));
       if (kept) a.add(1, c::global(0, 4));
       else a.read(0, c::global(0, 4));
     }},
    {"a read before atomics", "read by block 0",
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.read(0, c::global(0, 4));
       a.add(0, c::global(0, 4));
       if (kept) {
         a.races->store_release(0, c::global(0, 4, 1), c::here("release"));
         b.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       }
       b.add(0, c::global(0, 4));
     }},
    {"release and acquire of a word", no_word,
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.write(9, c::global(0));
       a.sync_block();
       a.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       if (kept) b.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       b.sync_block();
       b.read(200, c::global(0));
     }},
    {"a release tells of what its thread knows", no_word,
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.write(9, c::global(0));
       if (kept) a.sync_block();
       a.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       b.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       b.read(0, c::global(0));
     }},
    {"counting blocks with a word", no_word,
     [](detector_world& w, bool kept) {
       std::vector<c> all;
       for (u32 i = 0; i < 4; i++) all.push_back(w.start());
       for (u32 i = 0; i < 4; i++) {
         all[i].write(0, c::global(64 * i));
         if (i != 2 || kept) all[i].races->add_acquire_release(0, c::global(0, 4, 1), c::here("count"));
       }
       for (u32 i = 0; i < 4; i++) all[3].read(0, c::global(64 * i));
     }},
    {"a store ends what additions handed on", no_word,
     [](detector_world& w, bool kept) {
       c first = w.start(), second = w.start(), third = w.start();
       first.write(0, c::global(0));
       first.races->add_acquire_release(0, c::global(0, 4, 1), c::here("count"));
       if (kept) second.races->add_acquire_release(0, c::global(0, 4, 1), c::here("count"));
       else second.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       third.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       third.write(0, c::global(0));
     }},
    {"order passes through a third block", no_word,
     [](detector_world& w, bool kept) {
       c first = w.start(), second = w.start(), third = w.start();
       first.write(0, c::global(0));
       first.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       if (kept) second.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       second.races->store_release(0, c::global(4, 4, 1), c::here("release"));
       third.races->load_acquire(0, c::global(4, 4, 1), c::here("acquire"));
       third.write(0, c::global(0));
     }},
    {"order comes back to another thread of the block", no_meeting,
     [](detector_world& w, bool kept) {
       c first = w.start(), second = w.start();
       first.write(0, c::at(0));
       first.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       if (kept) second.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       second.races->store_release(0, c::global(4, 4, 1), c::here("release"));
       first.races->load_acquire(99, c::global(4, 4, 1), c::here("acquire"));
       first.read(99, c::at(0));
     }},
};

TEST(detector_rules, threads) { check_rules(threads); }
TEST(detector_rules, cp_async) { check_rules(cp_async); }
TEST(detector_rules, global_memory) { check_rules(global); }

// The report names both accesses and their places.
TEST(detector_rules, report) {
  detector_world w;
  c k = w.start();
  k.races->access(k.races->by_thread(37), c::at(100, 4), access_kind::write, {"store_shared", "gemm.cuh", 17});
  k.races->access(k.races->by_thread(2), c::at(100, 2), access_kind::read, {"load_shared", "gemm.cuh", 23});
  EXPECT_EQ(w.first(),
            "race on bytes 100..100 of the shared memory of block 0\n"
            "  later:   read by block 0, warp 0, lane 2: load_shared at gemm.cuh:23\n"
            "  earlier: write by block 0, warp 1, lane 5: store_shared at gemm.cuh:17\n"
            "  nothing orders them: no barrier, nor a release and an acquire, comes between");
}

}  // namespace
}  // namespace gemmact::test
