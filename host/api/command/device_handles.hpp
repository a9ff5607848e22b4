// Owners of the library's handles.
#pragma once
#include <memory>
#include <string>

#include "host/api/command/failures.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::api {

struct handle_closed {
  void operator()(gemmact_context* context) const { gemmact_context_destroy(context); }
  void operator()(gemmact_plan* plan) const { gemmact_plan_destroy(plan); }
};
using context_handle = std::unique_ptr<gemmact_context, handle_closed>;
using plan_handle = std::unique_ptr<gemmact_plan, handle_closed>;

inline context_handle open_device(const std::string& device) {
  gemmact_context* context = nullptr;
  check(gemmact_context_create(device.c_str(), &context));
  return context_handle(context);
}

}  // namespace gemmact::api
