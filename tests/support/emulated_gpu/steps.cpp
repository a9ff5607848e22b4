// The table of steps: a row each, whose text is that of the very type.
#include <algorithm>
#include <new>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/any_function.hpp"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {
namespace {

template <class Step>
step_row row_of(const char* text) {
  static_assert(sizeof(Step) <= most_step_bytes && alignof(Step) <= 16);
  step_row row{without_spaces(text), sizeof(Step), [](void* self) { new (self) Step; }, nullptr,
               [](void* self, const epilogue::params& p, tile::strip& s) { static_cast<Step*>(self)->apply(p, s); }};
  if constexpr (requires(Step s, const epilogue::params& p) { s.begin(p, 0u, 0u); })
    row.begin = [](void* self, const epilogue::params& p, u32 col, u32 valid) {
      static_cast<Step*>(self)->begin(p, col, valid);
    };
  return row;
}

#define ROW(...) row_of<__VA_ARGS__>(#__VA_ARGS__),
#define EACH_TYPE(step) ROW(step<float>) ROW(step<f16_bits>) ROW(step<bf16_bits>)

const std::vector<step_row>& rows() {
  static const std::vector<step_row> all = {
      EACH_TYPE(epilogue::bias_per_column) EACH_TYPE(epilogue::bias_per_row) EACH_TYPE(epilogue::bias_scalar)
          EACH_TYPE(epilogue::bias_each) EACH_TYPE(epilogue::keep) EACH_TYPE(epilogue::residual)
              EACH_TYPE(epilogue::store) ROW(epilogue::keep_bit<any_function>) ROW(epilogue::activate<any_function>)};
  return all;
}

}  // namespace

const step_row* find_step(const std::string& text) {
  const auto found = std::find_if(rows().begin(), rows().end(), [&](const step_row& r) { return r.text == text; });
  return found == rows().end() ? nullptr : &*found;
}

}  // namespace gemmact::emulated_gpu
