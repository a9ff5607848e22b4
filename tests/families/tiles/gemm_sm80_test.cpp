// gemm_sm80 sums alike in every tile, on data whose sums are not exact: a plan of another m takes another tile, and where
// results must not depend on m they do not. Both spans along k that tiles have are among those compared.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "kernels/emulator/emulator.hpp"
#include "kernels/families/gemm_sm80/family.hpp"
#include "kernels/families/gemm_sm80/kernel.cuh"
#include "tests/support/numbers.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

using namespace families;
namespace gemm = families::gemm_sm80;

constexpr i64 m = 16, n = 64;
using sums_as_they_are = epilogue::chain<epilogue::store<&epilogue::params::y, float>>;
using kernel_function = void (*)(const gemm::params&);

template <int row, class T>
constexpr gemm::config config_for() {
  gemm::config c = gemm::configs[row];
  if constexpr (same<T, e4m3_bits>) c.promote_bytes = gemm::strict_e4m3_bytes;
  return c;
}
template <int row, class T>
void run(const gemm::params& p) {
  gemm::kernel<config_for<row, T>(), T, sums_as_they_are>::run(p);
}

struct tile_kernel {
  int row;  // of configs.inc
  kernel_function run;
};
template <class T>
std::vector<tile_kernel> tiles() {
  static_assert(gemm::configs[2].span_bytes == 64 && gemm::configs[5].span_bytes == 128);
  return {{2, run<2, T>}, {5, run<5, T>}, {8, run<8, T>}};
}

operand matrix(slot what, element type, i64 rows, i64 cols, int binding) {
  operand o;
  o.what = what, o.type = type, o.binding = binding;
  o.rows = rows, o.cols = cols, o.row_stride = cols, o.col_stride = 1, o.align_bytes = 16;
  return o;
}

// Magnitudes over many powers of two, so that every order of sums rounds otherwise.
void fill(emulator::guarded_memory& memory, element type, u64 seed) {
  const auto narrow = gemmact_type(int(type));
  random_source random(seed);
  const i64 bytes = element_bytes(type);
  for (i64 at = 0; at < i64(memory.size()); at += bytes)
    store_bits(narrow, memory.data() + at,
               encode(narrow, random.normal() * std::ldexp(1.0, int(random.between(-8, 6)))));
}

// An emulated sm_89, which has e4m3 in more tiles than sm_90.
std::vector<float> output_of(element type, i64 k, const tile_kernel& tile) {
  families::layer l;
  l.what = operation::forward, l.m = m, l.n = n, l.k = k, l.batch_invariant = true;
  l.computed = type == element::f32 ? compute::tf32 : compute::strict;
  l.activation.name = "linear";
  l.operands = {matrix(slot::x, type, m, k, 0), matrix(slot::w, type, n, k, 1), matrix(slot::y, element::f32, m, n, 2)};
  gpu device;
  device.architecture = 89, device.multiprocessors = 2,
  device.shared_block_bytes = device.shared_multiprocessor_bytes = 232448;
  device.threads_multiprocessor = 1536, device.clock_ghz = 1, device.bandwidth_gb_per_s = 1000;
  device.mma_flop_per_clock = 1024;
  const i64 bytes = element_bytes(type);
  emulator::guarded_memory x(u64(m * k * bytes)), w(u64(n * k * bytes)), y(u64(m * n * 4));
  fill(x, type, 1), fill(w, type, 2);
  candidate chosen;
  for (const candidate& c : gemm::candidates(l, device))
    if (c.config == tile.row) chosen = c;
  EXPECT_FALSE(chosen.type.empty()) << "row " << tile.row << " is not among the candidates";
  void* data[] = {x.data(), w.data(), y.data()};
  params_bytes argument;
  const families::launch launched = gemm::prepare({l, device, chosen, m, data, nullptr}, argument);
  gemm::params p;
  std::memcpy(&p, argument.bytes, sizeof p);
  emulator::memory_registry arrays;
  arrays.add("X", x.data(), x.size(), emulator::array_use::read_only);
  arrays.add("W", w.data(), w.size(), emulator::array_use::read_only);
  arrays.add("Y", y.data(), y.size(), emulator::array_use::read_write);
  emulator::options how;
  how.kernel = chosen.kernel.c_str();
  const emulator::result done = emulator::launch(how, {launched.grid[0], launched.threads, launched.shared_bytes, 1},
                                                 arrays, [&] { tile.run(p); });
  EXPECT_TRUE(done.ok()) << done.text();
  std::vector<float> values(size_t(m * n));
  std::memcpy(values.data(), y.data(), y.size());
  return values;
}

template <class T>
void expect_alike(element type) {
  for (const i64 k : {64, 192, 320, 576}) {
    const std::vector<tile_kernel> all = tiles<T>();
    const std::vector<float> first = output_of(type, k, all[0]);
    for (const tile_kernel& tile : all)
      EXPECT_EQ(std::memcmp(output_of(type, k, tile).data(), first.data(), first.size() * sizeof(float)), 0)
          << "row " << tile.row << ", k = " << k;
  }
}

TEST(tiles, of_e4m3_sum_alike) { expect_alike<e4m3_bits>(element::e4m3); }
TEST(tiles, of_bf16_sum_alike) { expect_alike<bf16_bits>(element::bf16); }
TEST(tiles, of_tf32_sum_alike) { expect_alike<tf32>(element::f32); }

}  // namespace
}  // namespace gemmact::test
