#include "host/plan/devices.hpp"

#include <charconv>

#include "host/core/names.hpp"
#include "host/core/nearest.hpp"
#include "host/core/status.hpp"
#include "host/cpu/device.hpp"
#include "host/plan/cuda_presence.hpp"
#include "host/plan/described_device.hpp"

namespace gemmact::plan {
namespace {

std::unique_ptr<core::device> open_described(std::string_view text, std::string_view name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const described_gpu& gpu : described_gpus()) {
    if (name == gpu.name) return describe(gpu);
    names.push_back(gpu.name);
    list += (list.empty() ? "" : ", ") + std::string(gpu.name);
  }
  core::fail(GEMMACT_BAD_DEVICE, "device is {}; those that can be described are {}{}", core::quoted(text), list,
             core::did_you_mean(name, names));
}

// There is no CUDA kernel family yet, so no GPU can be opened; what is missing first is said.
[[noreturn]] void refuse_cuda(std::string_view text, std::string_view digits) {
  int number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size() || number < 0)
    core::fail(GEMMACT_BAD_DEVICE, "device is {}; a GPU is cuda: and its number, such as \"cuda:0\"",
               core::quoted(text));
  cuda_presence found = find_cuda();
  if (found.devices == 0)
    core::fail(GEMMACT_NO_DEVICE, "device {} cannot be opened: {}; this build has no CUDA kernel family yet either",
               core::quoted(text), found.trouble);
  if (number >= found.devices)
    core::fail(
        GEMMACT_NO_DEVICE,
        "device {} cannot be opened: the driver has {} device(s), numbered from 0; this build has no CUDA kernel "
        "family yet either",
        core::quoted(text), found.devices);
  core::fail(GEMMACT_NO_DEVICE,
             "device {} is on this machine, but this build has no CUDA kernel family yet; use \"cpu\"",
             core::quoted(text));
}

}  // namespace

std::unique_ptr<core::device> open_device(std::string_view text) {
  constexpr std::string_view cuda = "cuda:", described = "describe:";
  if (text == "cpu") return cpu::make_device();
  if (text.substr(0, cuda.size()) == cuda) refuse_cuda(text, text.substr(cuda.size()));
  if (text.substr(0, described.size()) == described) return open_described(text, text.substr(described.size()));
  core::fail(GEMMACT_BAD_DEVICE, "device is {}; it must be \"cpu\", \"cuda:0\" or one such as \"describe:h100\"",
             core::quoted(text));
}

}  // namespace gemmact::plan
