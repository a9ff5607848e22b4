#include "host/jit/image.hpp"

#include "host/jit/bytes.hpp"

namespace gemmact::jit {
namespace {

constexpr std::string_view record_magic = "gemmkern";
constexpr uint32_t record_version = 1;
// magic, version, zero, key, payload's bytes, checksum of all the rest
constexpr size_t checksum_at = 8 + 4 + 4 + 16 + 8, head_bytes = checksum_at + 16;

hash128 checksum_of(std::string_view record) {
  return hash_texts({record.substr(0, checksum_at), record.substr(head_bytes)});
}

bool read_payload(std::string_view bytes, image& to) {
  byte_reader in(bytes);
  const bool texts = in.text(to.name, max_name_bytes) && in.text(to.architecture, max_name_bytes) &&
                     in.text(to.compiler, max_name_bytes);
  return texts && in.number(to.used.registers) && in.number(to.used.shared_bytes) && in.number(to.used.barriers) &&
         in.text(to.cubin, max_record_bytes) && in.at_end();
}

}  // namespace

std::string make_record(const hash128& key, const image& image) {
  std::string payload;
  put_text(payload, image.name);
  put_text(payload, image.architecture);
  put_text(payload, image.compiler);
  put_number(payload, image.used.registers);
  put_number(payload, image.used.shared_bytes);
  put_number(payload, image.used.barriers);
  put_text(payload, image.cubin);
  std::string record(record_magic);
  put_number(record, record_version);
  put_number(record, uint32_t{0});
  put_hash(record, key);
  put_number(record, uint64_t{payload.size()});
  put_hash(record, {});
  record += payload;
  std::string checksum;
  put_hash(checksum, checksum_of(record));
  record.replace(checksum_at, checksum.size(), checksum);
  return record;
}

std::optional<image> read_record(const hash128& key, std::string_view bytes) {
  if (bytes.size() < head_bytes || bytes.size() > max_record_bytes || !bytes.starts_with(record_magic)) return {};
  byte_reader in(bytes.substr(record_magic.size(), head_bytes - record_magic.size()));
  uint32_t found_version = 0, zero = 0;
  hash128 found_key, checksum;
  uint64_t payload_bytes = 0;
  in.number(found_version), in.number(zero), in.hash(found_key), in.number(payload_bytes), in.hash(checksum);
  if (found_version != record_version || found_key != key || payload_bytes != bytes.size() - head_bytes) return {};
  image result;
  if (checksum != checksum_of(bytes) || !read_payload(bytes.substr(head_bytes), result)) return {};
  return result;
}

}  // namespace gemmact::jit
