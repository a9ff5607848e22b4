// Libraries that are used where they are there.
#pragma once
#include <string>

namespace gemmact::core {

// dlopen's, with its symbols left to itself. Null where it cannot be loaded: `why` is then what the loader says.
void* open_library(const std::string& file, std::string& why);

}  // namespace gemmact::core
