// What a person sees while it works: lines that stay, and one that says how far it is.
#pragma once
#include <chrono>
#include <string>

namespace gemmact_bench {

// On a terminal the progress is one line that is written over; elsewhere it is a line now and then.
class console {
 public:
  console();
  void say(const std::string& line);
  // The last word of a verdict coloured, where colours are wanted.
  void say_row(const std::string& line, const std::string& verdict);
  void progress(const std::string& text);

 private:
  using clock = std::chrono::steady_clock;
  void clear();
  bool terminal_, colours_, shown_ = false;
  clock::time_point last_;
};

}  // namespace gemmact_bench
