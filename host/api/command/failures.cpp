#include "host/api/command/failures.hpp"

#include <array>
#include <cstdint>

namespace gemmact::api {

void check(gemmact_status status) {
  switch (status) {
    case GEMMACT_OK:
      return;
    case GEMMACT_BAD_DEVICE:
    case GEMMACT_MISSING_TENSOR:
    case GEMMACT_UNEXPECTED_TENSOR:
    case GEMMACT_BAD_KEEP:
    case GEMMACT_UNKNOWN_ACTIVATION:
    case GEMMACT_BAD_PARAMETER:
    case GEMMACT_BAD_ACTIVATION_TEXT:
    case GEMMACT_EQUATION_UNSUPPORTED:
      throw usage_error(gemmact_last_error());
    default:
      throw run_error(gemmact_last_error());
  }
}

described_function::described_function(const std::string& text) {
  struct_bytes = sizeof(gemmact_activation_info);
  size_t bytes = 0;
  check(gemmact_activation_describe(text.c_str(), this, nullptr, &bytes));
  memory_ = std::make_unique<std::byte[]>(bytes);
  check(gemmact_activation_describe(text.c_str(), this, memory_.get(), &bytes));
  std::array<float, GEMMACT_MAX_PARAMS> values{};
  size_t index = 0;
  check(gemmact_activation_parse(text.c_str(), &index, values.data(), values.size()));
  is_equation = index == SIZE_MAX;
}

}  // namespace gemmact::api
