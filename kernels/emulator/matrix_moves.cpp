// ldmatrix and stmatrix.
#include <cstring>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/calls.hpp"
#include "kernels/emulator/collective.hpp"

namespace gemmact::emulator {
namespace {

struct move_call {
  u32* fragment;
  u32 row;  // shared address
};

// The rows that the lanes give; those beyond `count` matrices are only looked at.
void find_rows(const warp& w, u32 count, access_kind kind, const call_site& call, unsigned char* (&rows)[32]) {
  block& own = *w.in;
  cluster_races* races = races_of(own);
  for (u32 i = 0; i < warp_lanes; ++i) {
    const u32 address = call_of<move_call>(w, i).row;
    const u32 offset = address - shared_base;
    if (offset > gpu->size.shared_bytes || 16 > gpu->size.shared_bytes - offset || (address & 15)) {
      current = &w.lanes[i];  // the lane to blame
      refuse_shared(address, 16, 16, call);
    }
    rows[i] = own.shared + offset;
    if (races && i < 8 * count) {
      races->access(races->by_thread(w.lanes[i].agent), shared_range{own.rank, offset, 16}, kind, call);
    }
  }
}

}  // namespace

void ldmatrix(u32* fragment, u32 count, bool transposed, u32 row, site at) {
  move_call own{fragment, row};
  if (!come_together(collective::ldmatrix, &own, at)) return;
  warp& w = *current->in;
  unsigned char* rows[32];
  find_rows(w, count, access_kind::read, {"ldmatrix", at.file, at.line}, rows);
  for (u32 l = 0; l < warp_lanes; ++l) {
    u32* to = call_of<move_call>(w, l).fragment;
    for (u32 r = 0; r < count; ++r) {
      const matrix_place low = place_in_matrix(transposed, l, r, 0), high = place_in_matrix(transposed, l, r, 1);
      u16 halves[2];
      std::memcpy(&halves[0], rows[low.address_lane] + 2 * low.element, 2);
      std::memcpy(&halves[1], rows[high.address_lane] + 2 * high.element, 2);
      to[r] = halves[0] | u32(halves[1]) << 16;
    }
  }
  warp_goes_on(w);
}

void stmatrix(const u32* fragment, u32 count, bool transposed, u32 row, site at) {
  move_call own{const_cast<u32*>(fragment), row};
  if (!come_together(collective::stmatrix, &own, at)) return;
  warp& w = *current->in;
  unsigned char* rows[32];
  find_rows(w, count, access_kind::write, {"stmatrix", at.file, at.line}, rows);
  for (u32 l = 0; l < warp_lanes; ++l) {
    const u32* from = call_of<move_call>(w, l).fragment;
    for (u32 r = 0; r < count; ++r) {
      for (u32 half = 0; half < 2; ++half) {
        const matrix_place place = place_in_matrix(transposed, l, r, half);
        const u16 value = u16(from[r] >> (16 * half));
        std::memcpy(rows[place.address_lane] + 2 * place.element, &value, 2);
      }
    }
  }
  warp_goes_on(w);
}

}  // namespace gemmact::emulator
