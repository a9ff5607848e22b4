// The global arrays that a launch may touch, each with its exact bounds, and guarded memory to put them in.
#pragma once
#include <string>
#include <vector>

#include "kernels/emulator/race_detector.hpp"

namespace gemmact::emulator {

enum class array_use : u8 { read_only, read_write };

struct global_array {
  std::string name;
  u64 address, bytes;
  array_use use;
};

class memory_registry {
 public:
  // Arrays must not overlap. The number of the array, as in global_range.
  u32 add(std::string name, const void* memory, u64 bytes, array_use use);
  const global_array& array(u32 number) const { return arrays_[number]; }
  u32 size() const { return u32(arrays_.size()); }

  // True, and where it lies, if the access is legal: inside one array, aligned to `alignment` (a power of two), and no
  // write or atomic of what is read-only. No memory is allocated.
  bool locate(u64 address, u64 bytes, u32 alignment, access_kind kind, global_range& where) const;
  // What is wrong with an access that locate() refuses.
  std::string fault(u64 address, u64 bytes, u32 alignment, access_kind kind) const;

 private:
  u32 nearest(u64 address) const;  // the last array that starts at or before it; size() if there is none
  std::vector<global_array> arrays_;
  std::vector<u32> by_address_;
  mutable u32 last_ = 0;
};

// Memory between two canaries of 4 KiB, which lie between two gaps of address space where any access faults, so that a wrong
// index reaches no other array. Filled with 0xff: NaN in each type, and an implausible integer.
class guarded_memory {
 public:
  static constexpr u64 canary_bytes = 4096;
  // `misalignment` bytes past a multiple of 4096.
  explicit guarded_memory(u64 bytes, u32 misalignment = 0);
  ~guarded_memory();
  guarded_memory(guarded_memory&&) noexcept;
  guarded_memory& operator=(guarded_memory&&) noexcept;

  unsigned char* data() const { return data_; }
  u64 size() const { return bytes_; }
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data_);
  }
  void poison();  // fills it with 0xff again
  // "" if both canaries are whole, else which byte was overwritten.
  std::string damage(const std::string& name) const;

 private:
  unsigned char* mapping_ = nullptr;
  unsigned char* data_ = nullptr;
  u64 mapped_ = 0, bytes_ = 0;
};

}  // namespace gemmact::emulator
