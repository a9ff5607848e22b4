// From a unit's text to a cubin: memory, then packs, then the disk cache, then NVRTC.
#pragma once
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "host/jit/compiler_options.hpp"
#include "host/jit/disk_cache.hpp"
#include "host/jit/image.hpp"
#include "host/jit/nvrtc.hpp"
#include "host/jit/pack_reader.hpp"
#include "host/jit/unit.hpp"

namespace gemmact::jit {

enum class origin { compiled, memory, disk, pack };
const char* name_of(origin from);  // "compiled", "memory", ...

struct binary {
  std::shared_ptr<const image> code;  // the same object for every get() of a unit
  origin from = origin::compiled;
  double milliseconds = 0;  // this call took, or what it waited for
  std::string note;         // why the disk or a pack did not serve or keep it; usually empty
};

// Thread-safe: one compile a unit, however many threads ask at once. A failure is not kept; the next call tries again.
class compiler {
 public:
  // Throws BAD_FILE for a pack that is missing or damaged. Loads no NVRTC and touches no directory yet.
  explicit compiler(compiler_options options = compiler_options::from_environment());

  // Never null. Throws NO_COMPILER where the unit is nowhere and NVRTC is not here, COMPILE_FAILED with the compiler's
  // words, BAD_FILE where the dump cannot be written.
  std::shared_ptr<const binary> get(const unit& unit);

  // As get(), but null where a compile would be needed: what explain may call. `note` gets the binary's, in addition to
  // what it has, and also where there is none.
  std::shared_ptr<const binary> find(const unit& unit, std::string* note = nullptr);

  // Whether NVRTC is here and knows an architecture ("sm_90a"). Loads NVRTC.
  bool compiles_for(const std::string& architecture) const;

  // Throws BAD_FILE. Looked at after those already there.
  void add_pack(const std::string& path);

  // What a pack names a unit by: text, headers, architecture and options, so that any compiler's output serves.
  hash128 pack_key(const unit& unit) const;

  const hash128& kernels_hash() const { return headers_hash_; }  // of all that kernels are made from

  // Lines "what: where, or why not" of NVRTC, the disk cache and each pack. Loads NVRTC.
  std::string describe();

 private:
  // What memory holds of a unit: the note stays with the kernel for as long as the process lives.
  struct kept {
    std::shared_ptr<const image> code;
    std::string note;
  };

  std::shared_ptr<const binary> look_up(const unit& unit, bool may_compile, std::string* note);
  const nvrtc& library() const;
  kept search(const unit& unit, const hash128& key, bool may_compile, origin& from);
  std::shared_ptr<const image> from_packs(const unit& unit, const hash128& key, std::string& note) const;
  source flat(const unit& unit, bool write) const;  // of GEMMACT_DUMP_SOURCE

  const compiler_options options_;
  const hash128 headers_hash_;
  disk_cache disk_;
  mutable std::shared_mutex packs_mutex_;
  std::vector<std::shared_ptr<const pack_reader>> packs_;
  std::mutex memory_mutex_;
  std::map<hash128, std::shared_future<kept>> memory_;
};

}  // namespace gemmact::jit
