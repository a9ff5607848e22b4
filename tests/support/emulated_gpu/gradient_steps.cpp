// The rows of steps whose parts are put together at run time: backward's, and the gate.
#include "tests/support/emulated_gpu/any_gradient.hpp"
#include "tests/support/emulated_gpu/step_row_of.hpp"

namespace gemmact::emulated_gpu {

std::vector<step_row> gradient_step_rows() {
  // clang-format off
#define ROW(...) step_row_of<epilogue::__VA_ARGS__, true>("epilogue::" #__VA_ARGS__),
#define SUMMED(...) epilogue::summed<__VA_ARGS__>
#define OF_NUMBERS(summed, step, ...) ROW(step<any_function<4>, __VA_ARGS__, epilogue::sources<>, summed>)
#define OF_ONE(summed, step, ...) ROW(step<any_function<1>, __VA_ARGS__, epilogue::sources<any_source>, summed>)
#define OF_TWO(summed, step, ...) \
  ROW(step<any_function<2>, __VA_ARGS__, epilogue::sources<any_source, any_source>, summed>)
#define OF_FOUR(summed, step, ...) \
  ROW(step<any_function<4>, __VA_ARGS__, epilogue::sources<any_source, any_source, any_source, any_source>, summed>)
// Sums of these products; and of the parameters that a function may have of as many.
#define SUMS_OF(products, ...) \
  OF_NUMBERS(SUMMED(products), __VA_ARGS__) OF_ONE(SUMMED(products), __VA_ARGS__) \
  OF_TWO(SUMMED(products), __VA_ARGS__) OF_FOUR(SUMMED(products), __VA_ARGS__) \
  OF_NUMBERS(SUMMED(products, 0), __VA_ARGS__) OF_ONE(SUMMED(products, 0), __VA_ARGS__) \
  OF_NUMBERS(SUMMED(products, 0, 1), __VA_ARGS__) OF_TWO(SUMMED(products, 0, 1), __VA_ARGS__) \
  OF_FOUR(SUMMED(products, 0, 1, 2), __VA_ARGS__)
#define PLAIN(products) SUMS_OF(products, gradient, any_kept)
#define GATED(products) SUMS_OF(products, gated_gradient, any_kept, any_second)
#define GATE(count, ...) \
  step_row_of<epilogue::gate<any_function<count>, epilogue::sources<__VA_ARGS__>>>( \
      "epilogue::gate<any_function<" #count ">, epilogue::sources<" #__VA_ARGS__ ">>"),
#define MAXOUT_OF(pieces, T, all) \
  ROW(maxout_gradient<pieces, T, any_kept, epilogue::summed<0>>) ROW(maxout_gradient<pieces, T, any_kept, epilogue::summed<all>>)
#define MAXOUT(pieces, all) \
  MAXOUT_OF(pieces, float, all) MAXOUT_OF(pieces, f16_bits, all) MAXOUT_OF(pieces, bf16_bits, all) MAXOUT_OF(pieces, e4m3_bits, all)
// Of a pass over dY alone: four parameters, all trained; one that is trained beside an operand.
#define OF_PASSES \
  OF_FOUR(SUMMED(0, 0, 1, 2, 3), gradient, any_kept) OF_TWO(SUMMED(0, 1), gradient, any_kept)
  // clang-format on
  return {OF_PASSES GATE(4) GATE(1, any_source) GATE(2, any_source, any_source) GATE(
      4, any_source, any_source, any_source, any_source) PLAIN(0) PLAIN(1) GATED(0) GATED(1) GATED(2) GATED(3)
              MAXOUT(2, 3) MAXOUT(3, 7) MAXOUT(4, 15) MAXOUT(5, 31) MAXOUT(6, 63) MAXOUT(7, 127) MAXOUT(8, 255)};
}

}  // namespace gemmact::emulated_gpu
