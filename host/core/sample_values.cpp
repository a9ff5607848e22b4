#include "host/core/sample_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "kernels/base/float_types.hpp"

namespace gemmact::core {
namespace {

constexpr size_t distinct = 1000003;  // a prime: rows of usual lengths do not repeat

class sample_source {
 public:
  sample_source(const problem& p, const tensor& t)
      : slot_(t.slot & ~uint32_t{GEMMACT_BELOW}), pieces_(uint32_t(p.pieces)) {
    bits_.seed(1000 * t.slot + t.index);
  }
  uint32_t bits() { return uint32_t(bits_()); }
  uint8_t winner() { return uint8_t(bits() % pieces_); }
  float number() {
    switch (slot_) {
      case GEMMACT_SCALE_X:
      case GEMMACT_SCALE_W:
      case GEMMACT_SCALE_Y:
      case GEMMACT_ALPHA:
      case GEMMACT_BETA:
      case GEMMACT_PARAM:
        return 1;
      case GEMMACT_TARGET:
        return (bits() & 1) != 0 ? 1.0f : -1.0f;
      default:
        return normal_(bits_);
    }
  }

 private:
  const uint32_t slot_, pieces_;
  std::mt19937_64 bits_;
  std::normal_distribution<float> normal_;
};

template <class Value, class Draw>
void repeat(std::span<std::byte> bytes, const Draw& draw) {
  const size_t first = std::min(bytes.size() / sizeof(Value), distinct);
  for (size_t i = 0; i < first; ++i) {
    const Value value = draw();
    std::memcpy(&bytes[i * sizeof(Value)], &value, sizeof(Value));
  }
  for (size_t done = first * sizeof(Value); done < bytes.size();) {
    const size_t more = std::min(done, bytes.size() - done);
    std::memcpy(&bytes[done], bytes.data(), more);
    done += more;
  }
}

}  // namespace

void fill_sample(const problem& p, const tensor& t, std::span<std::byte> bytes) {
  sample_source from(p, t);
  switch (t.type) {
    case GEMMACT_BIT:
      return repeat<uint32_t>(bytes, [&] { return from.bits(); });
    case GEMMACT_U8:
      return repeat<uint8_t>(bytes, [&] { return from.winner(); });
    case GEMMACT_F16:
      return repeat<f16_bits>(bytes, [&] { return to_f16(from.number()); });
    case GEMMACT_BF16:
      return repeat<bf16_bits>(bytes, [&] { return to_bf16(from.number()); });
    case GEMMACT_E4M3:
      return repeat<e4m3_bits>(bytes, [&] { return to_e4m3(from.number()); });
    default:
      return repeat<float>(bytes, [&] { return from.number(); });
  }
}

}  // namespace gemmact::core
