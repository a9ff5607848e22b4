// What the rows of all functions show beside s = W x.
#pragma once
#include <cstdint>
#include <string>

namespace examples {

class row_tally {
 public:
  // A row that ran; `line` is the accuracy of s = W x.
  void take(const std::string& name, double accuracy, double line);
  // One that the device has no kernel for.
  void refuse() { ++refused_; }

  // linear and step are no better than the line, and all others are, of those that ran.
  bool holds() const { return ran_ > 0 && otherwise_ == 0; }
  std::string claim() const;  // which says how many did not run

 private:
  int64_t ran_ = 0, refused_ = 0, otherwise_ = 0;
};

}  // namespace examples
