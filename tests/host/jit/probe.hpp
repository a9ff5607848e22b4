// Small kernels of the tests' own, and images that need no compiler.
#pragma once
#include <string>
#include <string_view>

#include "host/jit/compiler.hpp"

namespace gemmact::test {

// A kernel of probe.cuh, warns.cuh or wrong.cuh: "scale<3>" is fine; "spills", "stack", "warns", "wrong" are not.
jit::unit probe_unit(std::string_view kernel, std::string_view name = "probe", std::string_view architecture = "sm_80");

// The embedded headers and the probes', no disk, no packs, no dump.
jit::compiler_options probe_options();

// Empty where NVRTC can be loaded, else why not.
std::string nvrtc_missing();

// Kernel `number`, a few KB that differ in every byte from another's.
jit::image sample_image(int number);
bool same(const jit::image& a, const jit::image& b);

inline constexpr char no_such_library[] = "/nonexistent/libnvrtc.so";

}  // namespace gemmact::test

#define GEMMACT_SKIP_WITHOUT_NVRTC() \
  if (const std::string missing = gemmact::test::nvrtc_missing(); !missing.empty()) GTEST_SKIP() << missing
