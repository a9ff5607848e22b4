#include <fmt/format.h>

#include <cstring>

#include "kernels/emulator/access.hpp"
#include "kernels/emulator/numbers.hpp"
#include "kernels/emulator/product.hpp"
#include "kernels/emulator/wgmma.hpp"

namespace gemmact::emulator {
namespace {

constexpr u32 run_bytes = 16, instruction_bytes = 32;  // along K

u32 bytes_of(element type) {
  switch (type) {
    case element::tf32:
      return 4;
    case element::e4m3:
      return 1;
    default:
      return 2;
  }
}

// f(mn, k) for the first element of each run, in the order in which find_runs() lists them.
template <class F>
void for_runs(u32 lines, u32 size, bool along_mn, F&& f) {
  const u32 depth = instruction_bytes / size, run = run_bytes / size;
  if (along_mn) {
    for (u32 k = 0; k < depth; ++k) {
      for (u32 mn = 0; mn < lines; mn += run) f(mn, k);
    }
  } else {
    for (u32 mn = 0; mn < lines; ++mn) {
      for (u32 k = 0; k < depth; k += run) f(mn, k);
    }
  }
}

template <class T>
T element_at(const unsigned char* memory) {
  T value;
  std::memcpy(&value, memory, sizeof(T));
  return value;
}
template <class T>
float value_at(const unsigned char* memory) {
  if constexpr (packed_elems<T> == 1) return decode<T>(element_at<u32>(memory), 0);
  else return to_float(element_at<T>(memory));
}

// put(mn, k, value) for each element of an operand in shared memory.
template <class T, class Put>
void read_operand(const std::vector<u32>& runs, const unsigned char* shared, u32 lines, bool along_mn, Put&& put) {
  constexpr u32 size = 4 / packed_elems<T>;
  const u32* next = runs.data();
  for_runs(lines, size, along_mn, [&](u32 mn, u32 k) {
    const unsigned char* run = shared + *next++;
    for (u32 i = 0; i < run_bytes / size; ++i) {
      put(along_mn ? mn + i : mn, along_mn ? k : k + i, value_at<T>(run + i * size));
    }
  });
}

template <class T>
void multiply_as(const wgmma_operation& of, const unsigned char* shared) {
  constexpr u32 p = packed_elems<T>, depth = 8 * p;
  const u32 n = of.call.n;
  static double a[64 * depth], b[depth * 256];  // too large for a fiber's stack
  if (of.call.a_in_registers) {
    for (u32 t = 0; t < 128; ++t) {
      for (u32 i = 0; i < 4 * p; ++i) {
        const tile_place at = fragment_a<T>(t % 32, i / p, i % p);
        a[(16 * (t / 32) + at.row) * depth + at.col] = decode<T>(of.a_registers[4 * t + i / p], i % p);
      }
    }
  } else {
    read_operand<T>(of.a_runs, shared, 64, of.call.a_along_mn, [](u32 m, u32 k, float v) { a[m * depth + k] = v; });
  }
  read_operand<T>(of.b_runs, shared, n, of.call.b_along_mn, [n](u32 col, u32 k, float v) { b[k * n + col] = v; });
  std::vector<double>& sums = of.sums->sums;
  if (!of.call.accumulate) sums.assign(sums.size(), 0.0);
  add_products(sums.data(), a, b, 64, n, depth);
  for (double& sum : sums) sum = toward_zero(sum);
}

}  // namespace

std::vector<u32> find_runs(const wgmma_operation& of, block& in, bool is_a) {
  const call_site call{"wgmma", of.at.file, of.at.line};
  const bool along_mn = is_a ? of.call.a_along_mn : of.call.b_along_mn;
  const u32 size = bytes_of(of.call.type);
  std::vector<u32> runs;
  for_runs(is_a ? 64 : of.call.n, size, along_mn, [&](u32 mn, u32 k) {
    const u32 address = of.call.address(is_a ? of.call.a : of.call.b, along_mn, size, mn, k);
    runs.push_back(find_own(in, address, run_bytes, run_bytes, call).offset);
  });
  return runs;
}

void multiply(const wgmma_operation& of, const unsigned char* shared) {
  with_type(of.call.type, [&](auto t) { multiply_as<decltype(t)>(of, shared); });
}

}  // namespace gemmact::emulator
