// A probe is a small kernel around an instruction, with its input and the output that the instruction's contract gives. The
// same probes run on a GPU (device_test.cu) and on the emulator (contract_test.cpp). Expectations are computed from
// matrices and sequences of bytes, never by a layout function.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "kernels/arch/tma/tma.cuh"
#include "kernels/base/address.hpp"
#include "kernels/base/float_types.hpp"
#include "kernels/base/fragment.hpp"

namespace gemmact::device_test {

using bytes = std::vector<u8>;

struct probe_params {
  global_address in, out;
  i32 x = 0, y = 0, z = 0;  // coordinates
  u32 fill = 0;             // the maps are aligned to 64 bytes
  tensor_map load, store;   // over `in` and `out`, where the probe asks for them
};

enum class number : u8 { u8_, u16_, u32_, f32_, bf16_, tf32_ };

// What a tensor map says; strides in bytes, of dimension 1 and 2.
struct map_facts {
  u32 dimensions = 0;  // 0: no map
  number type = number::bf16_;
  u32 extent[3] = {1, 1, 1}, stride[2] = {}, box[3] = {1, 1, 1}, span = 16;
};

struct probe {
  std::string name;
  u32 first = 80;  // the first architecture that has it; 900: sm_90a alone
  u32 blocks = 1, threads = 32, shared_bytes = 0, cluster = 1;
  i32 x = 0, y = 0, z = 0;
  bytes input, expected;
  map_facts load, store;
  std::function<bytes(const probe&)> run;  // fills an output of expected.size() bytes, which are 0xff before
};

using probes = std::vector<probe>;

// The same numbers everywhere, of a name.
class numbers {
 public:
  explicit numbers(const std::string& name) {
    for (const char c : name) state_ = (state_ ^ u8(c)) * 0x100000001b3ull;
  }
  u32 next() {
    state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
    return u32(state_ >> 33) ^ u32(state_ >> 59);
  }
  int between(int low, int high) { return low + int(next() % u32(high - low + 1)); }

 private:
  u64 state_ = 0xcbf29ce484222325ull;
};

template <class T>
bytes bytes_of(const std::vector<T>& values) {
  const u8* first = reinterpret_cast<const u8*>(values.data());
  return bytes(first, first + values.size() * sizeof(T));
}
template <class T>
std::vector<T> values_of(const bytes& raw) {
  std::vector<T> values(raw.size() / sizeof(T));
  std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}
inline bytes random_bytes(const std::string& name, size_t count) {
  numbers source(name);
  bytes raw(count);
  for (u8& one : raw) one = u8(source.next());
  return raw;
}

// A matrix of small integers whose sums of products are exact in every type that is tested.
struct matrix {
  u32 rows = 0, cols = 0;
  std::vector<float> values;
  matrix(u32 r, u32 c) : rows(r), cols(c), values(size_t(r) * c) {}
  float& operator()(u32 r, u32 c) { return values[size_t(r) * cols + c]; }
  float operator()(u32 r, u32 c) const { return values[size_t(r) * cols + c]; }
};
inline matrix integers(const std::string& name, u32 rows, u32 cols, int most) {
  numbers source(name);
  matrix m(rows, cols);
  for (float& v : m.values) v = float(source.between(-most, most));
  return m;
}
// c + a b^T, both given along k.
inline matrix product(const matrix& a, const matrix& b, const matrix& c) {
  matrix d = c;
  for (u32 i = 0; i < a.rows; ++i)
    for (u32 j = 0; j < b.rows; ++j)
      for (u32 k = 0; k < a.cols; ++k) d(i, j) += a(i, k) * b(j, k);
  return d;
}

// The bits of a matrix's elements as operands of type T.
inline bytes encoded(const matrix& m, f16_bits) {
  std::vector<u16> out;
  for (const float v : m.values) out.push_back(to_f16(v).bits);
  return bytes_of(out);
}
inline bytes encoded(const matrix& m, bf16_bits) {
  std::vector<u16> out;
  for (const float v : m.values) out.push_back(to_bf16(v).bits);
  return bytes_of(out);
}
inline bytes encoded(const matrix& m, e4m3_bits) {
  std::vector<u8> out;
  for (const float v : m.values) out.push_back(to_e4m3(v).bits);
  return out;
}
// tf32: with bits below the tenth of the mantissa, which the tensor core must cut off.
inline bytes encoded(const matrix& m, tf32) {
  std::vector<u32> out;
  numbers below("below");
  for (const float v : m.values) out.push_back(bit_cast<u32>(v) | (below.next() & (v == 0 ? 0u : 0x1fffu)));
  return bytes_of(out);
}
inline bytes joined(std::initializer_list<bytes> parts) {
  bytes all;
  for (const bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace gemmact::device_test
