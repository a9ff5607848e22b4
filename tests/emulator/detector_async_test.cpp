// Barriers in shared memory, bulk loads and stores: each rule once kept and once broken.
#include <gtest/gtest.h>

#include "tests/emulator/detector_world.hpp"

namespace gemmact::test {
namespace {

using c = detector_cluster;
constexpr const char* no_meeting = "no barrier, nor a release and an acquire, comes between";
constexpr const char* no_fence = "not through fence_proxy_async:";

const std::vector<detector_rule> barriers = {
    {"mbarrier_init_fence follows mbarrier_init", "mbarrier_init_fence did not follow",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.init(0, 0);
       if (kept) k.races->barrier_init_fence(0);
       k.sync_block();
       k.arrive(1, b);
     }},
    {"the block meets after mbarrier_init", "nothing orders its mbarrier_init",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.init(0, 0);
       k.races->barrier_init_fence(0);
       if (kept) k.sync_block();
       k.wait_for(1, b, ~0u);
     }},
    {"the fence comes before the meeting", "nothing orders its mbarrier_init",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.init(0, 0);
       if (kept) k.races->barrier_init_fence(0);
       k.sync_block();
       if (!kept) k.races->barrier_init_fence(0);
       k.load(1, b, c::at(64));
     }},
    {"who waits knows what was done before the arrivals", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.write(1, c::at(0));
       if (kept) k.arrive(1, b);
       k.arrive(2, b);
       k.complete(b);
       k.wait_for(3, b, 0);
       k.read(3, c::at(0));
     }},
    {"an arrival belongs to its phase", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       for (u32 phase = 0; phase < 2; phase++) {
         if (phase == (kept ? 0 : 1)) k.write(1, c::at(0));
         k.arrive(1, b);
         k.complete(b);
       }
       k.wait_for(3, b, 0);
       k.read(3, c::at(0));
     }},
    {"what a peer releases takes a wait for the cluster", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024, 2);
       k.write(256, c::at(0));
       k.arrive(256, b);
       k.complete(b);
       k.wait_for(3, b, 0, kept ? sync_scope::cluster : sync_scope::block);
       k.read(3, c::at(0));
     },
     2},
    {"a live mbarrier's memory is its own", "the bytes are a live mbarrier",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.arrive(1, b);
       k.sync_block();
       if (kept) k.races->barrier_invalidate(0, b, c::here("mbarrier_invalidate"));
       k.write(0, c::at(1024));
     }},
    {"mbarrier_invalidate comes after the last use", "nothing orders the last use by block 0, warp 2, lane 6 before",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.arrive(70, b);
       if (kept) k.sync_block();
       k.races->barrier_invalidate(0, b, c::here("mbarrier_invalidate"));
     }},
    {"no use after mbarrier_invalidate", "after mbarrier_invalidate",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       if (kept) k.arrive(1, b);
       k.sync_block();
       k.races->barrier_invalidate(0, b, c::here("mbarrier_invalidate"));
       k.sync_block();
       if (!kept) k.arrive(1, b);
     }},
};

const std::vector<detector_rule> loads = {
    {"a read of what is under way", "still under way",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.arrive(0, b);
       k.load(0, b, c::at(0, 512));
       if (kept) {
         k.races->landed(b, c::at(0, 512));
         k.complete(b);
         k.wait_for(0, b, 0);
       }
       k.read(0, c::at(64));
     }},
    {"a read without a wait", "landed in phase 1",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.load_phase(0, b, c::at(0, 512));
       k.wait_for(0, b, 0);
       k.load_phase(0, b, c::at(0, 512));
       if (kept) k.wait_for(0, b, 1);
       k.read(0, c::at(64));
     }},
    {"each reader waits, or meets one that has", "landed in phase 0",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.load_phase(64, b, c::at(0));
       k.wait_for(0, b, 0);
       if (kept) k.sync_warp(0);
       k.read(31, c::at(0));
     }},
    {"a load over what was read needs a fence by the reader", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id full = k.ready_barrier(1024), empty = k.ready_barrier(1032);
       k.load_phase(64, full, c::at(0));
       k.wait_for(0, full, 0);
       k.read(0, c::at(0));
       if (kept) k.fence(0, 1);
       k.arrive(0, empty);
       k.complete(empty);
       k.wait_for(64, empty, 0);
       k.load_phase(64, full, c::at(0));
     }},
    {"... or by the loader after its wait", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id full = k.ready_barrier(1024), empty = k.ready_barrier(1032);
       k.load_phase(64, full, c::at(0));
       k.wait_for(0, full, 0);
       k.read(0, c::at(0));
       k.arrive(0, empty);
       k.complete(empty);
       if (!kept) k.fence(64, 1);
       k.wait_for(64, empty, 0);
       if (kept) k.fence(64, 1);
       k.load_phase(64, full, c::at(0));
     }},
    {"a fence orders what came before it", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       if (kept) k.write(0, c::at(0));
       k.fence(0, 1);
       if (!kept) k.write(0, c::at(0));
       k.load_phase(0, b, c::at(0));
     }},
    {"a load over a stage that was not released", "landed in phase 0",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id full = k.ready_barrier(1024), empty = k.ready_barrier(1032);
       k.load_phase(64, full, c::at(0));
       k.wait_for(0, full, 0);
       k.read(0, c::at(0));
       k.fence(0, 1);
       if (kept) k.arrive(0, empty);
       k.arrive(1, empty);
       k.complete(empty);
       k.wait_for(64, empty, 0);
       k.load_phase(64, full, c::at(0));
     }},
    {"a completed load tells of its bytes alone", no_meeting,
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.write(64, c::at(256));
       if (kept) k.arrive(64, b);
       k.arrive(65, b);
       k.load(64, b, c::at(0));
       k.races->landed(b, c::at(0));
       k.complete(b);
       k.wait_for(0, b, 0);
       k.read(0, c::at(0));
       k.read(0, c::at(256));
     }},
    {"multicast lands on each block's barrier", "still under way",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id own = k.init(0, 1024, 0), peer = k.init(0, 1024, 1);
       k.races->barrier_init_fence(0);
       k.cluster_sync(2);
       k.load(0, own, c::at(0, 64, 0));
       k.load(0, peer, c::at(0, 64, 1));
       for (const barrier_id b : {own, peer}) {
         if (b == peer && !kept) break;
         k.races->landed(b, c::at(0, 64, b == peer));
         k.complete(b);
         k.wait_for(b == peer ? 256 : 0, b, 0);
       }
       k.read(256, c::at(0, 16, 1));
     },
     2},
    {"a load of what was stored needs the global fence", "not through fence_proxy_async_global",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.write(0, c::global(0));
       if (kept) k.races->fence_proxy_async_global(0);
       else k.fence(0, 1);
       k.races->access(k.races->by_bulk_load(0, b, c::here("bulk_load")), c::global(0), access_kind::read,
                       c::here("bulk_load"));
     }},
    {"... for what another block stored, too", "not through fence_proxy_async_global",
     [](detector_world& w, bool kept) {
       c other = w.start(), k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       other.write(0, c::global(0));
       other.races->store_release(0, c::global(0, 4, 1), c::here("release"));
       k.races->load_acquire(0, c::global(0, 4, 1), c::here("acquire"));
       if (kept) k.races->fence_proxy_async_global(0);
       k.races->access(k.races->by_bulk_load(0, b, c::here("bulk_load")), c::global(0), access_kind::read,
                       c::here("bulk_load"));
     }},
    {"a load over what its loader knew of", "landed in phase 0",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.read(200, c::at(0));
       k.fence(200, 1);
       k.races->meet(200, 2);
       k.load(201, b, c::at(0));
       k.races->landed(b, c::at(0));
       k.complete(b);
       if (kept) k.wait_for(0, b, 0);
       k.write(0, c::at(0));
     }},
    {"a load's source stays until it has landed", "still under way",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(1024);
       k.arrive(0, b);
       k.races->access(k.races->by_bulk_load(0, b, c::here("bulk_load")), c::global(0), access_kind::read,
                       c::here("bulk_load"));
       if (kept) {
         k.races->landed(b, c::global(0));
         k.complete(b);
         k.wait_for(0, b, 0);
       }
       k.write(0, c::global(0));
     }},
};

