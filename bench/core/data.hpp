// N(0, 1) inputs: one large read-only store of values a type, from which tensors are cut.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "bench/baselines/pool.hpp"
#include "bench/core/types.hpp"

namespace gemmact_bench {

// Memory aligned to 4096 bytes, of huge pages where the system has them, touched by nobody yet.
class buffer {
 public:
  buffer() = default;
  explicit buffer(size_t bytes);
  void* data() const { return data_.get(); }
  float* floats() const { return static_cast<float*>(data_.get()); }
  size_t bytes() const { return bytes_; }

 private:
  struct release {
    void operator()(void* p) const;
  };
  std::unique_ptr<void, release> data_;
  size_t bytes_ = 0;
};

// Values of one type, and for a narrower one than f32 the same ones as f32. They repeat after a prime number of elements.
class store {
 public:
  // `deviation` scales the normal distribution.
  store(gemmact_type type, int64_t elements, uint64_t seed, double deviation, pool& threads);
  gemmact_type type() const { return type_; }
  int64_t elements() const { return elements_; }
  const void* at(int64_t element) const;
  const float* floats_at(int64_t element) const;

 private:
  gemmact_type type_;
  int64_t elements_;
  buffer values_, floats_;
};

// From one place of a tensor to the next, in elements; keeps every place aligned to 128 bytes.
inline int64_t step_of(gemmact_type type, int64_t elements) {
  const int64_t unit = type == GEMMACT_E4M3 ? 128 : 64;
  return (elements + unit - 1) / unit * unit;
}

// A tensor cut from a store: `next` moves on by its size and begins again at the end, so that with a store larger than
// the last-level cache each use finds it in memory. A warm tensor stays where it is.
class tensor {
 public:
  // The store must have room for `elements` from `start` on, and outlive the tensor.
  tensor(const store& from, int64_t elements, bool cold, int64_t start = 0)
      : from_(&from), elements_(elements), at_(start), room_(from.elements()), cold_(cold) {}
  // No more than so many elements of the store are walked through.
  void keep_within(int64_t room) { room_ = room < room_ ? room : room_; }
  void next();
  // Different places that `next` walks through, 1 of a warm tensor.
  int64_t places() const;
  const void* data() const { return from_->at(at_); }
  const float* floats() const { return from_->floats_at(at_); }
  int64_t start() const { return at_; }  // element of the store
  int64_t room() const { return cold_ ? room_ : at_ + elements_; }
  gemmact_type type() const { return from_->type(); }

 private:
  int64_t step() const { return step_of(type(), elements_); }

  const store* from_;
  int64_t elements_, at_, room_;
  bool cold_;
};

// The stores that the cases share. W ~ N(0, 1) / 32, so that z is about N(0, 1) and functions do what they do in a
// network; all else N(0, 1). Each call may end the life of earlier stores of the same kind.
class input_stores {
 public:
  // `cold_bytes`: what a rotated weight walks through before it comes again, more than the last-level cache where memory
  // allows.
  input_stores(pool& threads, int64_t cold_bytes) : threads_(threads), cold_bytes_(cold_bytes) {}
  const store& weights(gemmact_type type, int64_t elements, bool cold);
  const store& inputs(gemmact_type type, int64_t elements);
  int64_t cold_bytes() const { return cold_bytes_; }
  // Elements that a rotated weight walks through: it has two places at least, and cold_bytes beside each.
  int64_t rotated_room(gemmact_type type, int64_t elements) const {
    return elements + std::max(step_of(type, elements), cold_bytes_ / bytes_of(type));
  }

 private:
  const store& renewed(std::unique_ptr<store>& at, gemmact_type type, int64_t elements, double deviation);

  pool& threads_;
  int64_t cold_bytes_;
  std::unique_ptr<store> weights_, inputs_;
};

double element(gemmact_type type, const void* data, int64_t index);

}  // namespace gemmact_bench
