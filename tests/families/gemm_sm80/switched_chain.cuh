// Every chain of steps as one, whose steps are switched on at run time from the layer; each step is the real one.
#pragma once
#include "kernels/epilogue/epilogue.cuh"
#include "kernels/families/family.hpp"
#include "tests/families/gemm_sm80/any_function.hpp"

namespace gemmact::test {

inline bool step_is_on[32];

// A step that is applied if its switch is on. `number` sets equal steps apart, too.
template <int number, class Step>
struct switched {
  Step step;
  GEMMACT_FN void begin(const epilogue::params& p, u32 col, u32 valid) requires requires(Step s) {
    s.begin(p, col, valid);
  }
  {
    if (step_is_on[number]) step.begin(p, col, valid);
  }
  GEMMACT_FN void apply(const epilogue::params& p, tile::strip& s) {
    if (step_is_on[number]) step.apply(p, s);
  }
};

// The three types of a step are switches `first`, first + 1, first + 2.
template <int first, template <class> class Step>
struct each_type {
  using f32 = switched<first, Step<float>>;
  using f16 = switched<first + 1, Step<f16_bits>>;
  using bf16 = switched<first + 2, Step<bf16_bits>>;
};

// Compiled once, not for each kernel.
class switched_chain {
 public:
  void begin(const epilogue::params& p, u32 col, u32 valid);
  void apply(const epilogue::params& p, tile::strip& s);

  static constexpr int column = 0, row = 3, scalar = 6, each = 9, keep_z = 12, keep_output = 15, residual = 18;
  static constexpr int store = 21, bit = 24, function = 25;

 private:
  template <int first, template <class> class Step>
  using f32 = each_type<first, Step>::f32;
  template <int first, template <class> class Step>
  using f16 = each_type<first, Step>::f16;
  template <int first, template <class> class Step>
  using bf16 = each_type<first, Step>::bf16;
  epilogue::chain<
      f32<column, epilogue::bias_per_column>, f16<column, epilogue::bias_per_column>,
      bf16<column, epilogue::bias_per_column>, f32<row, epilogue::bias_per_row>, f16<row, epilogue::bias_per_row>,
      bf16<row, epilogue::bias_per_row>, f32<scalar, epilogue::bias_scalar>, f16<scalar, epilogue::bias_scalar>,
      bf16<scalar, epilogue::bias_scalar>, f32<each, epilogue::bias_each>, f16<each, epilogue::bias_each>,
      bf16<each, epilogue::bias_each>, f32<keep_z, epilogue::keep>, f16<keep_z, epilogue::keep>,
      bf16<keep_z, epilogue::keep>, switched<bit, epilogue::keep_bit<any_function>>,
      switched<function, epilogue::activate<any_function>>, f32<keep_output, epilogue::keep>,
      f16<keep_output, epilogue::keep>, bf16<keep_output, epilogue::keep>, f32<residual, epilogue::residual>,
      f16<residual, epilogue::residual>, bf16<residual, epilogue::residual>, f32<store, epilogue::store>,
      f16<store, epilogue::store>, bf16<store, epilogue::store>>
      steps_;
};

// The steps that the layer's formula asks for.
void choose_chain(const families::layer&);

}  // namespace gemmact::test
