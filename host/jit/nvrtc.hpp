// NVRTC, the run-time compiler, loaded with dlopen: nothing of it is needed to build or to start.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "host/jit/headers.hpp"
#include "host/jit/image.hpp"
#include "host/jit/nvrtc_api.hpp"
#include "host/jit/unit.hpp"

namespace gemmact::jit {

// What is compiled: a unit's text and headers, or one file that has everything (flat_source.hpp).
struct source {
  std::string file;  // the name that line information gives
  std::string text;
  std::vector<header> headers;  // from memory
};

class nvrtc {
 public:
  // Loaded at the first call and never unloaded, one object for the same arguments. `file` empty: libnvrtc.so.13, then .12,
  // where the loader finds them or below /usr/local/cuda; the first whose major version is at most `newest_cuda` (where
  // that is not 0), and without such a one the first. Throws NO_COMPILER, which says what to install.
  static const nvrtc& load(const std::string& file, int newest_cuda = 0);

  const std::string& version() const { return version_; }    // "NVRTC 13.0"
  const std::string& identity() const { return identity_; }  // what tells this one from others, part of a kernel's key
  const std::string& path() const { return path_; }

  bool knows(const std::string& architecture) const;  // "sm_90a"

  // The options of every compile for an architecture, which are part of a kernel's key.
  static std::vector<std::string> options(const std::string& architecture);

  // Throws COMPILE_FAILED for an error, a warning, a spill, a stack frame or a message about a kernel made slower;
  // NO_COMPILER for an architecture that this NVRTC does not know.
  image compile(const unit& unit, const source& source) const;

 private:
  explicit nvrtc(const std::string& file);  // throws NO_COMPILER, without what to install
  static std::unique_ptr<const nvrtc> first_of(const std::string& file, int newest_cuda);
  void check_architecture(const unit& unit) const;
  static void check_result(const unit& unit, nvrtc_result result, const std::string& log);
  static std::string text_of(nvrtc_result (*size_of)(nvrtc_program, size_t*),
                             nvrtc_result (*copy)(nvrtc_program, char*), nvrtc_program program);

  nvrtc_functions call_;
  int major_ = 0;
  std::string version_, identity_, path_;
  std::vector<int> architectures_;  // 75, 80, ...; empty where NVRTC does not tell
};

}  // namespace gemmact::jit
