#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"

namespace gemmact::emulator {

void fence_proxy_async(site at) {
  if (gpu->sites.reach(sync_kind::fence_proxy, at) == change::skip) return;
  point();
  if (auto* races = races_of(*current->in->in)) races->fence_proxy_async(current->agent);
}

void fence_proxy_async_global(site at) {
  if (gpu->sites.reach(sync_kind::fence_proxy, at) == change::skip) return;
  point();
  if (auto* races = races_of(*current->in->in)) races->fence_proxy_async_global(current->agent);
}

}  // namespace gemmact::emulator
