#include "host/api/command/layer_arrays.hpp"

#include <algorithm>
#include <cstring>

#include "host/api/command/failures.hpp"
#include "host/core/names.hpp"
#include "host/core/problem.hpp"
#include "host/core/slots.hpp"

namespace gemmact::api {
namespace {

const core::slot_rule& rule_of(uint32_t slot) { return *core::find_slot(slot & ~uint32_t{GEMMACT_BELOW}); }

bool only_matrix(uint32_t slot) { return rule_of(slot).extents == 1u << GEMMACT_EACH; }

bool allows(const array_file& file, gemmact_extent extent) {
  if (file.declared) return extent == *file.declared;
  return (rule_of(file.slot).extents >> extent & 1u) != 0;
}

int64_t words_of(int64_t bits) { return bits / 32 + (bits % 32 != 0); }

gemmact_type type_of(const npy_layout& layout, const array_file& file) {
  const bool kept = (file.slot & ~uint32_t{GEMMACT_BELOW}) == GEMMACT_KEPT;
  const bool bits = layout.kind == 'u' || layout.kind == 'V';
  if (layout.kind == 'f' && layout.item_bytes == 4) return GEMMACT_F32;
  if (layout.kind == 'f' && layout.item_bytes == 2) return GEMMACT_F16;
  if (bits && layout.item_bytes == 2) return GEMMACT_BF16;
  if (bits && layout.item_bytes == 1) return kept ? GEMMACT_U8 : GEMMACT_E4M3;
  if (layout.kind == 'u' && layout.item_bytes == 4 && kept) return GEMMACT_BIT;
  if (layout.kind == 'f')
    run_fail("{} ({}) is float{}; nothing is converted unasked: save it as float32 or float16", file.path, file.option,
             layout.item_bytes * 8);
  run_fail(
      "{} ({}) is of dtype {}{}; a layer takes float32, float16, uint16 (bf16's bits), uint8 (e4m3's) and, kept, "
      "uint32 masks",
      file.path, file.option, layout.kind, layout.item_bytes);
}

struct matrix_names {
  const char *rows, *cols;
};

matrix_names names_of(uint32_t slot) {
  const core::slot_shape shape = rule_of(slot).shape;
  const bool below = (slot & GEMMACT_BELOW) != 0;
  return {shape == core::slot_shape::nk ? "n" : "m", shape == core::slot_shape::mn && !below ? "n" : "k"};
}

int64_t& size_named(layer_sizes& sizes, const char* name) {
  return *name == 'm' ? sizes.m : *name == 'n' ? sizes.n : sizes.k;
}

struct matrix_sizes {
  int64_t rows, cols;
};

matrix_sizes sizes_of(uint32_t slot, layer_sizes sizes) {
  return {size_named(sizes, names_of(slot).rows), size_named(sizes, names_of(slot).cols)};
}

// Who said first how large something is, for a message.
class size_book {
 public:
  void set(layer_sizes& sizes, const char* name, int64_t value, const layer_array& a) {
    int64_t& known = size_named(sizes, name);
    const layer_array*& first = first_[*name - 'k'];
    if (first != nullptr && known != value)
      run_fail("{} ({}) has shape {}, which makes {} {}, but {} ({}) makes it {}", a.file.path, a.file.option,
               shape_text(a.content.layout.shape), name, value, first->file.path, first->file.option, known);
    if (first == nullptr) first = &a;
    known = value;
  }

