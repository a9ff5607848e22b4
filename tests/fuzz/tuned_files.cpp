// Any bytes as a file of measured times: refused, or times that a clock could have given.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "host/plan/tuned_times.hpp"

namespace {

using namespace gemmact;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void read(const std::string& text) {
  const auto found = plan::read_tuned("key", text);
  if (found == nullptr) return;
  for (const core::timing& t : found->timings)
    require(0 < t.low && t.low <= t.median && t.median <= t.high && std::isfinite(t.high) && t.runs > 0,
            "times are times");
  const auto again = plan::read_tuned("key", plan::tuned_text("key", *found));
  require(again != nullptr && again->m == found->m && again->timings.size() == found->timings.size(),
          "times that were read are times that can be written");
}

}  // namespace

// As it is, and as what follows the head, with the checksum made right.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  read(bytes);
  const size_t body = std::min(bytes.find('\n') + 1, bytes.size());  // all of it where there is no head
  const std::string text = bytes.substr(body);
  read("{\"gemmact_tuned\": 1, \"checksum\": \"" + jit::hash_bytes(text).text() + "\",\n" + text);
  return 0;
}
