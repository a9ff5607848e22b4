#include "tests/support/cubin.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace gemmact::test {
namespace {

// ELF64 little-endian: the few fields that are read, at their offsets.
template <class T>
T at(std::string_view bytes, uint64_t offset) {
  T value;
  if (offset > bytes.size() || bytes.size() - offset < sizeof value)
    throw std::runtime_error("a cubin that ends early");
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view part(std::string_view bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) throw std::runtime_error("a section outside its cubin");
  return bytes.substr(offset, size);
}

struct elf_section {
  uint32_t name;
  std::string_view bytes;
};

constexpr uint32_t no_bits = 8;

std::vector<elf_section> sections_of(std::string_view file) {
  std::vector<elf_section> sections;
  const uint64_t table = at<uint64_t>(file, 0x28);
  const uint16_t row_bytes = at<uint16_t>(file, 0x3a), rows = at<uint16_t>(file, 0x3c);
  for (uint16_t i = 0; i < rows; ++i) {
    const uint64_t row = table + uint64_t{i} * row_bytes;
    const bool empty = at<uint32_t>(file, row + 4) == no_bits;
    sections.push_back(
        {at<uint32_t>(file, row),
         empty ? std::string_view{} : part(file, at<uint64_t>(file, row + 0x18), at<uint64_t>(file, row + 0x20))});
  }
  return sections;
}

}  // namespace

int opcode_counts::operator[](opcode code) const {
  const auto found = counts.find(uint16_t(code));
  return found == counts.end() ? 0 : found->second;
}

int opcode_counts::total() const {
  int sum = 0;
  for (const auto& [code, count] : counts) sum += code == uint16_t(opcode::nop) ? 0 : count;
  return sum;
}

int opcode_counts::local_memory() const {
  return (*this)[opcode::ldl] + (*this)[opcode::stl] + (*this)[opcode::stl_uniform];
}

int opcode_counts::calls() const { return (*this)[opcode::call] + (*this)[opcode::call_register]; }

cubin::cubin(std::string_view bytes) {
  constexpr uint16_t cuda_machine = 190;
  if (!bytes.starts_with("\x7f"
                         "ELF\x02\x01") ||
      at<uint16_t>(bytes, 0x12) != cuda_machine)
    throw std::runtime_error("no cubin");
  architecture_ = int(at<uint32_t>(bytes, 0x30) >> 8 & 0xff);
  const std::vector<elf_section> sections = sections_of(bytes);
  const uint16_t names_index = at<uint16_t>(bytes, 0x3e);
  if (names_index >= sections.size()) throw std::runtime_error("a cubin without names");
  const std::string_view names = sections[names_index].bytes;
  constexpr std::string_view prefix = ".text.";
  for (const elf_section& s : sections) {
    const std::string_view name = names.substr(std::min<size_t>(s.name, names.size()));
    const std::string text(name.substr(0, name.find('\0')));
    sections_[text] = s.bytes;
    if (!text.starts_with(prefix)) continue;
    std::vector<instruction>& code = kernels_[text.substr(prefix.size())];
    for (size_t i = 0; i + 16 <= s.bytes.size(); i += 16)
      code.push_back({at<uint64_t>(s.bytes, i), at<uint64_t>(s.bytes, i + 8)});
  }
}

std::vector<std::string> cubin::kernels() const {
  std::vector<std::string> names;
  for (const auto& [name, code] : kernels_) names.push_back(name);
  return names;
}

std::string_view cubin::section(const std::string& name) const {
  const auto found = sections_.find(name);
  return found == sections_.end() ? std::string_view{} : found->second;
}

const std::vector<cubin::instruction>& cubin::code(const std::string& kernel) const {
  const auto found = kernels_.find(kernel);
  if (found == kernels_.end()) throw std::runtime_error("no kernel " + kernel + " in the cubin");
  return found->second;
}

opcode_counts cubin::count(const std::string& kernel) const {
  opcode_counts result;
  for (const instruction& i : code(kernel)) ++result.counts[uint16_t(i.low & 0xfff)];
  return result;
}

int cubin::wide(const std::string& kernel, opcode wanted) const {
  constexpr uint64_t sixteen_bytes = 6;  // bits 73 to 75: 4, 5, 6 for 4, 8 and 16 bytes
  int count = 0;
  for (const instruction& i : code(kernel))
    count += (i.low & 0xfff) == uint64_t(wanted) && (i.high >> 9 & 7) == sixteen_bytes;
  return count;
}

int cubin::calls(const std::string& kernel) const {
  constexpr uint64_t skips_one = 16;
  int count = 0;
  for (const instruction& i : code(kernel)) {
    const uint64_t number = i.low & 0xfff;
    count +=
        number == uint64_t(opcode::call_register) || (number == uint64_t(opcode::call) && i.low >> 32 != skips_one);
  }
  return count;
}

}  // namespace gemmact::test
