#include "host/api/command/failures.hpp"

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

gemmact_activation_info function_info(const std::string& text) {
  size_t index = 0;
  float values[GEMMACT_MAX_PARAMS];
  check(gemmact_activation_parse(text.c_str(), &index, values, GEMMACT_MAX_PARAMS));
  gemmact_activation_info info{};
  info.struct_bytes = sizeof info;
  check(gemmact_activation_get_info(index, &info));
  return info;
}

}  // namespace gemmact::api
