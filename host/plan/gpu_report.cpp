#include "host/plan/gpu_report.hpp"

#include "host/core/status.hpp"
#include "host/cuda/driver.hpp"
#include "host/cuda/profiler_range.hpp"
#include "host/jit/compiler.hpp"

namespace gemmact::plan {
namespace {

std::string driver_text() {
  try {
    const cuda::driver& driver = cuda::driver::instance();
    return fmt::format("libcuda.so.1, for {}; {} device(s)", driver.version_text(), driver.device_count());
  } catch (const core::failure& f) {
    return f.message();
  }
}

// The compiler's lines "what: where, or why not".
void add_compiler_rows(std::vector<report_row>& rows) {
  try {
    jit::compiler compiler;
    const std::string text = compiler.describe();
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      const size_t colon = line.find(": ");
      rows.push_back({line.substr(0, colon), line.substr(colon + 2)});
      begin = end + 1;
    }
  } catch (const core::failure& f) {
    rows.push_back({"compiler", f.message()});
  }
}

}  // namespace

std::vector<report_row> gpu_report() {
  std::vector<report_row> rows{{"driver", driver_text()}};
  add_compiler_rows(rows);
  rows.push_back({"profiler ranges", cuda::has_profiler_ranges()
                                         ? "NVTX, domain gemmact"
                                         : "none: NVTX's headers were not there when this was built"});
  return rows;
}

std::vector<std::string> gpu_names() {
  std::vector<std::string> names;
  try {
    const int count = cuda::driver::instance().device_count();
    for (int i = 0; i < count; ++i) names.push_back(fmt::format("cuda:{}", i));
  } catch (const core::failure&) {
    // None: gpu_report() says why.
  }
  return names;
}

}  // namespace gemmact::plan
