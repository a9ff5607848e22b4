// What the command equation found, for a person and for a program.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/api/command/equation_check.hpp"
#include "host/api/command/equation_facts.hpp"
#include "host/api/command/equation_probe.hpp"

namespace gemmact::api {

struct compiled_kernel {
  std::string name, architecture;
  uint32_t registers = 0;
  size_t bytes = 0;
  double seconds = 0;  // of which a kernel from the cache takes none
};

struct equation_report {
  const equation_facts& facts;
  probed probe;
  std::vector<checked_quantity> checked;  // empty unless asked for, as the next
  std::vector<compiled_kernel> kernels;
};

bool passed(const equation_report& report);

std::string report_text(const equation_report& report);
std::string report_json(const equation_report& report);

}  // namespace gemmact::api
