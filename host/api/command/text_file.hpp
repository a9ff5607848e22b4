// Files that are read whole.
#pragma once
#include <string>

namespace gemmact::api {

std::string read_text(const std::string& path);  // throws run_error

}  // namespace gemmact::api
