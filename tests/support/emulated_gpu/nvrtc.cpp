// A stand-in for NVRTC: what it compiles a unit to is the unit's text, behind the head of a fake cubin. It refuses none, as
// the library then takes another kernel; what is unknown here is told when it is loaded.
#include "host/jit/nvrtc_api.hpp"

#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "tests/support/emulated_gpu/emulated_gpu.hpp"
#include "tests/support/emulated_gpu/program.hpp"
#include "tests/support/fake_cuda/fake_cuda.hpp"

extern "C" gemmact::emulated_gpu::control* gemmact_emulated_gpu();  // of this module

namespace gemmact::jit {

struct nvrtc_program_body {
  std::string text, log, cubin;
};

namespace {

nvrtc_result copy(const std::string& text, char* to) {
  std::memcpy(to, text.c_str(), text.size() + 1);
  return nvrtc_success;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default"))) nvrtc_result

EXPORT nvrtcVersion(int* major, int* minor) {
  *major = 12, *minor = 4;
  return nvrtc_success;
}

EXPORT nvrtcGetNumSupportedArchs(int* count) {
  *count = 3;
  return nvrtc_success;
}

EXPORT nvrtcGetSupportedArchs(int* numbers) {
  numbers[0] = 80, numbers[1] = 89, numbers[2] = 90;
  return nvrtc_success;
}

EXPORT nvrtcCreateProgram(nvrtc_program* out, const char* text, const char*, int, const char* const*,
                          const char* const*) {
  *out = new nvrtc_program_body{text, {}, {}};
  if (const auto& reads = gemmact_emulated_gpu()->reads) reads((*out)->text);
  return nvrtc_success;
}

EXPORT nvrtcDestroyProgram(nvrtc_program* p) {
  delete *p;
  *p = nullptr;
  return nvrtc_success;
}

EXPORT nvrtcCompileProgram(nvrtc_program p, int count, const char* const* options) {
  const emulated_gpu::unit_head head = emulated_gpu::read_head(p->text);
  p->log = "ptxas info    : Used 255 registers, used 16 barriers\n";
  p->cubin = fake_cuda::cubin(head.name, head.params_bytes) + "\n";
  for (const std::string_view option : std::span(options, size_t(count)))
    if (option.starts_with("--gpu-architecture=")) p->cubin.append(option) += "\n";
  p->cubin += p->text;
  return nvrtc_success;
}

EXPORT nvrtcGetCUBINSize(nvrtc_program p, size_t* bytes) {
  *bytes = p->cubin.size() + 1;
  return nvrtc_success;
}
EXPORT nvrtcGetCUBIN(nvrtc_program p, char* cubin) { return copy(p->cubin, cubin); }

EXPORT nvrtcGetProgramLogSize(nvrtc_program p, size_t* bytes) {
  *bytes = p->log.size() + 1;
  return nvrtc_success;
}
EXPORT nvrtcGetProgramLog(nvrtc_program p, char* log) { return copy(p->log, log); }

}  // namespace gemmact::jit
