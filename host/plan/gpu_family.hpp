// The kernel families of GPUs, from the rows of kernels/families/families.inc.
#pragma once
#include <span>

#include "kernels/families/family.hpp"

namespace gemmact::plan {

// A family's answers (kernels/families/family.hpp says what each is).
struct gpu_family {
  const char* name;
  const char* where;  // which GPUs it runs on
  const char* what;
  std::string (*supports)(const families::layer&, const families::gpu&);
  std::vector<families::candidate> (*candidates)(const families::layer&, const families::gpu&);
  size_t (*workspace_bytes)(const families::layer&, const families::gpu&, const families::candidate&);
  families::launch (*prepare)(const families::run&, families::params_bytes&);
};

// In order of preference: of equally cheap ones the first is taken.
std::span<const gpu_family> gpu_families();

}  // namespace gemmact::plan
