// wgmma and its operands in shared memory: each rule once kept and once broken.
#include <gtest/gtest.h>

#include "tests/emulator/detector_world.hpp"

namespace gemmact::test {
namespace {

using c = detector_cluster;
constexpr const char* no_fence = "not through fence_proxy_async:";

const std::vector<detector_rule> products = {
    {"wgmma of what was written needs fences", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(9, c::at(0));
       if (kept) k.fence(9, 1);
       k.sync_block();
       k.wgmma(0, c::at(0, 2048));
     }},
    {"every thread of the warpgroup knows of the operands", "all 128 threads",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(200, c::at(0));
       k.fence(200, 1);
       const meeting_id m = k.races->new_meeting();
       k.races->release(m, 192, 32);
       k.races->complete(m);
       k.races->acquire(m, 0, kept ? 128 : 127);
       k.wgmma(0, c::at(0, 2048));
     }},
    {"... the writer itself need not hear of them again", no_fence,
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.write(3, c::at(0));
       if (kept) k.fence(3, 1);
       const meeting_id m = k.races->new_meeting();
       k.races->release(m, 3, 1);
       k.races->complete(m);
       k.races->acquire(m, 0, 3);
       k.races->acquire(m, 4, 124);
       k.wgmma(0, c::at(0, 2048));
     }},
    {"wgmma of what TMA loaded needs the wait alone", "landed in phase 0",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(3072);
       k.load_phase(200, b, c::at(0, 2048));
       for (u32 t = 0; t < 128; t++)
         if (kept || t != 77) k.wait_for(t, b, 0);
       k.wgmma(0, c::at(0, 2048));
     }},
    {"a warp's knowledge counts when the warp comes", "landed in phase 0",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id b = k.ready_barrier(3072);
       k.load_phase(200, b, c::at(0, 2048));
       if (!kept) k.races->wgmma_came(0);
       for (u32 t = 0; t < 128; t++) k.wait_for(t, b, 0);
       for (u32 warp = kept ? 0 : 1; warp < 4; warp++) k.races->wgmma_came(32 * warp);
       k.races->access(k.races->by_wgmma(0), c::at(0, 2048), access_kind::read, c::here("wgmma"));
     }},
    {"operands are overwritten after wgmma_wait", "wgmma_commit, then wgmma_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.wgmma(0, c::at(0, 2048));
       k.wgmma_commit(0);
       if (kept) k.wgmma_wait(0, 0);
       k.write(5, c::at(0));
     }},
    {"wgmma is committed", "wgmma_commit",
     [](detector_world& w, bool kept) {
       c k = w.start();
       k.wgmma(0, c::at(0, 2048));
       if (kept) k.wgmma_commit(0);
       k.wgmma_wait(0, 0);
       k.write(5, c::at(0));
     }},
    {"wgmma_wait leaves the newest groups pending", "wgmma_wait",
     [](detector_world& w, bool kept) {
       c k = w.start();
       for (u32 i = 0; i < 2; i++) {
         k.wgmma(0, c::at(1024 * i, 1024));
         k.wgmma_commit(0);
       }
       k.wgmma_wait(0, 1);
       k.write(5, c::at(kept ? 0 : 1024));
     }},
    {"a load over operands: the wait and an arrival, no fence", "nothing orders that wait before the later",
     [](detector_world& w, bool kept) {
       c k = w.start();
       const barrier_id full = k.ready_barrier(3072), empty = k.ready_barrier(3080);
       k.load_phase(200, full, c::at(0, 2048));
       for (u32 t = 0; t < 128; t++) k.wait_for(t, full, 0);
       k.wgmma(0, c::at(0, 2048));
       k.wgmma_commit(0);
       if (!kept) k.arrive(5, empty);
       k.wgmma_wait(0, 0);
       if (kept) k.arrive(5, empty);
       k.complete(empty);
       k.wait_for(200, empty, 0);
       k.load_phase(200, full, c::at(0, 2048));
     }},
};

TEST(detector_wgmma, products) { check_rules(products); }

}  // namespace
}  // namespace gemmact::test
