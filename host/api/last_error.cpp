#include <new>
#include <string>

#include "host/api/guard.hpp"
#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::api {
namespace {

thread_local std::string message;
thread_local bool no_memory = false;  // there may then be none for the message either

gemmact_status report(gemmact_status status, const char* text) noexcept {
  try {
    message = text;
  } catch (const std::bad_alloc&) {
    no_memory = true;
  }
  return status;
}

}  // namespace

void clear_last_error() noexcept {
  message.clear();
  no_memory = false;
}

gemmact_status report_current_exception() noexcept {
  try {
    throw;
  } catch (const core::failure& f) {
    return report(f.status(), f.message().c_str());
  } catch (const std::bad_alloc&) {
    no_memory = true;
    return GEMMACT_OUT_OF_MEMORY;
  } catch (const std::exception& e) {
    try {
      return report(GEMMACT_INTERNAL, (std::string("an unexpected exception: ") + e.what()).c_str());
    } catch (const std::bad_alloc&) {
      no_memory = true;
      return GEMMACT_INTERNAL;
    }
  } catch (...) {
    return report(GEMMACT_INTERNAL, "an exception of unknown type");
  }
}

void require(const void* pointer, const char* name) {
  if (pointer == nullptr) core::fail(GEMMACT_NULL_ARGUMENT, "{} is null", name);
}

}  // namespace gemmact::api

using namespace gemmact;

const char* gemmact_status_name(gemmact_status status) { return core::status_name(status); }

const char* gemmact_last_error(void) {
  return api::no_memory ? "an allocation failed: there is not enough memory" : api::message.c_str();
}

uint32_t gemmact_version(void) {
  return GEMMACT_VERSION_MAJOR * 10000 + GEMMACT_VERSION_MINOR * 100 + GEMMACT_VERSION_PATCH;
}
