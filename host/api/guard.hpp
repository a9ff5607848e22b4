// Every entry of the C interface runs inside guard(): no exception crosses it, and the calling thread's last message is
// that of its last call.
#pragma once
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

void clear_last_error() noexcept;

// Only inside a handler: the status and message of what is being handled.
gemmact_status report_current_exception() noexcept;

template <class Body>
gemmact_status guard(const Body& body) noexcept {
  clear_last_error();
  try {
    body();
    return GEMMACT_OK;
  } catch (...) {
    return report_current_exception();
  }
}

// Fails with GEMMACT_NULL_ARGUMENT when the pointer is null.
void require(const void* pointer, const char* name);

}  // namespace gemmact::api
