#include "host/cuda/event.hpp"

namespace gemmact::cuda {
namespace {

constexpr const char* doing = "timing runs";

}  // namespace

event::event(const context& context) : context_(context) {
  const context::scope current(context_);
  const driver& driver = context_.driver();
  driver.check(driver.call.cuEventCreate(&handle_, 0), "cuEventCreate", doing);
}

event::~event() {
  const context::scope current(context_, std::nothrow);
  context_.driver().call.cuEventDestroy(handle_);
}

void event::record() {
  const context::scope current(context_);
  const driver& driver = context_.driver();
  driver.check(driver.call.cuEventRecord(handle_, nullptr), "cuEventRecord", doing);
}

double event::microseconds_since(const event& earlier) const {
  const context::scope current(context_);
  const driver& driver = context_.driver();
  float milliseconds = 0;
  driver.check(driver.call.cuEventElapsedTime(&milliseconds, earlier.handle_, handle_), "cuEventElapsedTime", doing);
  return double(milliseconds) * 1e3;
}

}  // namespace gemmact::cuda
