// What the text of a unit (host/jit/unit.hpp) means here: a kernel of the table, the steps of its chain, its function.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "kernels/base/config.hpp"
#include "tests/support/emulated_gpu/any_gradient.hpp"

namespace gemmact::emulated_gpu {

std::string without_spaces(std::string_view text);

// The parts between the commas of a list, those within brackets left together.
std::vector<std::string> split_list(const std::string& list);

struct step_row;
struct function_row;

// A kernel compiled for the emulator, with any_chain for its chain.
struct kernel_row {
  std::string type;  // without spaces; any_chain in place of the chain
  u32 threads, shared_bytes, params_bytes;
  void (*run)(const void* params);
};

// Adds rows to the table while the module is loaded: one namespace-scope object of it in each file of kernels.
struct add_kernels {
  explicit add_kernels(const std::vector<kernel_row>& rows);
};

template <class Kernel>
kernel_row kernel_row_of(const char* text) {
  return {without_spaces(text), Kernel::threads, Kernel::shared_bytes, u32(sizeof(typename Kernel::params)),
          [](const void* params) { Kernel::run(*static_cast<const typename Kernel::params*>(params)); }};
}
// One row: the kernel's type as the family's host code writes it.
#define GEMMACT_EMULATED_KERNEL(...) ::gemmact::emulated_gpu::kernel_row_of<__VA_ARGS__>(#__VA_ARGS__)

struct unit_head {
  std::string name;
  u32 params_bytes = 0;  // as the host believes
};
unit_head read_head(const std::string& unit_text);

struct program {
  std::string name;          // of the kernel, as a profiler shows it
  std::string architecture;  // that it was compiled for: "sm_90a"
  const kernel_row* kernel = nullptr;
  std::vector<const step_row*> steps, product_steps;  // of the chain; of its each_product
  const function_row* function = nullptr;
  gradient_parts gradient;  // of backward's step
};

// Of the table's rows.
std::vector<std::string> kernel_types();

// Throws std::invalid_argument for a text that real NVRTC would refuse, or that has what no table here has. A kernel's whole
// type, its chain included, may be a row of its own; else the chain's steps and function are looked up.
program read_program(const std::string& unit_text);

}  // namespace gemmact::emulated_gpu
