#include "host/core/listing.hpp"

#include "host/core/names.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "host/core/struct_copy.hpp"

namespace gemmact::core {
namespace {

constexpr uint64_t known_flags = GEMMACT_ALLOW_UNFUSED | GEMMACT_BATCH_INVARIANT | GEMMACT_VARIABLE_M |
                                 GEMMACT_ACCUMULATE_DW | GEMMACT_ACCUMULATE_DBIAS | GEMMACT_ACCUMULATE_DPARAM |
                                 GEMMACT_TRAIN_PARAMS;

// A field for a message; its text is made only when it is needed.
struct field_name {
  const char* field;
  const gemmact_tensor* of = nullptr;
  std::string text() const { return of == nullptr ? field : slot_text(of->slot, of->index) + "'s " + field; }
};

template <class Enum>
void check_enum(field_name field, const Enum& value, uint32_t least, uint32_t most) {
  if (raw(value) < least || raw(value) > most)
    fail(GEMMACT_BAD_ENUM, "{} is {}, which is outside its enumeration ({} to {})", field.text(), raw(value), least,
         most);
}

template <class Enum>
void refuse_reserved(field_name field, const Enum& value, Enum reserved, const char* name) {
  if (raw(value) == raw(reserved))
    fail(GEMMACT_NOT_SUPPORTED, "{} is {}, which is reserved for a later version", field.text(), name);
}

void check_head_enums(const gemmact_problem& p) {
  check_enum({"operation"}, p.operation, GEMMACT_FORWARD, GEMMACT_NETWORK);
  refuse_reserved({"operation"}, p.operation, GEMMACT_NETWORK, "GEMMACT_NETWORK");
  check_enum({"combine"}, p.combine, GEMMACT_PLAIN, GEMMACT_MAXOUT);
  check_enum({"batching"}, p.batching, GEMMACT_BATCH_STRIDED, GEMMACT_BATCH_GROUPED);
  refuse_reserved({"batching"}, p.batching, GEMMACT_BATCH_POINTERS, "GEMMACT_BATCH_POINTERS");
  refuse_reserved({"batching"}, p.batching, GEMMACT_BATCH_GROUPED, "GEMMACT_BATCH_GROUPED");
  check_enum({"compute"}, p.compute, GEMMACT_COMPUTE_STRICT, GEMMACT_COMPUTE_FP8_FAST);
  check_enum({"accuracy"}, p.accuracy, GEMMACT_ACCURATE, GEMMACT_FAST);
  check_enum({"keep"}, p.keep, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_INDEX);
  check_enum({"keep_below"}, p.keep_below, GEMMACT_KEEP_AUTO, GEMMACT_KEEP_INDEX);
  check_enum({"below_combine"}, p.below_combine, GEMMACT_PLAIN, GEMMACT_MAXOUT);
  refuse_reserved({"below_combine"}, p.below_combine, GEMMACT_MAXOUT, "GEMMACT_MAXOUT");
  if ((p.flags & ~known_flags) != 0)
    fail(GEMMACT_BAD_ENUM, "flags is {:#x}, of which {:#x} is no flag that this library knows", p.flags,
         p.flags & ~known_flags);
}

void check_head_sizes(const gemmact_problem& p) {
  struct named {
    const char* name;
    int64_t value;
  };
  for (const named& s : {named{"m", p.m}, named{"n", p.n}, named{"k", p.k}})
    if (s.value < 1) fail(GEMMACT_BAD_SIZE, "{} is {}; it must be at least 1", s.name, s.value);
  if (p.batch < 0) fail(GEMMACT_BAD_SIZE, "batch is {}; it must be at least 1 (0 counts as 1)", p.batch);
  for (const named& s : {named{"m", p.m}, named{"n", p.n}, named{"k", p.k}, named{"batch", p.batch}})
    if (s.value > max_extent) fail(GEMMACT_BAD_SIZE, "{} is {}; it must be at most {}", s.name, s.value, max_extent);
  struct pair {
    const char* name;
    int64_t a, b;
  };
  for (const pair& x : {pair{"m * n", p.m, p.n}, pair{"m * k", p.m, p.k}, pair{"n * k", p.n, p.k}})
    if (x.a > max_span / x.b)
      fail(GEMMACT_BAD_SIZE, "{} = {} * {} is too much; it must be at most {}", x.name, x.a, x.b, max_span);
  const int64_t batch = p.batch == 0 ? 1 : p.batch;
  for (const pair& x :
       {pair{"batch * m * n", p.m, p.n}, pair{"batch * m * k", p.m, p.k}, pair{"batch * n * k", p.n, p.k}})
    if (x.a * x.b > max_span / batch)
      fail(GEMMACT_BAD_SIZE, "{} = {} * {} * {} is too much; it must be at most {}", x.name, batch, x.a, x.b, max_span);
  bool maxout = p.combine == GEMMACT_MAXOUT;
  if (maxout && (p.pieces < 2 || p.pieces > 8)) fail(GEMMACT_BAD_SIZE, "pieces is {}; a maxout has 2 to 8", p.pieces);
  if (!maxout && p.pieces != 0)
    fail(GEMMACT_BAD_SIZE, "pieces is {}; it belongs to a maxout and must be 0 for {}", p.pieces, name_of(p.combine));
  if (p.below_pieces != 0)
    fail(GEMMACT_NOT_SUPPORTED, "below_pieces is {}; it is reserved for a later version and must be 0", p.below_pieces);
}

void check_tensor_enums(const gemmact_tensor& t, size_t place) {
  uint32_t slot = t.slot & ~uint32_t{GEMMACT_BELOW};
  if (find_slot(slot) == nullptr) fail(GEMMACT_BAD_ENUM, "tensors[{}].slot is {}, which is no slot", place, t.slot);
  check_enum({"type", &t}, t.type, GEMMACT_F32, GEMMACT_BIT);
  refuse_reserved({"type", &t}, t.type, GEMMACT_E5M2, "GEMMACT_E5M2");
  check_enum({"order", &t}, t.order, GEMMACT_ROW_MAJOR, GEMMACT_COLUMN_MAJOR);
  check_enum({"extent", &t}, t.extent, GEMMACT_EACH, GEMMACT_PER_BLOCK);
  refuse_reserved({"extent", &t}, t.extent, GEMMACT_PER_BLOCK, "GEMMACT_PER_BLOCK");
}

void read_tensors(listing& l) {
  gemmact_problem& p = l.head;
  if (p.tensor_count > max_tensors)
    fail(GEMMACT_BAD_SIZE, "tensor_count is {}; no problem has more than {}", p.tensor_count, max_tensors);
  if (p.tensor_count > 0 && p.tensors == nullptr)
    fail(GEMMACT_NULL_ARGUMENT, "tensors is null, but tensor_count is {}", p.tensor_count);
  const auto* at = reinterpret_cast<const unsigned char*>(p.tensors);
  for (size_t i = 0; i < p.tensor_count; ++i, at += p.tensor_bytes) {
    if (i == 0 && p.tensor_bytes < sizeof(gemmact_tensor))
      fail(GEMMACT_STRUCT_SIZE, "tensor_bytes is {}, but gemmact_tensor has {} bytes in this library", p.tensor_bytes,
           sizeof(gemmact_tensor));
    check_struct_size("gemmact_tensor", "tensor_bytes", at, p.tensor_bytes, {sizeof(gemmact_tensor)});
    l.all[i] = copy_struct<gemmact_tensor>(at, p.tensor_bytes);
    check_tensor_enums(l.all[i], i);
  }
  p.tensors = nullptr;  // from here on l.all is meant
}

// A caller's text, which may be longer than any that is accepted.
std::string_view bounded(const char* text) {
  size_t length = 0;
  while (length <= max_activation_text && text[length] != 0) ++length;
  return {text, length};
}

void read_activations(listing& l, catalogue functions) {
  const gemmact_problem& p = l.head;
  if (p.combine == GEMMACT_MAXOUT && p.activation != nullptr)
    fail(GEMMACT_BAD_ACTIVATION_TEXT, "activation is {}; a maxout has none and takes null",
         quoted(bounded(p.activation)));
  l.activation = parse_activation(p.activation == nullptr ? "linear" : bounded(p.activation), functions);
  if (p.below == nullptr) {
    if (p.below_combine != GEMMACT_PLAIN)
      fail(GEMMACT_UNEXPECTED_TENSOR, "below_combine is {}, but below is null: no layer below is described",
           name_of(p.below_combine));
    return;
  }
  if (p.operation != GEMMACT_INPUT_GRAD)
    fail(GEMMACT_UNEXPECTED_TENSOR, "below is {}; only input_grad has a layer below, and this is {}",
         quoted(bounded(p.below)), name_of(p.operation));
  l.below = parse_activation(bounded(p.below), functions);
}

int products(gemmact_combine combine, uint32_t pieces) {
  return combine == GEMMACT_PLAIN ? 1 : combine == GEMMACT_GATED ? 2 : static_cast<int>(pieces);
}

}  // namespace

listing read_listing(const gemmact_problem* given, catalogue functions) {
  if (given == nullptr) fail(GEMMACT_NULL_ARGUMENT, "problem is null");
  size_t bytes = struct_bytes_of(given);
  check_struct_size("gemmact_problem", "struct_bytes", given, bytes,
                    {offsetof(gemmact_problem, below_combine), sizeof(gemmact_problem)});
  listing l;
  l.head = copy_struct<gemmact_problem>(given, bytes);
  check_head_enums(l.head);
  check_head_sizes(l.head);
  if (l.head.batch == 0) l.head.batch = 1;
  l.pieces = products(l.head.combine, l.head.pieces);
  l.below_pieces = products(l.head.below_combine, 0);
  read_tensors(l);
  read_activations(l, functions);
  return l;
}

}  // namespace gemmact::core