 private:
  const layer_array* first_[4] = {};  // of k, (l), m, n
};

[[noreturn]] void misshapen(const layer_array& a, const std::string& rule) {
  run_fail("{} ({}) has shape {}; {}", a.file.path, a.file.option, shape_text(a.content.layout.shape), rule);
}

void learn_batch(layer_sizes& sizes, const layer_array& a) {
  const std::vector<int64_t>& shape = a.content.layout.shape;
  if (shape.size() != 3 || shape[0] == 1) return;
  if (sizes.batch != size_unknown && shape[0] != sizes.batch)
    misshapen(a, fmt::format("its batch is not the {} of the other arrays", sizes.batch));
  sizes.batch = shape[0];
}

// Of a rows x cols matrix in the words of NumPy: which values are given, or nothing.
bool spread(layer_array& a, int64_t rows, int64_t cols) {
  std::vector<int64_t> shape = a.content.layout.shape;
  if (shape.size() == 3) shape.erase(shape.begin());
  const auto fits = [&](gemmact_extent extent) {
    const int64_t count = extent == GEMMACT_PER_COLUMN ? cols : extent == GEMMACT_PER_ROW ? rows : 1;
    const bool row = extent == GEMMACT_PER_ROW;
    if (shape.size() == 1) return shape[0] == count && !(row && allows(a.file, GEMMACT_PER_COLUMN));
    return shape == std::vector<int64_t>{extent == GEMMACT_PER_ROW ? rows : 1, extent == GEMMACT_PER_COLUMN ? cols : 1};
  };
  if (allows(a.file, GEMMACT_EACH) && shape == std::vector<int64_t>{rows, cols}) a.tensor.extent = GEMMACT_EACH;
  else if (allows(a.file, GEMMACT_PER_COLUMN) && !shape.empty() && fits(GEMMACT_PER_COLUMN))
    a.tensor.extent = GEMMACT_PER_COLUMN;
  else if (allows(a.file, GEMMACT_PER_ROW) && !shape.empty() && fits(GEMMACT_PER_ROW))
    a.tensor.extent = GEMMACT_PER_ROW;
  else if (allows(a.file, GEMMACT_SCALAR) && (shape.empty() || fits(GEMMACT_SCALAR))) a.tensor.extent = GEMMACT_SCALAR;
  else return false;
  return true;
}

// Nothing in a single dimension says whether an operand is one a row or one a column, where there are as many of both.
void refuse_ambiguous(const layer_array& a, int64_t rows, int64_t cols) {
  const bool operand = (a.file.slot & ~uint32_t{GEMMACT_BELOW}) == GEMMACT_OPERAND;
  const std::vector<int64_t>& shape = a.content.layout.shape;
  if (!operand || shape.size() != 1 || rows != cols || rows == 1 || shape[0] != rows) return;
  misshapen(a, fmt::format("with {0} rows and {0} columns that may be one a row, saved as ({0}, 1), or one a column, "
                           "saved as (1, {0})",
                           rows));
}

std::string allowed_shapes(const array_file& file, int64_t rows, int64_t cols) {
  std::string out;
  const auto add = [&](gemmact_extent extent, const std::string& shape) {
    if (allows(file, extent)) out += (out.empty() ? "" : ", ") + shape;
  };
  const bool ambiguous = allows(file, GEMMACT_PER_COLUMN);  // then a single dimension is of columns
  add(GEMMACT_PER_COLUMN, fmt::format("({},) or (1, {})", cols, cols));
  add(GEMMACT_PER_ROW, ambiguous ? fmt::format("({}, 1)", rows) : fmt::format("({},) or ({}, 1)", rows, rows));
  add(GEMMACT_SCALAR, "() or (1,)");
  add(GEMMACT_EACH, fmt::format("({}, {})", rows, cols));
  return out;
}

// The order in memory of a matrix; anything else must be in C order.
gemmact_order order_of(const layer_array& a) {
  const std::vector<int64_t>& shape = a.content.layout.shape;
  const auto long_dimensions = std::count_if(shape.begin(), shape.end(), [](int64_t d) { return d > 1; });
  if (!a.content.layout.fortran_order || long_dimensions < 2) return GEMMACT_ROW_MAJOR;
  if (shape.size() == 3) misshapen(a, "a batch must be in C order, and this is in Fortran order");
  if (a.tensor.type == GEMMACT_BIT || a.tensor.type == GEMMACT_U8)
    misshapen(a, "masks and winners must be in C order, and this is in Fortran order");
  return GEMMACT_COLUMN_MAJOR;
}

int64_t product(const std::vector<int64_t>& shape, const layer_array& a) {
  int64_t elements = 1;
  for (const int64_t d : shape)
    if (__builtin_mul_overflow(elements, d, &elements))
      run_fail("{} ({}) would have shape {}, more than any memory holds", a.file.path, a.file.option,
               shape_text(shape));
  return elements;
}

struct dtype {
  char kind;
  int item_bytes;
};

dtype dtype_of(gemmact_type type) {
  switch (type) {
    case GEMMACT_F32:
      return {'f', 4};
    case GEMMACT_F16:
      return {'f', 2};
    case GEMMACT_BF16:
      return {'u', 2};
    case GEMMACT_BIT:
      return {'u', 4};
    default:
      return {'u', 1};
  }
}

void use_existing(layer_array& a) {
  npy_array there = read_npy(a.file.path);
  const npy_layout& layout = there.layout;
  if (layout.shape != a.content.layout.shape || layout.fortran_order)
    run_fail("{} ({}) has shape {}; to be added to it must be {} in C order", a.file.path, a.file.option,
             shape_text(layout.shape), shape_text(a.content.layout.shape));
  a.tensor.type = type_of(layout, a.file);
  a.content = std::move(there);
}

}  // namespace

layer_array load_array(const array_file& file) {
  layer_array a{file, read_npy(file.path)};
  a.tensor.slot = file.slot;
  a.tensor.index = file.index;
  a.tensor.type = type_of(a.content.layout, file);
  const std::vector<int64_t>& shape = a.content.layout.shape;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) misshapen(a, "a layer has no empty dimension");
  return a;
}

