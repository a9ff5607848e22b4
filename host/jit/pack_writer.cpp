#include "host/jit/pack_writer.hpp"

#include <fcntl.h>

#include "host/core/status.hpp"
#include "host/jit/bytes.hpp"
#include "host/jit/file_descriptor.hpp"
#include "host/jit/pack_format.hpp"

namespace gemmact::jit {

void pack_writer::add(const hash128& key, const image& image) { records_[key] = make_record(key, image); }

void pack_writer::write(const std::string& path) const {
  using namespace pack_format;
  std::string rows, records;
  const uint64_t start = header_bytes + records_.size() * row_bytes;
  for (const auto& [key, record] : records_) {
    put_hash(rows, key);
    put_number(rows, start + records.size());
    put_number(rows, uint64_t{record.size()});
    records += record;
  }
  if (records_.size() > max_entries || start + records.size() > max_file_bytes)
    core::fail(GEMMACT_BAD_FILE, "pack {} cannot be written: {} kernels of {} bytes are more than one pack may hold",
               path, records_.size(), records.size());
  std::string file(magic);
  put_number(file, version);
  put_number(file, uint32_t(records_.size()));
  put_hash(file, hash_bytes(rows));
  file += rows;
  file += records;
  const std::string why = replace_file(AT_FDCWD, path, file, 0644);
  if (!why.empty()) core::fail(GEMMACT_BAD_FILE, "pack {} {}", path, why);
}

}  // namespace gemmact::jit
