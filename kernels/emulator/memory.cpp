#include "kernels/emulator/memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace gemmact::emulator {

namespace {

constexpr u64 page_bytes = 4096;
constexpr u64 gap_bytes = 1ull << 30;
constexpr unsigned char canary = 0xc5;

const char* verb(access_kind kind) {
  return kind == access_kind::read ? "read" : kind == access_kind::write ? "write" : "atomic";
}

}  // namespace

u32 memory_registry::add(std::string name, const void* memory, u64 bytes, array_use use) {
  const u64 address = reinterpret_cast<u64>(memory);
  for (const global_array& other : arrays_)
    if (address < other.address + other.bytes && other.address < address + bytes)
      throw std::invalid_argument("array " + name + " overlaps array " + other.name + ": arrays are apart");
  arrays_.push_back({std::move(name), address, bytes, use});
  by_address_.push_back(size() - 1);
  std::sort(by_address_.begin(), by_address_.end(),
            [this](u32 a, u32 b) { return arrays_[a].address < arrays_[b].address; });
  return size() - 1;
}

u32 memory_registry::nearest(u64 address) const {
  const auto after = std::upper_bound(by_address_.begin(), by_address_.end(), address,
                                      [this](u64 a, u32 number) { return a < arrays_[number].address; });
  return after == by_address_.begin() ? size() : *(after - 1);
}

bool memory_registry::locate(u64 address, u64 bytes, u32 alignment, access_kind kind, global_range& where) const {
  if (address % alignment != 0) return false;
  if (last_ >= size() || address - arrays_[last_].address >= arrays_[last_].bytes) {
    last_ = nearest(address);
    if (last_ >= size()) return false;
  }
  const global_array& array = arrays_[last_];
  const u64 offset = address - array.address;
  if (offset > array.bytes || bytes > array.bytes - offset) return false;
  if (kind != access_kind::read && array.use == array_use::read_only) return false;
  where = {last_, offset, bytes};
  return true;
}

std::string memory_registry::fault(u64 address, u64 bytes, u32 alignment, access_kind kind) const {
  const std::string what = std::string(verb(kind)) + " of " + std::to_string(bytes) + " bytes";
  const u32 before = nearest(address);
  const auto extent = [](const global_array& a) { return a.name + " (" + std::to_string(a.bytes) + " bytes)"; };
  if (before < size()) {
    const global_array& array = arrays_[before];
    const u64 offset = address - array.address;
    const std::string at = what + " at byte " + std::to_string(offset) + " of " + extent(array);
    if (offset < array.bytes && bytes > array.bytes - offset)
      return at + ": it goes " + std::to_string(offset + bytes - array.bytes) + " bytes past the end";
    if (offset < array.bytes && kind != access_kind::read && array.use == array_use::read_only)
      return at + ": the array may only be read";
    if (offset < array.bytes && address % alignment != 0)
      return at + ": the address must be a multiple of " + std::to_string(alignment);
    if (offset < array.bytes) return at + ": nothing is wrong with it";
  }
  // Outside of every array: the nearest one is likely the one meant.
  const auto next = std::find_if(by_address_.begin(), by_address_.end(),
                                 [&](u32 number) { return arrays_[number].address > address; });
  const u64 past = before < size() ? address - (arrays_[before].address + arrays_[before].bytes) : ~0ull;
  const u64 short_of = next != by_address_.end() ? arrays_[*next].address - address : ~0ull;
  if (past == ~0ull && short_of == ~0ull) return what + ": the launch has no arrays";
  if (past <= short_of)
    return what + ", " + std::to_string(past) + " bytes past the end of " + extent(arrays_[before]) +
           ": in no array of the launch";
  return what + ", " + std::to_string(short_of) + " bytes before the start of " + extent(arrays_[*next]) +
         ": in no array of the launch";
}

guarded_memory::guarded_memory(u64 bytes, u32 misalignment) : bytes_(bytes) {
  if (misalignment >= page_bytes) throw std::invalid_argument("guarded_memory: misalignment must be below 4096");
  const u64 before = canary_bytes + misalignment;
  const u64 inside = (before + bytes + canary_bytes + page_bytes - 1) / page_bytes * page_bytes;
  mapped_ = gap_bytes + inside + gap_bytes;
  void* base = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw std::bad_alloc();
  mapping_ = static_cast<unsigned char*>(base);
  if (mprotect(mapping_ + gap_bytes, inside, PROT_READ | PROT_WRITE) != 0) {
    munmap(mapping_, mapped_);
    throw std::bad_alloc();
  }
  data_ = mapping_ + gap_bytes + before;
  std::memset(mapping_ + gap_bytes, canary, inside);
  poison();
}

guarded_memory::~guarded_memory() {
  if (mapping_) munmap(mapping_, mapped_);
}

guarded_memory::guarded_memory(guarded_memory&& o) noexcept
    : mapping_(std::exchange(o.mapping_, nullptr)), data_(o.data_), mapped_(o.mapped_), bytes_(o.bytes_) {}

guarded_memory& guarded_memory::operator=(guarded_memory&& o) noexcept {
  std::swap(mapping_, o.mapping_);
  std::swap(data_, o.data_);
  std::swap(mapped_, o.mapped_);
  std::swap(bytes_, o.bytes_);
  return *this;
}

void guarded_memory::poison() {
  if (bytes_ != 0) std::memset(data_, 0xff, bytes_);
}

std::string guarded_memory::damage(const std::string& name) const {
  for (u64 i = 1; i <= canary_bytes; i++)
    if (data_[-i64(i)] != canary) return name + ": the byte " + std::to_string(i) + " before its start was overwritten";
  for (u64 i = 0; i < canary_bytes; i++)
    if (data_[bytes_ + i] != canary) return name + ": the byte " + std::to_string(i) + " past its end was overwritten";
  return "";
}

}  // namespace gemmact::emulator
