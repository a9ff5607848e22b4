#include <dlfcn.h>

#include <cstdlib>

#include "host/api/command/command_line.hpp"
#include "host/api/command/device_handles.hpp"
#include "host/api/command/output.hpp"
#include "host/core/environment.hpp"
#include "host/plan/cuda_presence.hpp"
#include "host/plan/described_device.hpp"

namespace gemmact::api {
namespace {

constexpr const char* instruction_sets[] = {
#define GEMMACT_ISA_ROW(name) #name,
#include "isa_list.inc"
#undef GEMMACT_ISA_ROW
};

std::string row(const std::string& name, const std::string& text) { return fmt::format("  {:<18}{}\n", name, text); }

std::string device_row(const std::string& device) {
  gemmact_context* opened = nullptr;
  if (gemmact_context_create(device.c_str(), &opened) != GEMMACT_OK)
    return row(device, fmt::format("not available: {}", gemmact_last_error()));
  const context_handle context(opened);
  gemmact_device_info info{};
  info.struct_bytes = sizeof info;
  check(gemmact_context_get_info(context.get(), &info));
  return row(device, info.description);
}

std::string driver_text() {
  const plan::cuda_presence found = plan::find_cuda();
  if (!found.library) return "libcuda.so.1 not found";
  const std::string devices = found.devices > 0 ? fmt::format("{} device(s)", found.devices) : found.trouble;
  if (found.version == 0) return "libcuda.so.1 found, but it tells no version; " + devices;
  return fmt::format("libcuda.so.1 found, for CUDA {}.{}; {}", found.version / 1000, found.version % 1000 / 10,
                     devices);
}

std::string nvrtc_text() {
  for (const char* name : {"libnvrtc.so", "libnvrtc.so.14", "libnvrtc.so.13", "libnvrtc.so.12"}) {
    void* library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) continue;
    const auto get_version = reinterpret_cast<int (*)(int*, int*)>(dlsym(library, "nvrtcVersion"));
    int major = 0, minor = 0;
    if (get_version == nullptr || get_version(&major, &minor) != 0)
      return fmt::format("{} found, but it tells no version", name);
    return fmt::format("{} found, version {}.{}", name, major, minor);
  }
  return "libnvrtc.so not found";
}

}  // namespace

void run_info(const std::vector<std::string>& arguments) {
  command_line line("info", "", "Tells this library's version, what is compiled in, and which devices can be used.",
                    "Example:\n  gemmact info\n");
  if (!line.parse(arguments)) return;
  size_t functions = 0;
  check(gemmact_activation_count(&functions));
  std::string sets;
  for (const char* name : instruction_sets) sets += std::string(sets.empty() ? "" : ", ") + name;
  const uint32_t v = gemmact_version();
  std::string out = fmt::format("gemmact {}.{}.{}\n\nCompiled in:\n", v / 10000, v / 100 % 100, v % 100);
  out += row("functions", std::to_string(functions)) + row("instruction sets", sets + " (of the CPU device)");
  out += "\nDevices:\n";
  for (const char* device : {"cpu", "cuda:0"}) out += device_row(device);
  for (const plan::described_gpu& gpu : plan::described_gpus()) out += device_row(fmt::format("describe:{}", gpu.name));
  out += "\nCUDA on this machine:\n" + row("driver", driver_text()) + row("NVRTC", nvrtc_text());
  out += "\nEnvironment variables that are set:\n";
  bool any = false;
  for (const core::environment_variable& variable : core::environment_variables()) {
    const char* value = std::getenv(variable.name);
    if (value == nullptr) continue;
    any = true;
    out += row(variable.name, core::quoted(value));
  }
  write_standard_output(any ? out : out + "  none\n");
}

}  // namespace gemmact::api
