// Kernels compiled ahead of time, for machines that have no compiler.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/core/problem.hpp"
#include "host/jit/compiler_options.hpp"
#include "host/plan/gpu_family.hpp"

namespace gemmact::plan {

struct packed_kernel {
  std::string name, architecture;
  uint32_t registers = 0;  // a thread
  size_t bytes = 0;        // of code
};

// Compiles the kernel that each problem would take on a GPU of each architecture (80, 90, …), and writes them to the file
// `path`. Returns them, each once. Throws NOT_SUPPORTED with each family's reason, BAD_FILE, and what compiling throws.
std::vector<packed_kernel> make_pack(std::span<const core::problem> problems, std::span<const int> architectures,
                                     const std::string& path, std::span<const gpu_family> families,
                                     const jit::compiler_options& options);

// The same kernels, compiled (or found in the cache) and written nowhere.
std::vector<packed_kernel> compile_kernels(std::span<const core::problem> problems, std::span<const int> architectures,
                                           std::span<const gpu_family> families, const jit::compiler_options& options);

// What a pack holds. Throws BAD_FILE.
std::vector<packed_kernel> list_pack(const std::string& path);

// "sm_90" and "sm_90a" alike as 90: a family knows which of its kernels are for one architecture alone. Throws BAD_DEVICE.
int architecture_number(std::string_view text);

}  // namespace gemmact::plan
