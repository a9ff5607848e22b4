#include <cstdlib>

#include "host/api/command/command_line.hpp"
#include "host/api/command/device_handles.hpp"
#include "host/api/command/output.hpp"
#include "host/core/environment.hpp"
#include "host/plan/gpu_facts.hpp"
#include "host/plan/gpu_family.hpp"
#include "host/plan/gpu_report.hpp"

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

std::string family_names() {
  std::string text = "cpu";
  for (const plan::gpu_family& f : plan::gpu_families()) text += fmt::format(", {} ({})", f.name, f.where);
  return text;
}

// The GPUs that are here; the first, with the reason, where there are none.
std::string cuda_rows() {
  std::string text;
  for (const std::string& name : plan::gpu_names()) text += device_row(name);
  return text.empty() ? device_row("cuda:0") : text;
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
  out += row("kernel families", family_names());
  out += "\nDevices:\n";
  out += device_row("cpu") + cuda_rows();
  for (const plan::described_gpu& gpu : plan::described_gpus()) out += device_row(fmt::format("describe:{}", gpu.name));
  out += "\nCUDA on this machine:\n";
  for (const plan::report_row& r : plan::gpu_report()) out += row(r.what, r.text);
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
