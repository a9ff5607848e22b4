// Memory of a GPU for tests.
#pragma once
#include "tests/support/device.hpp"

namespace gemmact::test {

// Of the driver's device `number`, in its primary context. What fails throws core::failure.
std::unique_ptr<device_memory> make_gpu_memory(int number);

}  // namespace gemmact::test
