#include "host/core/overlap.hpp"

#include <algorithm>
#include <utility>

namespace gemmact::core {
namespace {

using dimension = footprint::dimension;

int64_t bytes_of(const tensor& t, int64_t elements) { return type_bytes(t.type, elements); }

// Sorts the dimensions and joins what is contiguous, so that equal footprints look equal.
footprint normalised(uintptr_t begin, int64_t run, dimension a, dimension b) {
  if (a.count == 1 || (b.count > 1 && b.stride < a.stride)) std::swap(a, b);
  if (a.count > 1 && a.stride <= run) {
    run += (a.count - 1) * a.stride;
    a = std::exchange(b, {});
    if (a.count > 1 && a.stride <= run) {
      run += (a.count - 1) * a.stride;
      a = {};
    }
  }
  if (a.count > 1 && b.count > 1 && b.stride == a.count * a.stride) {
    a.count *= b.count;
    b = {};
  }
  if (a.count == 1) a.stride = 0;
  if (b.count == 1) b.stride = 0;
  return {begin, run, a, b, run + (a.count - 1) * a.stride + (b.count - 1) * b.stride};
}

int64_t floor_div(int64_t a, int64_t b) {  // b > 0
  int64_t q = a / b;
  return a % b < 0 ? q - 1 : q;
}

// A stride of either footprint and the range of (index in b) - (index in a) over it.
struct step {
  int64_t stride = 0, least = 0, most = 0;
};

// All strides, the longest first.
struct steps {
  step at[4];
  int count = 0;

  void add(const dimension& d, bool of_b) {
    if (d.count == 1) return;
    int place = 0;
    while (place < count && at[place].stride > d.stride) ++place;
    if (place == count || at[place].stride != d.stride) {
      for (int later = count++; later > place; --later) at[later] = at[later - 1];
      at[place] = {d.stride, 0, 0};
    }
    (of_b ? at[place].most : at[place].least) += of_b ? d.count - 1 : 1 - d.count;
  }
};

// Is there an i in the step's range with low < offset + i * stride < high?
bool reaches(const step& s, int64_t offset, int64_t low, int64_t high) {
  if (s.stride == 0) return low < offset && offset < high;
  int64_t first = std::max(s.least, floor_div(low - offset, s.stride) + 1);
  return first <= s.most && offset + first * s.stride < high;
}

}  // namespace

footprint footprint_of(const tensor& t, const void* data, int64_t rows, int64_t batch) {
  auto begin = reinterpret_cast<uintptr_t>(data);
  dimension entries = t.batch_stride == 0 ? dimension{} : dimension{batch, bytes_of(t, t.batch_stride)};
  if (t.extent == GEMMACT_SCALAR) return normalised(begin, bytes_of(t, 1), {}, entries);
  if (t.extent == GEMMACT_PER_COLUMN) return normalised(begin, bytes_of(t, t.cols), {}, entries);
  if (t.extent == GEMMACT_PER_ROW) return normalised(begin, bytes_of(t, rows), {}, entries);
  if (t.order == GEMMACT_ROW_MAJOR)
    return normalised(begin, bytes_of(t, t.cols), {rows, bytes_of(t, t.row_stride)}, entries);
  return normalised(begin, bytes_of(t, rows), {t.cols, bytes_of(t, t.col_stride)}, entries);
}

footprint footprint_of(const void* data, int64_t bytes) {
  return {reinterpret_cast<uintptr_t>(data), bytes, {}, {}, bytes};
}

bool overlap(const footprint& a, const footprint& b) {
  if (b.begin < a.begin) return overlap(b, a);
  if (b.begin - a.begin >= static_cast<uintptr_t>(a.span)) return false;
  const auto offset = static_cast<int64_t>(b.begin - a.begin);
  steps all;
  all.add(a.inner, false);
  all.add(a.outer, false);
  all.add(b.inner, true);
  all.add(b.outer, true);

  // A run of b begins `offset` + i * stride + ... behind one of a; they share a byte when that lies in (-b.run, a.run).
  int64_t low = -b.run, high = a.run;
  for (; all.count > 2; --all.count) {
    const step& shortest = all.at[all.count - 1];
    low -= shortest.most * shortest.stride;
    high -= shortest.least * shortest.stride;
  }
  const step &far = all.at[0], &near = all.at[1];  // far.stride > near.stride; 0 where there is none
  if (all.count < 2) return reaches(far, offset, low, high);
  int64_t least = std::max(far.least, floor_div(low - offset - near.most * near.stride, far.stride) + 1);
  int64_t most = std::min(far.most, floor_div(high - 1 - offset - near.least * near.stride, far.stride));
  constexpr int64_t most_tried = 4096;  // bounds the time; more is possible only in deeply interleaved windows
  if (most - least >= most_tried) return true;
  for (int64_t i = least; i <= most; ++i)
    if (reaches(near, offset + i * far.stride, low, high)) return true;
  return false;
}

}  // namespace gemmact::core
