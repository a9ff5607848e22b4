#include "host/core/tensor_layout.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "host/core/names.hpp"
#include "host/core/status.hpp"

namespace gemmact::core {
namespace {

constexpr int64_t word_bits = 32;  // of a BIT row

int64_t element_bytes(gemmact_type type) {
  if (type == GEMMACT_F32) return 4;
  return type == GEMMACT_F16 || type == GEMMACT_BF16 ? 2 : 1;
}

template <class Enum>
std::string allowed_names(uint32_t mask, uint32_t count) {
  std::string text;
  for (uint32_t value = 0; value < count; ++value)
    if ((mask >> value & 1) != 0) text += std::string(text.empty() ? "" : ", ") + name_of(static_cast<Enum>(value));
  return text;
}

// What may be said of the tensor before its strides are known.
void check_kind(const gemmact_tensor& t, const slot_rule& rule) {
  std::string (*const name)(uint32_t, uint32_t) = slot_text;
  if ((rule.types >> t.type & 1) == 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s type is {}; it can be {}", name(t.slot, t.index), name_of(t.type),
         allowed_names<gemmact_type>(rule.types, 8));
  if ((rule.extents >> t.extent & 1) == 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s extent is {}; it can be {}", name(t.slot, t.index), name_of(t.extent),
         allowed_names<gemmact_extent>(rule.extents, 5));
  if (t.order == GEMMACT_COLUMN_MAJOR && t.extent != GEMMACT_EACH)
    fail(GEMMACT_BAD_TENSOR, "{} is column_major; only a matrix has an order, and its extent is {}",
         name(t.slot, t.index), name_of(t.extent));
  if (t.order == GEMMACT_COLUMN_MAJOR && (t.type == GEMMACT_BIT || t.type == GEMMACT_U8))
    fail(GEMMACT_BAD_TENSOR, "{} is column_major; a tensor of type {} is row_major", name(t.slot, t.index),
         name_of(t.type));
  uint32_t natural = t.type == GEMMACT_BIT ? 4 : static_cast<uint32_t>(element_bytes(t.type));
  if (t.align_bytes != 0 && !std::has_single_bit(t.align_bytes))
    fail(GEMMACT_BAD_TENSOR, "{}'s align_bytes is {}, which is no power of two", name(t.slot, t.index), t.align_bytes);
  if (t.align_bytes != 0 && t.align_bytes < natural)
    fail(GEMMACT_BAD_TENSOR, "{}'s align_bytes is {}, less than the {} of its element", name(t.slot, t.index),
         t.align_bytes, natural);
}

// The leading dimension, dense when not given.
int64_t leading(const gemmact_tensor& t, const matrix_size& size) {
  int64_t least = t.order == GEMMACT_ROW_MAJOR ? size.cols : size.rows;
  bool bits = t.type == GEMMACT_BIT;
  if (t.ld == 0) {
    if (!bits) return least;
    return (least + word_bits - 1) / word_bits * word_bits;
  }
  if (t.ld < least)
    fail(GEMMACT_BAD_TENSOR, "{}'s ld is {}; {} of {} elements need at least that many", slot_text(t.slot, t.index),
         t.ld, t.order == GEMMACT_ROW_MAJOR ? "rows" : "columns", least);
  if (bits && t.ld % word_bits != 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s ld is {}; a bit mask's is a multiple of {}", slot_text(t.slot, t.index), t.ld,
         word_bits);
  return t.ld;
}

void set_strides(const gemmact_tensor& given, tensor& t) {
  if (t.extent == GEMMACT_EACH) {
    int64_t ld = leading(given, {t.rows, t.cols});
    t.row_stride = t.order == GEMMACT_ROW_MAJOR ? ld : 1;
    t.col_stride = t.order == GEMMACT_ROW_MAJOR ? 1 : ld;
    return;
  }
  if (given.ld != 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s ld is {}; it has extent {} and is contiguous, so ld must be 0",
         slot_text(given.slot, given.index), given.ld, name_of(t.extent));
  t.row_stride = t.extent == GEMMACT_PER_ROW ? 1 : 0;
  t.col_stride = t.extent == GEMMACT_PER_COLUMN ? 1 : 0;
}

// Elements from a batch entry's first to behind its last. Strides are at most max_span, extents max_extent.
int64_t entry_span(const tensor& t) {
  int64_t down, along;
  if (__builtin_mul_overflow(t.rows - 1, t.row_stride, &down) ||
      __builtin_mul_overflow(t.cols - 1, t.col_stride, &along))
    return max_span;
  return std::min(max_span, down) + std::min(max_span, along) + 1;
}

// Do the entries of an output lie apart: one behind the other, or interleaved inside the leading dimension?
bool entries_lie_apart(const tensor& t, int64_t batch, int64_t span) {
  if (t.batch_stride >= span) return true;
  if (t.extent != GEMMACT_EACH) return false;
  int64_t run = t.order == GEMMACT_ROW_MAJOR ? t.cols : t.rows;
  int64_t ld = t.order == GEMMACT_ROW_MAJOR ? t.row_stride : t.col_stride;
  return t.batch_stride >= run && batch - 1 <= (ld - run) / t.batch_stride;
}

void check_batch(const tensor& t, const slot_rule& rule, int64_t batch, int64_t span) {
  if (t.batch_stride < 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s batch_stride is {}; it must not be negative", slot_text(t.slot, t.index),
         t.batch_stride);
  if (t.type == GEMMACT_BIT && t.batch_stride % word_bits != 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s batch_stride is {}; a bit mask's is a multiple of {}", slot_text(t.slot, t.index),
         t.batch_stride, word_bits);
  if (!t.output || batch == 1 || (rule.summed && t.batch_stride == 0)) return;
  if (t.batch_stride == 0)
    fail(GEMMACT_BAD_TENSOR, "{}'s batch_stride is 0; an output of a batch of {} needs one", slot_text(t.slot, t.index),
         batch);
  if (!entries_lie_apart(t, batch, span))
    fail(GEMMACT_BAD_TENSOR, "{}'s batch_stride is {}, so its {} batch entries of {} elements overlap",
         slot_text(t.slot, t.index), t.batch_stride, batch, span);
}

}  // namespace

matrix_size slot_matrix(const slot_rule& rule, bool below, int64_t m, int64_t n, int64_t k) {
  if (below) n = k;
  if (rule.shape == slot_shape::mn) return {m, n};
  return rule.shape == slot_shape::mk ? matrix_size{m, k} : matrix_size{n, k};
}

int64_t type_bytes(gemmact_type type, int64_t elements) {
  if (type == GEMMACT_BIT) return (elements / word_bits + (elements % word_bits != 0 ? 1 : 0)) * 4;
  return elements * element_bytes(type);
}

int64_t tensor_bytes(const tensor& t, int64_t batch) {
  return type_bytes(t.type, (batch - 1) * t.batch_stride + entry_span(t));
}

tensor lay_out(const gemmact_tensor& given, const slot_rule& rule, bool output, const listing& l) {
  check_kind(given, rule);
  tensor t;
  t.slot = given.slot;
  t.index = given.index;
  t.type = given.type;
  t.order = given.order;
  t.extent = given.extent;
  t.align_bytes = given.align_bytes != 0 ? given.align_bytes : (t.type == GEMMACT_BIT ? 4 : element_bytes(t.type));
  t.output = output;
  t.batch_stride = given.batch_stride;
  const gemmact_problem& p = l.head;
  matrix_size size = slot_matrix(rule, (t.slot & GEMMACT_BELOW) != 0, p.m, p.n, p.k);
  t.rows = size.rows;
  t.cols = size.cols;
  if (output && t.extent != GEMMACT_EACH && t.extent != GEMMACT_PER_ROW) t.rows = 1;
  if (output && t.extent != GEMMACT_EACH && t.extent != GEMMACT_PER_COLUMN) t.cols = 1;
  set_strides(given, t);
  if (given.ld > max_span || given.batch_stride > max_span)
    fail(GEMMACT_BAD_SIZE, "{} has ld {} and batch_stride {}; they must be at most {}", slot_text(t.slot, t.index),
         given.ld, given.batch_stride, max_span);
  int64_t span = entry_span(t), last;
  check_batch(t, rule, p.batch, span);
  if (__builtin_mul_overflow(p.batch - 1, t.batch_stride, &last) || last > max_span ||
      type_bytes(t.type, last + span) > max_span)
    fail(GEMMACT_BAD_SIZE, "{} spans more than {} bytes (ld {}, batch_stride {}, batch {})", slot_text(t.slot, t.index),
         max_span, given.ld, given.batch_stride, p.batch);
  return t;
}

}  // namespace gemmact::core
