// The driver, libcuda.so.1, loaded with dlopen: nothing of it is needed to build or to start.
#pragma once
#include <string>
#include <string_view>

#include "host/core/status.hpp"
#include "host/cuda/driver_abi.hpp"

namespace gemmact::cuda {

// The driver's functions by their names; those that are not required may be null.
struct driver_functions {
#define GEMMACT_DRIVER_FUNCTION(name, version, symbol, required, arguments) result(*name) arguments = nullptr;
#include "host/cuda/driver_functions.inc"
#undef GEMMACT_DRIVER_FUNCTION
};

// What a result that is not 0 means. A device that is lost is so to the whole process: no later call can succeed.
enum class aftermath { usable, lost, unknown };
struct result_meaning {
  gemmact_status status = GEMMACT_DEVICE_FAILED;
  aftermath device = aftermath::unknown;
};
result_meaning meaning_of(result code);

class driver {
 public:
  static constexpr int oldest_version = 12000;  // 1000 * major + 10 * minor, of CUDA

  // The process's driver: loaded and initialised at the first call, never let go. A failure is not kept; the next call
  // tries again. Throws as the constructor.
  static const driver& instance();

  // Loads and initialises. Throws NO_DRIVER, DRIVER_TOO_OLD, NO_DEVICE (cuInit finds none), DEVICE_FAILED.
  explicit driver(const char* library = "libcuda.so.1");
  driver(const driver&) = delete;
  driver& operator=(const driver&) = delete;

  driver_functions call;

  int version() const { return version_; }
  std::string version_text() const;  // "CUDA 12.4"
  int device_count() const;          // may be 0. Throws

  // Throws what a result means: "`doing` failed: cuX says CUDA_ERROR_Y (its words); …", with whether the device can still
  // be used, where that is known. `doing` is a gerund, such as "loading kernel k".
  [[noreturn]] void fail(result code, const char* function, std::string_view doing) const;
  void check(result code, const char* function, std::string_view doing) const {
    if (code != 0) fail(code, function, doing);
  }
  std::string words_of(result code) const;  // "CUDA_ERROR_Y (its words)"

 private:
  void find_functions(void* library);
  void refuse_old_ones(const char* library) const;
  int version_ = 0;
};

}  // namespace gemmact::cuda
