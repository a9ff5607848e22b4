// What a compiled kernel consists of: its instructions, counted, without a disassembler.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gemmact::test {

// Low 12 bits of an instruction (sm_80 to sm_90a; NVIDIA documents none of this). Arithmetic has one number for each form of
// its operands; these are what tests ask about, and all of them have one form.
enum class opcode : uint16_t {
  ldg = 0x981,
  stg = 0x986,
  ldl = 0x983,
  stl = 0x387,
  stl_uniform = 0x987,
  lds = 0x984,
  sts = 0x388,
  ldsm = 0x83b,       // ldmatrix
  stsm = 0x844,       // stmatrix
  ldgsts = 0xfae,     // cp.async
  ldgdepbar = 0x9af,  // cp.async.commit_group
  depbar = 0x91a,     // cp.async.wait_group
  hmma = 0x23c,
  imma = 0x237,
  qmma = 0x27a,
  hgmma = 0x9f0,  // wgmma of f16, bf16, tf32
  qgmma = 0x9f3,  // wgmma of e4m3, e5m2
  mufu = 0x308,
  bar = 0xb1d,
  call = 0x944,
  call_register = 0x344,
  exit = 0x94d,
  nop = 0x918,
};

class opcode_counts {
 public:
  int operator[](opcode code) const;
  int total() const;  // without padding
  int local_memory() const;
  int calls() const;
  std::map<uint16_t, int> counts;
};

class cubin {
 public:
  explicit cubin(std::string_view bytes);  // throws std::runtime_error for what is no cubin

  int architecture() const { return architecture_; }  // 90 of sm_90 and sm_90a
  std::vector<std::string> kernels() const;
  std::string_view section(const std::string& name) const;  // of the bytes given; empty where there is none
  opcode_counts count(const std::string& kernel) const;     // throws for one that is not there
  int wide(const std::string& kernel,
           opcode code) const;  // those of ldg, stg, lds, sts, ldgsts that move 16 bytes a thread
  // Calls of functions. Not those of the next instruction but one: on sm_80 ptxas lets a warp meet that way.
  int calls(const std::string& kernel) const;

 private:
  struct instruction {
    uint64_t low, high;
  };
  const std::vector<instruction>& code(const std::string& kernel) const;

  int architecture_ = 0;
  std::map<std::string, std::string_view> sections_;
  std::map<std::string, std::vector<instruction>> kernels_;
};

}  // namespace gemmact::test
