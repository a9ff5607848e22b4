#include "kernels/emulator/collective.hpp"

#include <fmt/format.h>

namespace gemmact::emulator {

const char* name_of(collective what) {
  switch (what) {
    case collective::none:
      return "nothing";
    case collective::sync_warp:
      return "sync_warp";
    case collective::shuffle:
      return "shuffle";
    case collective::shuffle_xor:
      return "shuffle_xor";
    case collective::ballot:
      return "ballot";
    case collective::elect:
      return "elect_one";
    case collective::ldmatrix:
      return "ldmatrix";
    case collective::stmatrix:
      return "stmatrix";
    case collective::mma:
      return "mma";
    case collective::registers:
      return "increase_registers or decrease_registers";
    case collective::wgmma:
      return "wgmma";
    case collective::wgmma_fence:
      return "wgmma_fence";
    case collective::wgmma_commit:
      return "wgmma_commit";
    case collective::wgmma_wait:
      return "wgmma_wait";
    case collective::sync_named:
      return "sync_named";
    case collective::arrive_named:
      return "arrive_named";
    case collective::sync_block:
      return "sync_block";
    case collective::cluster_arrive:
      return "cluster_arrive";
    case collective::cluster_wait:
      return "cluster_wait";
  }
  return "?";
}

void report_divergence(collective what, site at) {
  const warp& w = *current->in;
  if (w.arrived && (w.what != what || !(w.at == at))) {
    fail(report_kind::divergence, at,
         fmt::format("{} by a part of the warp, while its lanes {:#010x} are in {} at {}:{}", name_of(what), w.arrived,
                     name_of(w.what), w.at.file, w.at.line));
  }
  fail(report_kind::divergence, at,
       fmt::format("{} is for whole warps, and lanes {:#010x} of this one have returned", name_of(what), ~w.live));
}

}  // namespace gemmact::emulator
