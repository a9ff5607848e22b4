// Device code from text to PTX and to a cubin, by NVRTC.
#pragma once
#include <map>
#include <string>

namespace gemmact::ptx_test {

struct compiled {
  bool ok = false;
  std::string log, ptx;
};

// For an architecture such as 90a, with the repository's root to include from. `headers` (path -> text) go before what lies
// there. The log holds ptxas's words, too.
compiled compile(const std::string& source, const std::string& architecture,
                 const std::map<std::string, std::string>& headers = {});

}  // namespace gemmact::ptx_test
