#include "host/cuda/profiler_range.hpp"

#if GEMMACT_NVTX
#include <nvtx3/nvToolsExt.h>
#endif

namespace gemmact::cuda {

#if GEMMACT_NVTX
namespace {

nvtxDomainHandle_t domain() {
  static const nvtxDomainHandle_t one = nvtxDomainCreateA("gemmact");
  return one;
}

}  // namespace

bool has_profiler_ranges() { return true; }

profiler_name::profiler_name(const std::string& name) {
  if (domain() != nullptr) registered_ = nvtxDomainRegisterStringA(domain(), name.c_str());
}

void profiler_range::begin(void* registered) {
  nvtxEventAttributes_t event{};
  event.version = NVTX_VERSION;
  event.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
  event.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  event.message.registered = static_cast<nvtxStringHandle_t>(registered);
  nvtxDomainRangePushEx(domain(), &event);
}

void profiler_range::end() { nvtxDomainRangePop(domain()); }
#else
bool has_profiler_ranges() { return false; }
profiler_name::profiler_name(const std::string&) {}
void profiler_range::begin(void*) {}
void profiler_range::end() {}
#endif

}  // namespace gemmact::cuda