const std::vector<detector_rule> stores = {
    {"a store of what was written needs fences by the writers", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       for (u32 t = 0; t < 256; t++) k.write(t, c::at(16 * t % 4096));
       k.fence(0, kept ? 256 : 200);
       k.sync_block();
       k.store(0, c::at(0, 4096));
     }},
    {"... or a fence by who stores, after the meeting", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(9, c::at(0));
       if (!kept) k.fence(0, 1);
       k.sync_block();
       if (kept) k.fence(0, 1);
       k.store(0, c::at(0));
     }},
    {"a cp.async copy is generic", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.cp_async(9, c::at(0));
       k.commit(9);
       k.wait(9, 0);
       if (kept) k.fence(9, 1);
       k.sync_block();
       k.store(0, c::at(0));
     }},
    {"a buffer is used again after bulk_wait_read", "bulk_commit, then bulk_wait_read",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::at(0));
       k.races->bulk_commit(0);
       if (kept) k.races->bulk_wait_read(0, 0);
       k.sync_block();
       k.write(9, c::at(0));
     }},
    {"... and after a meeting with who waited", "nothing orders that wait before the later",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::at(0));
       k.races->bulk_commit(0);
       if (!kept) k.sync_block();
       k.races->bulk_wait_read(0, 0);
       if (kept) k.sync_block();
       k.write(9, c::at(0));
     }},
    {"bulk_wait_read leaves the newest groups pending", "bulk_wait_read",
     [](detector_world& w, bool kept) {
       c k = w.start();
       for (u32 i = 0; i < 2; i++) {
         k.store(0, c::at(64 * i));
         k.races->bulk_commit(0);
       }
       k.races->bulk_wait_read(0, 1);
       k.write(0, c::at(kept ? 0 : 64));
     }},
    {"bulk stores are committed", "bulk_commit",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::at(0));
       if (kept) k.races->bulk_commit(0);
       k.races->bulk_wait_read(0, 0);
       k.write(0, c::at(0));
     }},
    {"what was stored is there after bulk_wait", "bulk_commit, then bulk_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::global(0));
       k.races->bulk_commit(0);
       if (kept) k.races->bulk_wait(0, 0);
       else k.races->bulk_wait_read(0, 0);
       k.read(0, c::global(0));
     }},
    {"bulk_wait waits for the reads, too", "bulk_wait_read",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::at(0));
       k.races->bulk_commit(0);
       if (kept) k.races->bulk_wait(0, 0);
       k.write(0, c::at(0));
     }},
    {"bulk stores to one place", "bulk_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.store(0, c::global(0));
       k.races->bulk_commit(0);
       if (kept) k.races->bulk_wait(0, 0);
       k.store(0, c::global(0));
     }},
    {"bulk additions go with one another", "bulk_wait",
     [](detector_world& w, bool kept) {
       c a = w.start(), b = w.start();
       a.store(0, c::global(0), access_kind::atomic);
       b.store(0, c::global(0), kept ? access_kind::atomic : access_kind::write);
     }},
};

TEST(detector_async, barriers) { check_rules(barriers); }
TEST(detector_async, loads) { check_rules(loads); }
TEST(detector_async, stores) { check_rules(stores); }

}  // namespace
}  // namespace gemmact::test
