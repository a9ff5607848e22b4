// Where a compiler looks for kernels and what it compiles them with.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "host/jit/headers.hpp"

namespace gemmact::jit {

struct compiler_options {
  std::string cache_dir;                       // empty: no disk cache
  std::string cache_off_reason;                // where cache_dir is empty: why, for describe()
  uint64_t cache_bytes = uint64_t{512} << 20;  // more than this, and the least recently used leave
  std::vector<std::string> packs;              // files, looked at in this order
  std::string nvrtc;                           // library file; empty: what the system's loader finds
  int newest_cuda = 0;                         // an NVRTC of this major version or older is preferred; 0: any
  std::string dump_dir;                        // GEMMACT_DUMP_SOURCE; empty: no dump
  std::vector<header> headers;                 // empty: embedded_headers()

  // GEMMACT_CACHE_DIR, XDG_CACHE_HOME, HOME, GEMMACT_PACK, GEMMACT_NVRTC and GEMMACT_DUMP_SOURCE.
  static compiler_options from_environment();
};

}  // namespace gemmact::jit
