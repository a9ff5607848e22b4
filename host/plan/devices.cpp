#include "host/plan/devices.hpp"

#include <charconv>

#include "host/core/names.hpp"
#include "host/core/nearest.hpp"
#include "host/core/status.hpp"
#include "host/cpu/device.hpp"
#include "host/plan/gpu_device.hpp"
#include "host/plan/gpu_facts.hpp"

namespace gemmact::plan {
namespace {

std::unique_ptr<core::device> open_described(std::string_view text, std::string_view name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const described_gpu& gpu : described_gpus()) {
    if (name == gpu.name)
      return std::make_unique<gpu_device>(gpu.facts, nullptr, gpu_families(),
                                          jit::compiler_options::from_environment());
    names.push_back(gpu.name);
    list += (list.empty() ? "" : ", ") + std::string(gpu.name);
  }
  core::fail(GEMMACT_BAD_DEVICE, "device is {}; those that can be described are {}{}", core::quoted(text), list,
             core::did_you_mean(name, names));
}

jit::compiler_options options_for(const cuda::driver& driver) {
  jit::compiler_options options = jit::compiler_options::from_environment();
  options.newest_cuda = driver.version() / 1000;
  return options;
}

std::unique_ptr<core::device> open_cuda(std::string_view text, std::string_view digits) {
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number < 0)
    core::fail(GEMMACT_BAD_DEVICE, "device is {}; a GPU is cuda: and its number, such as \"cuda:0\"",
               core::quoted(text));
  try {
    const cuda::context& here = cuda::context::open(cuda::driver::instance(), number);
    return std::make_unique<gpu_device>(gpu_of(here.facts()), &here, gpu_families(), options_for(here.driver()));
  } catch (const core::failure& f) {
    core::fail(f.status(), "device {} cannot be opened: {}", core::quoted(text), f.message());
  }
}

}  // namespace

std::unique_ptr<core::device> open_device(std::string_view text) {
  constexpr std::string_view cuda = "cuda:", described = "describe:";
  if (text == "cpu") return cpu::make_device();
  if (text.substr(0, cuda.size()) == cuda) return open_cuda(text, text.substr(cuda.size()));
  if (text.substr(0, described.size()) == described) return open_described(text, text.substr(described.size()));
  core::fail(GEMMACT_BAD_DEVICE, "device is {}; it must be \"cpu\", \"cuda:0\" or one such as \"describe:h100\"",
             core::quoted(text));
}

}  // namespace gemmact::plan
