#include "bench/core/data.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <vector>

#include "kernels/base/float_types.hpp"

namespace gemmact_bench {
namespace {

constexpr int64_t period = 4194301;  // the largest prime below 2^22: rows of a matrix do not repeat
constexpr size_t page = 4096, huge_page = size_t(2) << 20;

// The values in the type, and as f32 what they became.
template <class To>
void convert(gemmact_type type, const std::vector<float>& in, const To& to, std::vector<char>& stored,
             std::vector<float>& rounded) {
  using bits = decltype(to(0.0f).bits);
  stored.resize(in.size() * sizeof(bits));
  rounded.resize(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    const bits value = to(in[i]).bits;
    std::memcpy(stored.data() + i * sizeof value, &value, sizeof value);
    rounded[i] = float(element(type, stored.data(), int64_t(i)));
  }
}

// Fills `to` with `from` again and again.
void tile(const void* from, size_t from_bytes, const buffer& to, pool& threads) {
  const int64_t blocks = int64_t((to.bytes() + from_bytes - 1) / from_bytes);
  threads.share(blocks, 1, blocks, 2, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const size_t at = size_t(b) * from_bytes;
      std::memcpy(static_cast<char*>(to.data()) + at, from, std::min(from_bytes, to.bytes() - at));
    }
  });
}

}  // namespace

buffer::buffer(size_t bytes) : bytes_(bytes) {
  const size_t alignment = bytes >= huge_page ? huge_page : page;
  const size_t rounded = (std::max<size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  data_.reset(std::aligned_alloc(alignment, rounded));
  if (!data_) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
  if (bytes >= huge_page) madvise(data_.get(), rounded, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
}

void buffer::release::operator()(void* p) const { std::free(p); }

store::store(gemmact_type type, int64_t elements, uint64_t seed, double deviation, pool& threads)
    : type_(type), elements_(elements), values_(size_t(elements * bytes_of(type))) {
  std::vector<float> values(size_t(std::min(elements, period)));
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal(0.0f, float(deviation));
  for (float& v : values) v = normal(random);
  if (type == GEMMACT_F32) {
    tile(values.data(), values.size() * sizeof(float), values_, threads);
    return;
  }
  std::vector<char> stored;
  std::vector<float> rounded;
  if (type == GEMMACT_E4M3)
    convert(
        type, values, [](float v) { return gemmact::to_e4m3(v); }, stored, rounded);
  else if (type == GEMMACT_F16)
    convert(
        type, values, [](float v) { return gemmact::to_f16(v); }, stored, rounded);
  else
    convert(
        type, values, [](float v) { return gemmact::to_bf16(v); }, stored, rounded);
  floats_ = buffer(size_t(elements) * sizeof(float));
  tile(stored.data(), stored.size(), values_, threads);
  tile(rounded.data(), rounded.size() * sizeof(float), floats_, threads);
}

const void* store::at(int64_t e) const { return static_cast<const char*>(values_.data()) + e * bytes_of(type_); }

const float* store::floats_at(int64_t e) const {
  return type_ == GEMMACT_F32 ? values_.floats() + e : floats_.floats() + e;
}

void tensor::next() {
  if (!cold_) return;
  at_ += step();
  if (at_ + elements_ > room_) at_ = 0;
}

int64_t tensor::places() const { return cold_ ? (room_ - elements_) / step() + 1 : 1; }

const store& input_stores::renewed(std::unique_ptr<store>& at, gemmact_type type, int64_t elements, double deviation) {
  if (!at || at->type() != type || at->elements() < elements) {
    at.reset();  // first, so that both are never in memory
    at = std::make_unique<store>(type, elements, deviation == 1 ? 1 : 2, deviation, threads_);
  }
  return *at;
}

const store& input_stores::weights(gemmact_type type, int64_t elements, bool cold) {
  return renewed(weights_, type, cold ? rotated_room(type, elements) : elements, 1.0 / 32);
}

const store& input_stores::inputs(gemmact_type type, int64_t elements) { return renewed(inputs_, type, elements, 1); }

double element(gemmact_type type, const void* data, int64_t index) {
  switch (type) {
    case GEMMACT_F32:
      return static_cast<const float*>(data)[index];
    case GEMMACT_F16:
      return gemmact::to_float(gemmact::f16_bits{static_cast<const uint16_t*>(data)[index]});
    case GEMMACT_BF16:
      return gemmact::to_float(gemmact::bf16_bits{static_cast<const uint16_t*>(data)[index]});
    case GEMMACT_E4M3:
      return gemmact::to_float(gemmact::e4m3_bits{static_cast<const uint8_t*>(data)[index]});
    default:
      std::abort();  // the lists have no other types
  }
}

}  // namespace gemmact_bench
