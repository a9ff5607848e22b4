// From a device's text to the device.
#pragma once
#include <memory>
#include <string_view>

#include "host/core/device.hpp"

namespace gemmact::plan {

// "cpu", "cuda:N" or "describe:NAME". Throws failure: BAD_DEVICE, NO_DEVICE.
std::unique_ptr<core::device> open_device(std::string_view text);

}  // namespace gemmact::plan
