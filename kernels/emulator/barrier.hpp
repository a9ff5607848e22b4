// What the end of a lane or a warp means for the barriers that its block waits in.
#pragma once
#include "kernels/emulator/context.hpp"

namespace gemmact::emulator {

// All lanes of the warp that have not returned are at sync_block.
void warp_at_block_barrier(warp&);
// A warp of the block has no lanes left: the others no longer wait for it.
void warp_ended(block&);

// The same of the cluster's barrier.
void warp_at_cluster_arrive(warp&);
void warp_at_cluster_wait(warp&);
void warp_ended(cluster&, const warp&);

}  // namespace gemmact::emulator
