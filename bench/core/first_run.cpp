#include "bench/core/first_run.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "bench/core/timer.hpp"

namespace gemmact_bench {
namespace {

constexpr const char* cache_variable = "GEMMACT_CACHE_DIR";

// An empty folder for compiled kernels, while it lives.
class empty_cache {
 public:
  empty_cache() {
    if (const char* set = std::getenv(cache_variable)) before_ = set;
    std::string folder = (std::filesystem::temp_directory_path() / "gemmact_bench_XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error(fmt::format("{}: cannot be made", folder));
    folder_ = folder;
    setenv(cache_variable, folder_.c_str(), 1);
  }
  ~empty_cache() {
    if (before_) setenv(cache_variable, before_->c_str(), 1);
    else unsetenv(cache_variable);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  empty_cache(const empty_cache&) = delete;
  empty_cache& operator=(const empty_cache&) = delete;

 private:
  std::optional<std::string> before_;
  std::filesystem::path folder_;
};

}  // namespace

first_run time_first_run(const std::string& device, const std::function<std::shared_ptr<void>(const context&)>& launch,
                         const std::function<void()>& wait) {
  const empty_cache cache;
  const auto once = [&] {
    const context opened(device);
    const double start = steady_seconds();
    const std::shared_ptr<void> launched = launch(opened);
    const double seconds = steady_seconds() - start;
    wait();
    return seconds;
  };
  const double compiled = once();
  return {compiled, once()};
}

}  // namespace gemmact_bench
