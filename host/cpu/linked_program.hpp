// A program of an equation made ready for one instruction set: each step is a call of a loop over a block of values, which
// stay in the first-level cache from step to step.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/core/made_function.hpp"
#include "host/cpu/isa_abi.hpp"

namespace gemmact::cpu {

class linked_program {
 public:
  linked_program() = default;
  // `each`: bit p says that parameter p has a value for every element. Throws core::failure for what no loop computes.
  linked_program(const core::program& program, const gemmact_isa::isa& isa, bool fast, uint32_t each);

  // As a gemmact_isa::map_fn. Allocates nothing.
  void operator()(const float* const* params, const float* in, float* out, size_t count) const;

 private:
  friend class program_linker;

  // Where the values of a step lie: at an offset from one of the bases that a block has.
  enum base : uint8_t { registers, output, argument, numbers, first_param, bases = first_param + core::max_params };
  struct place {
    base from = registers;
    uint32_t offset = 0;
  };
  struct step {
    gemmact_isa::operation_fn operation = nullptr;  // else:
    gemmact_isa::map_fn call = nullptr;             // from[0] is the argument, what follows are parameters
    bool once = false;                              // all sources are one number for all
    uint8_t count = 0;
    place to;
    std::array<place, 1 + core::max_params> from{};
  };

  std::vector<step> steps_;
  std::vector<float> numbers_;
  uint32_t each_ = 0;
  size_t block_ = 0;  // values
};

}  // namespace gemmact::cpu
