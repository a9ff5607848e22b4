// Numbers and texts in files: little-endian, and never read past what is there.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/jit/hash128.hpp"

namespace gemmact::jit {

template <class T>
void put_number(std::string& to, T value) {
  for (size_t i = 0; i < sizeof(T); ++i) to += char(uint8_t(value >> (8 * i)));
}

inline void put_hash(std::string& to, const hash128& hash) {
  put_number(to, hash.low);
  put_number(to, hash.high);
}

// Its length as 64 bits, then its bytes.
inline void put_text(std::string& to, std::string_view text) {
  put_number(to, uint64_t{text.size()});
  to += text;
}

// Reads what put_* wrote; false, and no more is read, where the bytes end early or a text is longer than its limit.
class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : left_(bytes) {}

  template <class T>
  bool number(T& value) {
    if (left_.size() < sizeof(T)) return false;
    value = 0;
    for (size_t i = 0; i < sizeof(T); ++i) value |= T(T(uint8_t(left_[i])) << (8 * i));
    left_.remove_prefix(sizeof(T));
    return true;
  }

  bool hash(hash128& value) { return number(value.low) && number(value.high); }

  bool text(std::string& value, size_t limit) {
    uint64_t size = 0;
    if (!number(size) || size > limit || size > left_.size()) return false;
    value.assign(left_.substr(0, size_t(size)));
    left_.remove_prefix(size_t(size));
    return true;
  }

  bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

}  // namespace gemmact::jit
