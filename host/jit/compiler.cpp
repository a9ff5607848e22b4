#include "host/jit/compiler.hpp"

#include <fmt/format.h>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>

#include "host/core/status.hpp"
#include "host/jit/file_descriptor.hpp"
#include "host/jit/flat_source.hpp"

namespace gemmact::jit {
namespace {

compiler_options with_headers(compiler_options options) {
  if (options.headers.empty()) options.headers.assign(embedded_headers().begin(), embedded_headers().end());
  return options;
}

void append_note(std::string& note, const std::string& text) {
  if (!text.empty() && note.find(text) == note.npos) note += fmt::format("{}{}", note.empty() ? "" : "; ", text);
}

template <class T>
bool is_ready(const std::shared_future<T>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

const char* name_of(origin from) {
  switch (from) {
    case origin::compiled:
      return "compiled";
    case origin::memory:
      return "memory";
    case origin::disk:
      return "disk";
    case origin::pack:
      return "pack";
  }
  return "";
}

compiler::compiler(compiler_options options)
    : options_(with_headers(std::move(options))),
      headers_hash_(headers_hash(options_.headers)),
      disk_(options_.cache_dir, options_.cache_bytes, options_.cache_off_reason) {
  for (const std::string& path : options_.packs) add_pack(path);
}

void compiler::add_pack(const std::string& path) {
  auto pack = std::make_shared<const pack_reader>(path);
  const std::unique_lock lock(packs_mutex_);
  packs_.push_back(std::move(pack));
}

hash128 compiler::pack_key(const unit& unit) const {
  std::string options;
  for (const std::string& option : nvrtc::options(unit.architecture)) options += option + "\n";
  return hash_texts({unit.name, unit.text, unit.architecture, headers_hash_.text(), options});
}

const nvrtc& compiler::library() const { return nvrtc::load(options_.nvrtc, options_.newest_cuda); }

bool compiler::compiles_for(const std::string& architecture) const {
  try {
    return library().knows(architecture);
  } catch (const core::failure& failure) {
    if (failure.status() != GEMMACT_NO_COMPILER) throw;
    return false;
  }
}

std::shared_ptr<const binary> compiler::get(const unit& unit) { return look_up(unit, true, nullptr); }

std::shared_ptr<const binary> compiler::find(const unit& unit, std::string* note) { return look_up(unit, false, note); }

std::shared_ptr<const binary> compiler::look_up(const unit& unit, bool may_compile, std::string* note) {
  const auto start = std::chrono::steady_clock::now();
  check_unit_name(unit.name);
  const hash128 key = pack_key(unit);
  std::promise<kept> promise;
  std::shared_future<kept> shared;
  bool first = false;
  {
    const std::lock_guard lock(memory_mutex_);
    const auto found = memory_.find(key);
    first = found == memory_.end() && may_compile;
    if (first) memory_[key] = promise.get_future().share();
    if (found != memory_.end() && (may_compile || is_ready(found->second))) shared = found->second;
  }
  if (shared.valid()) {
    const kept& there = shared.get();
    if (note != nullptr) append_note(*note, there.note);
    return std::make_shared<const binary>(binary{there.code, origin::memory, milliseconds_since(start), there.note});
  }
  kept made;
  origin from = origin::compiled;
  try {
    made = search(unit, key, may_compile, from);
  } catch (...) {
    if (!first) throw;
    {
      const std::lock_guard lock(memory_mutex_);
      memory_.erase(key);
    }
    promise.set_exception(std::current_exception());
    throw;
  }
  if (first) promise.set_value(made);
  if (note != nullptr) append_note(*note, made.note);
  if (!made.code) return nullptr;
  return std::make_shared<const binary>(binary{made.code, from, milliseconds_since(start), made.note});
}

compiler::kept compiler::search(const unit& unit, const hash128& key, bool may_compile, origin& from) {
  kept result;
  const bool dumping = !options_.dump_dir.empty();
  if (!dumping) {
    from = origin::pack;
    result.code = from_packs(unit, key, result.note);
    if (result.code) return result;
  }
  const nvrtc* library = nullptr;
  try {
    library = &this->library();
  } catch (const core::failure& failure) {
    if (!may_compile) return result;
    const char* where = dumping ? "must be compiled, because GEMMACT_DUMP_SOURCE is set" : "is in no pack";
    throw core::failure(failure.status(),
                        fmt::format("kernel {} for {} {}{}: {}", unit.name, unit.architecture, where,
                                    result.note.empty() ? "" : " (" + result.note + ")", failure.message()));
  }
  const source source = dumping ? flat(unit, may_compile) : jit::source{unit.name + ".cu", unit.text, options_.headers};
  const hash128 disk_key = hash_texts({key.text(), library->identity(), dumping ? source.file : ""});
  from = origin::disk;
  std::string why;
  if (std::optional<image> found = disk_.read(disk_key, why)) {
    result.code = std::make_shared<const image>(*std::move(found));
    return result;
  }
  append_note(result.note, why);
  if (!may_compile) return result;
  from = origin::compiled;
  result.code = std::make_shared<const image>(library->compile(unit, source));
  disk_.write(disk_key, *result.code, result.note);
  return result;
}

std::shared_ptr<const image> compiler::from_packs(const unit& unit, const hash128& key, std::string& note) const {
  const std::shared_lock lock(packs_mutex_);
  for (const auto& pack : packs_) {
    pack_reader::result result = pack->find(key);
    if (result.state == pack_reader::lookup::damaged)
      append_note(note, fmt::format("pack {} is damaged where it has kernel {}", pack->path(), unit.name));
    if (result.found) return std::make_shared<const image>(*std::move(result.found));
  }
  return nullptr;
}

source compiler::flat(const unit& unit, bool write) const {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::absolute(options_.dump_dir, error).lexically_normal();
  const std::string path = (folder / (unit.name + ".cu")).string();
  source flat{path, flat_source(unit, options_.headers), {}};
  const std::string why = write ? replace_file(AT_FDCWD, path, flat.text, 0644) : std::string{};
  if (!why.empty()) core::fail(GEMMACT_BAD_FILE, "GEMMACT_DUMP_SOURCE: {} {}", path, why);
  return flat;
}

std::string compiler::describe() {
  std::string text;
  try {
    text = fmt::format("compiler: {} ({})\n", library().version(), library().path());
  } catch (const core::failure& failure) {
    text = fmt::format("compiler: none: {}\n", failure.message());
  }
  text += fmt::format("kernel cache: {}\n", disk_.describe());
  const std::shared_lock lock(packs_mutex_);
  for (const auto& pack : packs_) text += fmt::format("pack: {}, {} kernels\n", pack->path(), pack->size());
  return text;
}

}  // namespace gemmact::jit
