// The functions of NVRTC that are used, declared here so that no toolkit is needed to build; a test compares them with
// NVIDIA's header where there is one.
#pragma once
#include <cstddef>

namespace gemmact::jit {

using nvrtc_program = struct nvrtc_program_body*;  // nvrtcProgram

// An enumeration there; 0 is success.
enum nvrtc_result : int {
  nvrtc_success = 0,
  nvrtc_out_of_memory = 1,
};

// GEMMACT_NVRTC_FUNCTION(name without nvrtc, arguments)
#define GEMMACT_NVRTC_FUNCTIONS(row)                                                                    \
  row(Version, (int* major, int* minor)) row(GetNumSupportedArchs, (int* count))                        \
      row(GetSupportedArchs, (int* numbers))                                                            \
          row(CreateProgram, (nvrtc_program * program, const char* text, const char* name, int headers, \
                              const char* const* header_texts, const char* const* include_names))       \
              row(DestroyProgram, (nvrtc_program * program))                                            \
                  row(CompileProgram, (nvrtc_program program, int count, const char* const* options))   \
                      row(GetCUBINSize, (nvrtc_program program, size_t * bytes))                        \
                          row(GetCUBIN, (nvrtc_program program, char* cubin))                           \
                              row(GetProgramLogSize, (nvrtc_program program, size_t * bytes))           \
                                  row(GetProgramLog, (nvrtc_program program, char* log))

struct nvrtc_functions {
#define GEMMACT_NVRTC_MEMBER(name, arguments) nvrtc_result(*name) arguments = nullptr;
  GEMMACT_NVRTC_FUNCTIONS(GEMMACT_NVRTC_MEMBER)
#undef GEMMACT_NVRTC_MEMBER
};

}  // namespace gemmact::jit
