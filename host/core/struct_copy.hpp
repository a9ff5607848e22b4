// Structs of the C interface carry their size. A caller built with an older header passes a smaller struct, whose missing
// fields count as zero; one built with a newer header passes a larger one, which is accepted when all that this library
// does not know of is zero.
#pragma once
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "host/core/status.hpp"

namespace gemmact::core {

// A struct larger than this beyond what is known is not believed to be one, and not read.
inline constexpr size_t max_unknown_bytes = 4096;

// Fails unless `bytes` is one of the sizes that `what` has had (the last is today's), or a believable larger one.
inline void check_known_size(const char* what, const char* field, size_t bytes, std::initializer_list<size_t> known) {
  const size_t today = *(known.end() - 1);
  for (size_t size : known)
    if (bytes == size) return;
  if (bytes < today || bytes - today > max_unknown_bytes)
    fail(GEMMACT_STRUCT_SIZE, "{} is {}, but {} has {} bytes in this library", field, bytes, what, today);
}

// For a struct that the library reads: what a larger one has beyond must be zero.
inline void check_struct_size(const char* what, const char* field, const void* given, size_t bytes,
                              std::initializer_list<size_t> known) {
  check_known_size(what, field, bytes, known);
  const size_t today = *(known.end() - 1);
  const auto* tail = static_cast<const unsigned char*>(given);
  for (size_t i = today; i < bytes; ++i)
    if (tail[i] != 0)
      fail(GEMMACT_STRUCT_SIZE, "{} is {}, and byte {} of {} is set, which belongs to a field newer than this library",
           field, bytes, i, what);
}

// The struct at `given` (of `bytes` bytes, checked), missing fields 0.
template <class Struct>
Struct copy_struct(const void* given, size_t bytes) {
  Struct out{};
  std::memcpy(static_cast<void*>(&out), given, bytes < sizeof out ? bytes : sizeof out);
  return out;
}

// The struct_bytes at the head of a caller's struct.
inline size_t struct_bytes_of(const void* given) {
  size_t bytes;
  std::memcpy(&bytes, given, sizeof bytes);
  return bytes;
}

// For a struct that the library fills: writes as much of `value` as the caller's has, and its size as the caller gave it.
// What a newer header has beyond is left alone. `known`: the sizes that it has had, each up to the first field added
// later; the last is sizeof(Struct).
template <class Struct>
void fill_struct(const char* what, void* out, Struct value, std::initializer_list<size_t> known) {
  const size_t bytes = struct_bytes_of(out);
  check_known_size(what, "struct_bytes", bytes, known);
  value.struct_bytes = bytes;
  std::memcpy(out, static_cast<const void*>(&value), bytes < sizeof value ? bytes : sizeof value);
}

// A text into a struct's array, cut where it is too long, always ended by 0.
template <size_t Size>
void copy_text(char (&to)[Size], std::string_view text) {
  size_t length = text.copy(to, Size - 1);
  to[length] = 0;
}

// A text into a caller's buffer of *bytes characters, the final 0 included, cut where it is too long; *bytes becomes the
// number needed. Fails with GEMMACT_BUFFER_TOO_SMALL after cutting, but not for a buffer of 0.
inline void write_text(std::string_view text, char* to, size_t* bytes) {
  const size_t room = *bytes, needed = text.size() + 1;
  *bytes = needed;
  if (room == 0) return;
  to[text.copy(to, room - 1)] = 0;
  if (room < needed) fail(GEMMACT_BUFFER_TOO_SMALL, "bytes is {}; the text needs {}", room, needed);
}

}  // namespace gemmact::core
