#include "tests/emulator/gemm_cases.hpp"

#include <stdexcept>
#include <vector>

#include "kernels/base/float_types.hpp"
#include "kernels/emulator/memory.hpp"
#include "kernels/emulator/tensor_map.hpp"
#include "tests/emulator/gemm_mma.cuh"
#include "tests/emulator/gemm_wgmma.cuh"

namespace gemmact::test {
namespace {

// Small integers that differ along both indices; with k up to 512 the sums are below 2^24. `period` sets two matrices apart.
std::vector<bf16_bits> integers(u32 rows, u32 columns, u32 period) {
  std::vector<bf16_bits> values(size_t(rows) * columns);
  for (u32 i = 0; i < rows; ++i) {
    for (u32 j = 0; j < columns; ++j) {
      values[size_t(i) * columns + j] =
          to_bf16(float(i32((i * 7919 + j * 104729 + i * j * 31) % period) - i32(period / 2)));
    }
  }
  return values;
}

std::vector<float> product(const std::vector<bf16_bits>& x, const std::vector<bf16_bits>& w, gemm_size size) {
  std::vector<float> wide(x.size()), other(w.size()), y(size_t(size.m) * size.n, 0.0f);
  for (size_t i = 0; i < x.size(); ++i) wide[i] = to_float(x[i]);
  for (size_t i = 0; i < w.size(); ++i) other[i] = to_float(w[i]);
  for (u32 i = 0; i < size.m; ++i) {
    for (u32 j = 0; j < size.n; ++j) {
      i32 sum = 0;
      for (u32 k = 0; k < size.k; ++k) sum += i32(wide[size_t(i) * size.k + k]) * i32(other[size_t(j) * size.k + k]);
      y[size_t(i) * size.n + j] = float(sum);
    }
  }
  return y;
}

// What stays the same from run to run of one size.
struct data {
  gemm_size size{};
  std::vector<bf16_bits> x, w;
  std::vector<float> y;
};

const data& data_of(gemm_size size) {
  static std::vector<data> all;
  for (const data& one : all) {
    if (one.size.m == size.m && one.size.n == size.n && one.size.k == size.k) return one;
  }
  data made{size, integers(size.m, size.k, 13), integers(size.n, size.k, 11), {}};
  made.y = product(made.x, made.w, size);
  all.push_back(std::move(made));
  return all.back();
}

tensor_map map_of(const void* memory, u32 rows, u32 columns, u32 box_rows) {
  tensor_map map;
  const emulator::tensor_description described{.type = emulator::tensor_type::bf16,
                                               .rank = 2,
                                               .address = global_at(memory).value,
                                               .dims = {columns, rows},
                                               .strides = {u64(columns) * 2},
                                               .box = {64, box_rows},
                                               .swizzle_bytes = 128};
  const std::string broken = emulator::encode_tensor_map(map.words, described);
  if (!broken.empty()) throw std::invalid_argument(broken);
  return map;
}

}  // namespace

emulator::case_run run_gemm_mma(const emulator::options& how, gemm_size size) {
  using kernel = gemm_mma;
  const data& in = data_of(size);
  emulator::guarded_memory y(u64(size.m) * size.n * 4);
  emulator::memory_registry arrays;
  arrays.add("x", in.x.data(), in.x.size() * 2, emulator::array_use::read_only);
  arrays.add("w", in.w.data(), in.w.size() * 2, emulator::array_use::read_only);
  arrays.add("y", y.data(), y.size(), emulator::array_use::read_write);
  const kernel::params p{global_at(in.x.data()), global_at(in.w.data()), global_at(y.data()), size.m, size.n, size.k};
  const u32 tiles = size.m / kernel::tile * (size.n / kernel::tile);
  emulator::case_run run;
  run.launched =
      emulator::launch(how, {tiles, kernel::threads, kernel::shared_bytes, 1}, arrays, [&p] { kernel::run(p); });
  run.right = y.damage("y").empty();
  for (size_t i = 0; i < in.y.size(); ++i) run.right = run.right && y.as<float>()[i] == in.y[i];
  return run;
}

emulator::case_run run_gemm_wgmma(const emulator::options& how, gemm_size size) {
  using kernel = gemm_wgmma;
  const data& in = data_of(size);
  emulator::guarded_memory y(u64(size.m) * size.n * 2);
  emulator::memory_registry arrays;
  arrays.add("x", in.x.data(), in.x.size() * 2, emulator::array_use::read_only);
  arrays.add("w", in.w.data(), in.w.size() * 2, emulator::array_use::read_only);
  arrays.add("y", y.data(), y.size(), emulator::array_use::read_write);
  const kernel::params p{map_of(in.x.data(), size.m, size.k, kernel::tile_m),
                         map_of(in.w.data(), size.n, size.k, kernel::tile_n),
                         map_of(y.data(), size.m, size.n, 64),
                         size.m,
                         size.n,
                         size.k};
  emulator::case_run run;
  run.launched = emulator::launch(how, {2, kernel::threads, kernel::shared_bytes, 1}, arrays, [&p] { kernel::run(p); });
  run.right = y.damage("y").empty();
  for (size_t i = 0; i < in.y.size(); ++i) run.right = run.right && y.as<bf16_bits>()[i].bits == to_bf16(in.y[i]).bits;
  return run;
}

}  // namespace gemmact::test
