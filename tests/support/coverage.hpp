// What became of the problems that a suite gave its device, by operation and combine ("input_grad.gated"; "input_grad_below"
// where the gradient of the layer below is in it), so that none of them can be refused altogether unnoticed.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace gemmact::test {

enum class outcome {
  covered,
  refused,      // by the library: no kernel of the device takes it
  not_sampled,  // the library takes it, by a kernel that the emulated GPU is not built with
};

class coverage {
 public:
  void count(const std::string& operation, const std::string& combine, outcome what);
  int64_t counted(outcome what) const;
  std::string table() const;
  // Of "covered:200,input_grad:20,maxout:5,weight_grad.gated:1", what is covered less often, in words; "" where nothing is.
  // Throws std::invalid_argument where such a list has a name or number that means nothing.
  std::string shortfall(std::string_view least) const;

 private:
  using counts = std::array<int64_t, 3>;
  int64_t covered(std::string_view name) const;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, counts> rows_;
};

}  // namespace gemmact::test
