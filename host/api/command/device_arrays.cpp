#include "host/api/command/device_arrays.hpp"

#include "host/core/problem.hpp"

namespace gemmact::api {

device_arrays::device_arrays(const core::device& device, size_t workspace_bytes, std::vector<gemmact_binding> bindings)
    : device_(device), bindings_(std::move(bindings)) {
  if (workspace_bytes == 0) return;
  workspace_copy_ = device.make_memory(workspace_bytes);
  if (!workspace_copy_) workspace_ = aligned_bytes(workspace_bytes, core::workspace_alignment);
}

void device_arrays::add(const void* host, size_t bytes, bool written) {
  std::vector<gemmact_binding*> uses;
  for (gemmact_binding& b : bindings_)
    if (b.data == host) uses.push_back(&b);
  if (uses.empty()) return;
  std::unique_ptr<core::device_memory> memory = device_.make_memory(bytes);
  if (!memory) return;
  memory->upload(host);
  for (gemmact_binding* b : uses) b->data = memory->data();
  copies_.push_back({std::move(memory), const_cast<void*>(host), written});
}

void device_arrays::fetch() {
  for (const copy& c : copies_)
    if (c.written) c.memory->download(c.host);
}

}  // namespace gemmact::api
