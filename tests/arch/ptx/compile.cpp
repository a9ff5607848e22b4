#include "tests/arch/ptx/compile.hpp"

#include <nvrtc.h>

#include <vector>

namespace gemmact::ptx_test {

compiled compile(const std::string& source, const std::string& architecture,
                 const std::map<std::string, std::string>& headers) {
  std::vector<const char*> names, texts;
  for (const auto& [name, text] : headers) {
    names.push_back(name.c_str());
    texts.push_back(text.c_str());
  }
  compiled result;
  nvrtcProgram program = nullptr;
  if (nvrtcCreateProgram(&program, source.c_str(), "rows.cu", int(names.size()), texts.data(), names.data()) !=
      NVRTC_SUCCESS) {
    result.log = "nvrtcCreateProgram failed";
    return result;
  }
  const std::string target = "--gpu-architecture=sm_" + architecture;
  const char* options[] = {target.c_str(), "--std=c++20", "-I" GEMMACT_ROOT, "-lineinfo"};
  result.ok = nvrtcCompileProgram(program, 4, options) == NVRTC_SUCCESS;
  size_t size = 0;
  if (nvrtcGetProgramLogSize(program, &size) == NVRTC_SUCCESS && size > 1) {
    result.log.resize(size - 1);
    nvrtcGetProgramLog(program, result.log.data());
    result.log.resize(result.log.find_last_not_of('\0') + 1);
  }
  if (result.ok && nvrtcGetPTXSize(program, &size) == NVRTC_SUCCESS && size > 1) {
    result.ptx.resize(size - 1);
    nvrtcGetPTX(program, result.ptx.data());
  }
  nvrtcDestroyProgram(&program);
  return result;
}

}  // namespace gemmact::ptx_test
