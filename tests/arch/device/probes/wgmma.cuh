// Probes of kernels/arch/wgmma: operands in shared memory by major and swizzle, A in registers, several n.
#pragma once
#include "kernels/arch/fence/fence.cuh"
#include "kernels/arch/shared/shared.cuh"
#include "kernels/arch/thread/thread.cuh"
#include "kernels/arch/tma/layout.hpp"
#include "kernels/arch/wgmma/wgmma.cuh"
#include "tests/arch/device/probes/add.hpp"

namespace gemmact::device_test {

// An operand of `lines_mn` lines along mn and four instructions' depth, in slabs of one span as TMA writes them.
template <class T, arch::major along, u32 span, u32 lines_mn>
struct operand {
  static constexpr u32 size = 4 / packed_elems<T>, depth = 128 / size;  // bytes of an element, elements along k
  static constexpr bool along_k = along == arch::major::k;
  static constexpr u32 lines = along_k ? lines_mn : depth;
  static constexpr u32 slab = lines * span;
  static constexpr u32 width = (along_k ? depth : lines_mn) * size;  // bytes of a line, all slabs
  static constexpr u32 bytes = (width + span - 1) / span * slab;

  // Row-major (mn, k) in the input to where it belongs.
  GEMMACT_FN static void fill(global_address from, shared_address to) {
    for (u32 i = arch::thread_index(); i < lines_mn * depth; i += 128) {
      const u32 mn = i / depth, k = i % depth, byte = (along_k ? k : mn) * size;
      const shared_address at = to + byte / span * slab + arch::tma_offset<span>(byte % span, along_k ? mn : k, span);
      if constexpr (size == 1) arch::store_shared(at, arch::load_global<u8>(from + i64(i)));
      else if constexpr (size == 2) arch::store_shared(at, arch::load_global<u16>(from + i64(2 * i)));
      else arch::store_shared(at, arch::load_global<u32>(from + i64(4 * i)));
    }
  }
  // Of instruction `step`.
  GEMMACT_FN static u64 descriptor(shared_address start, u32 step) {
    if constexpr (along_k && span == 16) return arch::wgmma_descriptor(start + step * 2 * slab, slab, 128, span);
    else if constexpr (along_k)
      return arch::wgmma_descriptor(start + 32 * step / span * slab + 32 * step % span, 16, 8 * span, span);
    else if constexpr (span == 16) return arch::wgmma_descriptor(start + step * 256, 128, slab, span);
    else return arch::wgmma_descriptor(start + step * 16 * span, slab, 8 * span, span);
  }
};

// A (64 rows) and B (n rows), row-major along k, lie one after another in the input; D is row-major.
template <class T, int n, arch::major a_major, arch::major b_major, u32 span, bool a_in_registers>
struct wgmma_probe {
  static constexpr u32 threads = 128, first = 900;
  using a_operand = operand<T, a_major, span, 64>;
  using b_operand = operand<T, b_major, span, u32(n)>;
  static constexpr u32 row_bytes = 128, a_bytes = (a_operand::bytes + 1023) / 1024 * 1024;
  GEMMACT_FN static void run(const probe_params& p) {
    const shared_address a = arch::dynamic_shared(), b = a + a_bytes;
    const u32 thread = arch::thread_index();
    a_operand::fill(p.in, a);
    b_operand::fill(p.in + 64 * row_bytes, b);
    arch::fence_proxy_async();
    arch::sync_block();
    array<float, n / 2> d;
    array<u32, 4> registers[4];
    for (u32 step = 0; a_in_registers && step < 4; ++step)
      for (u32 r = 0; r < 4; ++r) {
        const tile_place at = arch::wgmma_a<T>(thread, r, 0);
        registers[step][int(r)] =
            arch::load_global<u32>(p.in + i64(at.row * row_bytes + 32 * step + at.col * a_operand::size));
      }
    for (int i = 0; i < n / 2; ++i) d[i] = 1e30f;  // not read, where the product does not accumulate
    arch::wgmma_keep(d);
    arch::wgmma_fence();
#if GEMMACT_DEVICE
#pragma unroll
#endif
    for (u32 step = 0; step < 4; ++step) {
      if constexpr (a_in_registers)
        arch::wgmma<T, n, b_major>(d, registers[step], b_operand::descriptor(b, step), step > 0);
      else
        arch::wgmma<T, n, a_major, b_major>(d, a_operand::descriptor(a, step), b_operand::descriptor(b, step),
                                            step > 0);
    }
    arch::wgmma_commit();
    arch::wgmma_wait<0>();
    arch::wgmma_keep(d);
    for (u32 r = 0; r < u32(n) / 2; ++r) {
      const tile_place at = arch::wgmma_d(thread, r);
      output_at(p, at.row * n + at.col, d[int(r)]);
    }
  }
};

template <class T, int n, arch::major a_major, arch::major b_major, u32 span, bool a_in_registers = false>
void add_wgmma_probe(probes& all, const char* type) {
  using kernel = wgmma_probe<T, n, a_major, b_major, span, a_in_registers>;
  const char* majors[] = {"k", "mn"};
  const std::string name = std::string("wgmma.") + type + ".n" + std::to_string(n) + ".a_" +
                           (a_in_registers ? "registers" : majors[int(a_major)]) + ".b_" + majors[int(b_major)] +
                           ".span" + std::to_string(span);
  constexpr u32 k = 32 * packed_elems<T>;
  const matrix a = integers(name + " a", 64, k, 4), b = integers(name + " b", u32(n), k, 4), zero(64, u32(n));
  add<kernel>(all, name, joined({encoded(a, T{}), encoded(b, T{})}), bytes_of(product(a, b, zero).values))
      .shared_bytes = kernel::a_bytes + kernel::b_operand::bytes;
}

inline void add_wgmma_probes(probes& all) {
  constexpr arch::major k = arch::major::k, mn = arch::major::mn;
  add_wgmma_probe<bf16_bits, 64, k, k, 128>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, k, k, 64>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, k, k, 32>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, k, k, 16>(all, "bf16");
  add_wgmma_probe<bf16_bits, 128, mn, mn, 128>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, mn, mn, 64>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, mn, mn, 32>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, mn, mn, 16>(all, "bf16");
  add_wgmma_probe<bf16_bits, 96, k, mn, 128>(all, "bf16");
  add_wgmma_probe<bf16_bits, 8, mn, k, 128>(all, "bf16");
  add_wgmma_probe<bf16_bits, 256, k, k, 128>(all, "bf16");
  add_wgmma_probe<bf16_bits, 64, k, k, 128, true>(all, "bf16");
  add_wgmma_probe<bf16_bits, 128, k, mn, 128, true>(all, "bf16");
  add_wgmma_probe<f16_bits, 24, k, k, 128>(all, "f16");
  add_wgmma_probe<f16_bits, 64, mn, mn, 128>(all, "f16");
  add_wgmma_probe<f16_bits, 40, k, k, 64, true>(all, "f16");
  add_wgmma_probe<tf32, 64, k, k, 128>(all, "tf32");
  add_wgmma_probe<tf32, 16, k, k, 64, true>(all, "tf32");
  add_wgmma_probe<e4m3_bits, 64, k, k, 128>(all, "e4m3");
  add_wgmma_probe<e4m3_bits, 48, k, k, 32, true>(all, "e4m3");
}

}  // namespace gemmact::device_test
