#include "kernels/emulator/collective.hpp"
#include "kernels/emulator/numbers.hpp"
#include "kernels/emulator/product.hpp"

namespace gemmact::emulator {
namespace {

struct mma_call {
  float* d;
  const u32 *a, *b;
};

template <class T>
void multiply(const warp& w) {
  constexpr u32 p = packed_elems<T>, depth = 8 * p;
  alignas(64) double a[16][depth], b[depth][8], d[16][8];
  for (u32 l = 0; l < warp_lanes; ++l) {
    const auto& own = call_of<mma_call>(w, l);
    for (u32 part = 0; part < p; ++part) {
      for (u32 r = 0; r < 4; ++r) {
        const tile_place at = fragment_a<T>(l, r, part);
        a[at.row][at.col] = decode<T>(own.a[r], part);
      }
      for (u32 r = 0; r < 2; ++r) {
        const tile_place at = fragment_b<T>(l, r, part);
        b[at.col][at.row] = decode<T>(own.b[r], part);
      }
    }
    for (u32 r = 0; r < 4; ++r) {
      const tile_place at = fragment_d(l, r);
      d[at.row][at.col] = own.d[r];
    }
  }
  add_products(d[0], a[0], b[0], 16, 8, depth);
  for (u32 l = 0; l < warp_lanes; ++l) {
    float* own = call_of<mma_call>(w, l).d;
    for (u32 r = 0; r < 4; ++r) {
      const tile_place at = fragment_d(l, r);
      own[r] = toward_zero(d[at.row][at.col]);
    }
  }
}

}  // namespace

void mma(element type, float* d, const u32* a, const u32* b, site at) {
  mma_call own{d, a, b};
  if (!come_together(collective::mma, &own, at)) return;
  warp& w = *current->in;
  with_type(type, [&w](auto t) { multiply<decltype(t)>(w); });
  warp_goes_on(w);
}

}  // namespace gemmact::emulator
