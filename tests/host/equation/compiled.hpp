// The structs of sample_equations.inc as the C++ compiler compiles them: a module for the CPU's side of kernels/arch/math
// and one for the GPU's through emulated instructions, each with nothing of the other in it.
#pragma once
#include <cstdint>

extern "C" {

// Null: the struct has no such member. `p`: its parameters.
struct gemmact_compiled_members {
  float (*value)(const float* p, float x);
  float (*grad)(const float* p, float x);
  float (*grad_from_output)(const float* p, float y);
  bool (*bit)(const float* p, float x);
  float (*grad_from_bit)(const float* p, bool bit);
  float (*param_grad)(const float* p, int i, float x);
};

struct gemmact_compiled_equation {
  const char *type, *text;
  gemmact_compiled_members by[2];  // by gemmact_accuracy
};

// `equations`: the rows, in the order of the samples; `instructions_off`: from now on each emulated instruction is off by
// all that is documented, one way or the other as drawn from its operand and the seed (0: by nothing).
struct gemmact_compiled_equations {
  const gemmact_compiled_equation* equations;
  int count;
  bool emulated;
  void (*instructions_off)(uint64_t seed);
};

// What a module exports: gemmact_compiled_equations_here.
using gemmact_compiled_equations_fn = const gemmact_compiled_equations* (*)();
}
