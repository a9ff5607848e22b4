// Tables of wrong calls, each with its exact status and a part of its message.
#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/host/sample_layer.hpp"

namespace gemmact::test {

// A problem that is right but for one change.
struct problem_misuse {
  std::string name;
  sample_layer layer;
  std::function<void(sample_layer&)> spoil;  // after the layer has been linked
  gemmact_status status;
  std::string says;
};
std::vector<problem_misuse> problem_misuses();

// A run of a right plan but for one change.
struct run_misuse {
  std::string name;
  sample_layer layer;
  std::function<void(sample_run&)> spoil;
  gemmact_status status;
  std::string says;
  bool allowed = false;  // a neighbour of a mistake that must be accepted
};
std::vector<run_misuse> run_misuses();

// Any other call, with what it returned; the message is read right after it.
struct call_misuse {
  std::string name;
  std::function<gemmact_status()> call;
  gemmact_status status;
  std::string says;
};
std::vector<call_misuse> call_misuses(gemmact_context* context);
std::vector<call_misuse> gpu_misuses();

}  // namespace gemmact::test
