// Any bytes as a pack and as a kernel's record: refused, or read within the limits that are stated.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "host/core/status.hpp"
#include "host/jit/bytes.hpp"
#include "host/jit/image.hpp"
#include "host/jit/pack_format.hpp"
#include "host/jit/pack_reader.hpp"

namespace {

using namespace gemmact;
using namespace gemmact::jit;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

void check(const image& found, size_t bytes) {
  require(found.name.size() + found.architecture.size() + found.compiler.size() + found.cubin.size() <= bytes,
          "an image is no larger than its file");
}

// A file in memory, by the name that the system has for it.
void as_pack(int file, const std::string& bytes) {
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  require(::ftruncate(file, 0) == 0 && ::pwrite(file, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()),
          "a file");
  try {
    const pack_reader reader(path);
    for (const hash128& key : reader.keys())
      if (const auto result = reader.find(key); result.found) check(*result.found, bytes.size());
  } catch (const core::failure& failure) {
    require(failure.status() == GEMMACT_BAD_FILE, "a refused pack is a bad file");
  }
}

// With its checksum made right: what a hostile writer would do.
void as_record(std::string bytes) {
  constexpr size_t key_at = 16, checksum_at = 40, head_bytes = 56;
  if (bytes.size() < head_bytes) return;
  std::string checksum;
  const std::string_view record = bytes;
  put_hash(checksum, hash_texts({record.substr(0, checksum_at), record.substr(head_bytes)}));
  bytes.replace(checksum_at, checksum.size(), checksum);
  hash128 key;
  byte_reader in(std::string_view(bytes).substr(key_at));
  in.hash(key);
  if (const auto found = read_record(key, bytes)) {
    check(*found, bytes.size());
    const auto again = read_record(key, make_record(key, *found));
    require(again && again->cubin == found->cubin && again->used == found->used, "a record read is a record written");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = [] {
    const int made = ::memfd_create("pack", MFD_CLOEXEC);
    require(made >= 0 && ::fchmod(made, 0600) == 0, "a file in memory");
    return made;
  }();
  std::string bytes(reinterpret_cast<const char*>(data), size);
  as_record(bytes);
  as_pack(file, bytes);
  const size_t index_end = pack_format::header_bytes + 2 * pack_format::row_bytes;
  if (bytes.size() >= index_end) {  // two entries, and the checksum made right
    std::string head(pack_format::magic);
    put_number(head, pack_format::version);
    put_number(head, uint32_t{2});
    put_hash(head, hash_bytes(std::string_view(bytes).substr(pack_format::header_bytes, 2 * pack_format::row_bytes)));
    as_pack(file, bytes.replace(0, head.size(), head));
  }
  return 0;
}
