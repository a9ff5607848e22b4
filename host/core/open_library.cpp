#include "host/core/open_library.hpp"

#include <dlfcn.h>

namespace gemmact::core {

void* open_library(const std::string& file, std::string& why) {
  ::dlerror();
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  const char* words = ::dlerror();
  why = words == nullptr ? file : words;
  return nullptr;
}

}  // namespace gemmact::core
