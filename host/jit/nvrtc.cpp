#include "host/jit/nvrtc.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "host/core/open_library.hpp"
#include "host/core/status.hpp"
#include "host/jit/compile_log.hpp"

namespace gemmact::jit {
namespace {

constexpr int oldest_version = 1204;  // major * 100 + minor

[[noreturn]] void fail_missing(const std::string& why) {
  core::fail(
      GEMMACT_NO_COMPILER,
      "{}; install NVRTC 12.4 or newer (package cuda-nvrtc-12-x or cuda-nvrtc-13-x, or pip's nvidia-cuda-nvrtc with "
      "GEMMACT_NVRTC set to its libnvrtc.so) or name a pack that holds the kernel in GEMMACT_PACK",
      why);
}

// NVRTC opens its builtins by name alone, which the loader may not find; once they are loaded by path, it does. Says why
// they cannot be loaded; empty where they are.
std::string open_builtins(const std::filesystem::path& library, int major, int minor) {
  const std::string name = fmt::format("libnvrtc-builtins.so.{}.{}", major, minor);
  std::string beside, anywhere;
  if (core::open_library((library.parent_path() / name).string(), beside) != nullptr ||
      core::open_library(name, anywhere) != nullptr)
    return {};
  return fmt::format("NVRTC's {} cannot be loaded ({}, {})", name, beside, anywhere);
}

// "sm_90a" as 90; 0 where it is no architecture.
int number_of(std::string_view architecture) {
  int number = 0;
  if (!architecture.starts_with("sm_")) return 0;
  const auto [end, error] = std::from_chars(architecture.data() + 3, architecture.data() + architecture.size(), number);
  const std::string_view rest(end, size_t(architecture.data() + architecture.size() - end));
  return error == std::errc{} && (rest.empty() || rest == "a" || rest == "f") ? number : 0;
}

}  // namespace

const nvrtc& nvrtc::load(const std::string& file, int newest_cuda) {
  static std::mutex mutex;
  static auto& loaded = *new std::map<std::pair<std::string, int>, std::unique_ptr<const nvrtc>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<const nvrtc>& entry = loaded[{file, newest_cuda}];
  if (!entry) entry = first_of(file, newest_cuda);
  return *entry;
}

// The code of a compiler of a newer major version than the driver's is one that the driver may refuse.
std::unique_ptr<const nvrtc> nvrtc::first_of(const std::string& file, int newest_cuda) {
  std::vector<std::string> candidates{"libnvrtc.so.13", "libnvrtc.so.12", "/usr/local/cuda/lib64/libnvrtc.so"};
  if (!file.empty()) candidates = {file};
  std::unique_ptr<const nvrtc> newer;
  std::string reasons;
  for (const std::string& candidate : candidates) {
    try {
      std::unique_ptr<const nvrtc> opened(new nvrtc(candidate));
      if (newest_cuda == 0 || opened->major_ <= newest_cuda) return opened;
      if (!newer) newer = std::move(opened);
    } catch (const core::failure& failure) {
      reasons += fmt::format("{}{}", reasons.empty() ? "" : ", ", failure.message());
    }
  }
  if (!newer) fail_missing(reasons);
  return newer;
}

nvrtc::nvrtc(const std::string& file) {
  std::string why;
  const auto close = [](void* opened) { ::dlclose(opened); };
  std::unique_ptr<void, decltype(close)> library(core::open_library(file, why), close);
  const auto refuse = [](const std::string& words) { core::fail(GEMMACT_NO_COMPILER, "{}", words); };
  if (!library) refuse(fmt::format("NVRTC cannot be loaded ({})", why));
#define GEMMACT_NVRTC_LOOK_UP(name, arguments) \
  call_.name = reinterpret_cast<decltype(call_.name)>(::dlsym(library.get(), "nvrtc" #name));
  GEMMACT_NVRTC_FUNCTIONS(GEMMACT_NVRTC_LOOK_UP)
#undef GEMMACT_NVRTC_LOOK_UP
  int minor = 0;
  if (call_.Version == nullptr || call_.Version(&major_, &minor) != nvrtc_success)
    refuse(fmt::format("{} is no NVRTC", file));
  if (major_ * 100 + minor < oldest_version) refuse(fmt::format("NVRTC {}.{} is too old", major_, minor));
#define GEMMACT_NVRTC_CHECK(name, arguments) \
  if (call_.name == nullptr) refuse(fmt::format("NVRTC {}.{} has no function nvrtc" #name, major_, minor));
  GEMMACT_NVRTC_FUNCTIONS(GEMMACT_NVRTC_CHECK)
#undef GEMMACT_NVRTC_CHECK
  Dl_info place{};
  std::error_code error;
  std::filesystem::path path;
  if (::dladdr(reinterpret_cast<void*>(call_.Version), &place) != 0 && place.dli_fname != nullptr)
    path = std::filesystem::canonical(place.dli_fname, error);
  why = open_builtins(path, major_, minor);
  if (!why.empty()) refuse(why);
  version_ = fmt::format("NVRTC {}.{}", major_, minor);
  path_ = path.string();
  // Updates of one version differ in their code and not in what nvrtcVersion says.
  const auto bytes = std::filesystem::file_size(path, error);
  identity_ = fmt::format("{} of {} bytes", version_, error ? 0 : bytes);
  int count = 0;
  if (call_.GetNumSupportedArchs(&count) == nvrtc_success && count > 0) {
    architectures_.resize(size_t(count));
    if (call_.GetSupportedArchs(architectures_.data()) != nvrtc_success) architectures_.clear();
  }
  static_cast<void>(library.release());  // never unloaded
}

bool nvrtc::knows(const std::string& architecture) const {
  return architectures_.empty() ||
         std::count(architectures_.begin(), architectures_.end(), number_of(architecture)) > 0;
}

std::vector<std::string> nvrtc::options(const std::string& architecture) {
  // An activation's members for the host alone (its bounds and rules) have no annotation: unused, they become no code.
  return {"--gpu-architecture=" + architecture,
          "--std=c++20",
          "--device-as-default-execution-space",
          "-lineinfo",
          "--ptxas-options=-v",
          "--ptxas-options=--warn-on-spills"};
}

image nvrtc::compile(const unit& unit, const source& source) const {
  check_architecture(unit);
  std::vector<std::string> header_texts, include_names;
  std::vector<const char*> texts, names, options;
  for (const header& h : source.headers) {  // terminated copies
    header_texts.emplace_back(h.text);
    include_names.emplace_back(h.name);
  }
  for (const std::string& text : header_texts) texts.push_back(text.c_str());
  for (const std::string& name : include_names) names.push_back(name.c_str());
  const std::vector<std::string> option_texts = nvrtc::options(unit.architecture);
  for (const std::string& option : option_texts) options.push_back(option.c_str());

  nvrtc_program program = nullptr;
  const auto destroy = [this](nvrtc_program* p) { call_.DestroyProgram(p); };
  if (call_.CreateProgram(&program, source.text.c_str(), source.file.c_str(), int(texts.size()), texts.data(),
                          names.data()) != nvrtc_success)
    core::fail(GEMMACT_COMPILE_FAILED, "kernel {}: nvrtcCreateProgram refuses its text", unit.name);
  const std::unique_ptr<nvrtc_program, decltype(destroy)> owner(&program, destroy);
  const nvrtc_result result = call_.CompileProgram(program, int(options.size()), options.data());
  std::string log = text_of(call_.GetProgramLogSize, call_.GetProgramLog, program);
  log.resize(std::min(log.find('\0'), log.size()));
  check_result(unit, result, log);
  image made{.name = unit.name, .architecture = unit.architecture, .compiler = version_, .used = {}, .cubin = {}};
  if (!read_resources(log, made.used))
    core::fail(GEMMACT_COMPILE_FAILED, "kernel {} for {}: ptxas says nothing of its registers", unit.name,
               unit.architecture);
  made.cubin = text_of(call_.GetCUBINSize, call_.GetCUBIN, program);
  if (made.cubin.empty() || made.cubin.size() > max_record_bytes / 2)
    core::fail(GEMMACT_COMPILE_FAILED, "kernel {} for {}: a cubin of {} bytes", unit.name, unit.architecture,
               made.cubin.size());
  return made;
}

void nvrtc::check_architecture(const unit& unit) const {
  if (number_of(unit.architecture) == 0)
    core::fail(GEMMACT_INTERNAL, "kernel {}: \"{}\" is no architecture such as sm_90a", unit.name, unit.architecture);
  if (knows(unit.architecture)) return;
  std::string known;
  for (const int architecture : architectures_)
    known += fmt::format("{}sm_{}", known.empty() ? "" : ", ", architecture);
  fail_missing(fmt::format("{} cannot compile for {}, only for {}", version_, unit.architecture, known));
}

void nvrtc::check_result(const unit& unit, nvrtc_result result, const std::string& log) {
  if (result == nvrtc_out_of_memory)
    core::fail(GEMMACT_OUT_OF_MEMORY, "kernel {} for {}: NVRTC has no memory left", unit.name, unit.architecture);
  std::string said = complaints(log);
  if (result == nvrtc_success && said.empty()) return;
  if (said.empty()) said = log.substr(0, log.find('\n'));
  if (result != nvrtc_success)
    core::fail(GEMMACT_COMPILE_FAILED, "kernel {} for {} does not compile (NVRTC's result {}): {}", unit.name,
               unit.architecture, int(result), said);
  core::fail(GEMMACT_COMPILE_FAILED, "kernel {} for {} does not compile cleanly: {}", unit.name, unit.architecture,
             said);
}

std::string nvrtc::text_of(nvrtc_result (*size_of)(nvrtc_program, size_t*), nvrtc_result (*copy)(nvrtc_program, char*),
                           nvrtc_program program) {
  size_t bytes = 0;
  if (size_of(program, &bytes) != nvrtc_success || bytes == 0) return {};
  std::string text(bytes, '\0');
  return copy(program, text.data()) == nvrtc_success ? text : std::string{};
}

}  // namespace gemmact::jit
