// What a PTX text says of each kernel: the statements of its asm blocks, which variable each register holds, and from which
// line of which header each came.
#pragma once
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gemmact::ptx_test {

struct kernel_listing {
  std::vector<std::string> statements;
  std::map<std::string, std::string> source;            // register -> the register that it copies
  std::map<std::string, std::set<std::string>> labels;  // register at the end of such a chain -> variables
  std::set<std::string> locals;                         // names declared in an asm block
};

struct listing {
  std::map<std::string, kernel_listing> kernels;
  std::set<std::pair<std::string, int>> lines;  // (file, line) of every asm block
};

listing parse_listing(const std::string& ptx);

// Empty where the statements are what is expected, else the first difference in words.
std::string difference(const std::vector<std::string>& expected, const kernel_listing& kernel);

}  // namespace gemmact::ptx_test
