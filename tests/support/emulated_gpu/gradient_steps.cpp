// The rows of steps whose parts are put together at run time: backward's, and the gate.
#include "tests/support/emulated_gpu/any_gradient.hpp"
#include "tests/support/emulated_gpu/step_row_of.hpp"

namespace gemmact::emulated_gpu {

std::vector<step_row> gradient_step_rows() {
  // clang-format off
#define ROW(...) step_row_of<epilogue::__VA_ARGS__, true>("epilogue::" #__VA_ARGS__),
#define SUMMED(...) epilogue::summed<__VA_ARGS__>
#define WITH_SOURCES(summed, step, ...) \
  ROW(step<any_function<4>, __VA_ARGS__, epilogue::sources<>, summed>) \
  ROW(step<any_function<1>, __VA_ARGS__, epilogue::sources<any_source>, summed>)
// No function of two parameters has a gradient of theirs.
#define WITH_TWO(summed, step, ...) ROW(step<any_function<2>, __VA_ARGS__, epilogue::sources<any_source, any_source>, summed>)
#define PLAIN_OF_TWO(...) WITH_TWO(SUMMED(__VA_ARGS__), gradient, any_kept)
#define GATED_OF_TWO(...) WITH_TWO(SUMMED(__VA_ARGS__), gated_gradient, any_kept, any_second)
#define PLAIN(...) WITH_SOURCES(SUMMED(__VA_ARGS__), gradient, any_kept)
#define GATED(...) WITH_SOURCES(SUMMED(__VA_ARGS__), gated_gradient, any_kept, any_second)
#define GATE(count, ...) \
  step_row_of<epilogue::gate<any_function<count>, epilogue::sources<__VA_ARGS__>>>( \
      "epilogue::gate<any_function<" #count ">, epilogue::sources<" #__VA_ARGS__ ">>"),
#define MAXOUT_OF(pieces, T, all) \
  ROW(maxout_gradient<pieces, T, any_kept, epilogue::summed<0>>) ROW(maxout_gradient<pieces, T, any_kept, epilogue::summed<all>>)
#define MAXOUT(pieces, all) \
  MAXOUT_OF(pieces, float, all) MAXOUT_OF(pieces, f16_bits, all) MAXOUT_OF(pieces, bf16_bits, all) MAXOUT_OF(pieces, e4m3_bits, all)
  // clang-format on
  return {GATE(4) GATE(1, any_source) GATE(2, any_source, any_source) PLAIN_OF_TWO(0) PLAIN_OF_TWO(1) GATED_OF_TWO(0)
              GATED_OF_TWO(1) GATED_OF_TWO(2) GATED_OF_TWO(3) PLAIN(0) PLAIN(1) PLAIN(0, 0) PLAIN(1, 0) GATED(0)
                  GATED(1) GATED(2) GATED(3) GATED(0, 0) GATED(1, 0) GATED(2, 0) GATED(3, 0) MAXOUT(2, 3) MAXOUT(3, 7)
                      MAXOUT(4, 15) MAXOUT(5, 31) MAXOUT(6, 63) MAXOUT(7, 127) MAXOUT(8, 255)};
}

}  // namespace gemmact::emulated_gpu