layer_sizes agreed_sizes(const std::vector<layer_array>& arrays) {
  layer_sizes sizes;
  size_book book;
  for (const layer_array& a : arrays) {
    const std::vector<int64_t>& shape = a.content.layout.shape;
    learn_batch(sizes, a);
    if (!only_matrix(a.file.slot)) continue;
    const matrix_names names = names_of(a.file.slot);
    if (shape.size() != 2 && shape.size() != 3)
      misshapen(a, fmt::format("it must be {} x {}, or have a batch in front", names.rows, names.cols));
    book.set(sizes, names.rows, shape[shape.size() - 2], a);
    if (a.tensor.type != GEMMACT_BIT) book.set(sizes, names.cols, shape[shape.size() - 1], a);
  }
  for (int64_t* size : {&sizes.k, &sizes.batch})
    if (*size == size_unknown) *size = 1;
  return sizes;
}

void describe(layer_array& a, const layer_sizes& sizes) {
  const std::vector<int64_t>& shape = a.content.layout.shape;
  const matrix_sizes matrix = sizes_of(a.file.slot, sizes);
  if (shape.size() > 3) misshapen(a, "at most 3 dimensions have a meaning here");
  refuse_ambiguous(a, matrix.rows, matrix.cols);
  if (!only_matrix(a.file.slot) && !spread(a, matrix.rows, matrix.cols))
    misshapen(a, "it must be one of " + allowed_shapes(a.file, matrix.rows, matrix.cols));
  a.tensor.order = order_of(a);
  const bool mask = a.tensor.type == GEMMACT_BIT;
  if (mask && shape.back() != words_of(matrix.cols))
    misshapen(a, fmt::format("a mask of {} columns has {} words a row", matrix.cols, words_of(matrix.cols)));
  if (mask) a.tensor.ld = shape.back() * 32;
  const bool strided = shape.size() == 3 && shape[0] > 1;
  if (strided) a.tensor.batch_stride = product({shape[1], shape[2], mask ? 32 : 1}, a);
}

layer_array make_result(const array_file& file, const layer_sizes& sizes, const result_form& form) {
  layer_array a{file, {}};
  a.tensor.slot = file.slot;
  a.tensor.index = file.index;
  a.tensor.type = form.type;
  a.tensor.extent = form.extent;
  const matrix_sizes matrix = sizes_of(file.slot, sizes);
  const bool mask = form.type == GEMMACT_BIT;
  const bool strided = sizes.batch > 1 && (form.per_batch || !rule_of(file.slot).summed);
  const int64_t rows = form.extent == GEMMACT_EACH || form.extent == GEMMACT_PER_ROW ? matrix.rows : 1;
  int64_t cols = form.extent == GEMMACT_EACH || form.extent == GEMMACT_PER_COLUMN ? matrix.cols : 1;
  if (mask) cols = words_of(cols);
  std::vector<int64_t>& shape = a.content.layout.shape;
  shape = {rows, cols};
  if (mask) a.tensor.ld = cols * 32;
  if (strided)
    shape.insert(shape.begin(), sizes.batch), a.tensor.batch_stride = product({rows, cols, mask ? 32 : 1}, a);
  else if (form.extent == GEMMACT_PER_COLUMN) shape = {cols};
  else if (form.extent == GEMMACT_SCALAR) shape = {};
  if (form.accumulate && file.slot != GEMMACT_AMAX_Y && rule_of(file.slot).summed) {
    use_existing(a);
    return a;
  }
  const dtype d = dtype_of(form.type);
  a.content.layout.kind = d.kind;
  a.content.layout.item_bytes = d.item_bytes;
  std::vector<int64_t> all = shape;
  all.push_back(d.item_bytes);
  a.content.data = aligned_bytes(size_t(product(all, a)));
  return a;
}

std::string preamble(const layer_array& a) {
  const dtype d = dtype_of(a.tensor.type);
  return npy_preamble(d.kind, d.item_bytes, a.content.layout.shape);
}

}  // namespace gemmact::api
