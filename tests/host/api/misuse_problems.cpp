#include <climits>
#include <cstdint>

#include "tests/host/api/misuse.hpp"

namespace gemmact::test {
namespace {

using rows = std::vector<problem_misuse>;

// An enumerator that a C caller may well pass.
template <class Enum>
void put(Enum& field, uint32_t value) {
  std::memcpy(&field, &value, sizeof value);
}

sample_layer with(sample_layer l, uint32_t slot, gemmact_type type = GEMMACT_F32, gemmact_extent extent = GEMMACT_EACH,
                  uint32_t index = 0) {
  return l.add(slot, type, extent, index);
}

sample_layer batched(sample_layer l, int64_t batch) {
  l.problem.batch = batch;
  return l;
}

void add_heads(rows& t) {
  auto add = [&](const char* name, void (*spoil)(sample_layer&), gemmact_status status, const char* says) {
    t.push_back({name, forward_layer(), spoil, status, says});
  };
  using l = sample_layer&;
  add(
      "struct_bytes 0", [](l s) { s.problem.struct_bytes = 0; }, GEMMACT_STRUCT_SIZE, "struct_bytes is 0");
  add(
      "struct_bytes 8", [](l s) { s.problem.struct_bytes = 8; }, GEMMACT_STRUCT_SIZE, "struct_bytes is 8");
  add(
      "struct_bytes -1", [](l s) { s.problem.struct_bytes -= 1; }, GEMMACT_STRUCT_SIZE, "gemmact_problem has");
  add(
      "struct_bytes huge", [](l s) { s.problem.struct_bytes = SIZE_MAX; }, GEMMACT_STRUCT_SIZE, "gemmact_problem has");
  add(
      "operation 0", [](l s) { put(s.problem.operation, 0); }, GEMMACT_BAD_ENUM, "operation is 0");
  add(
      "operation 6", [](l s) { put(s.problem.operation, 6); }, GEMMACT_BAD_ENUM, "operation is 6");
  add(
      "operation huge", [](l s) { put(s.problem.operation, UINT32_MAX); }, GEMMACT_BAD_ENUM, "operation is 4294967295");
  add(
      "operation network", [](l s) { put(s.problem.operation, GEMMACT_NETWORK); }, GEMMACT_NOT_SUPPORTED, "reserved");
  add(
      "combine", [](l s) { put(s.problem.combine, 3); }, GEMMACT_BAD_ENUM, "combine is 3");
  add(
      "batching", [](l s) { put(s.problem.batching, 3); }, GEMMACT_BAD_ENUM, "batching is 3");
  add(
      "batch pointers", [](l s) { put(s.problem.batching, 1); }, GEMMACT_NOT_SUPPORTED, "GEMMACT_BATCH_POINTERS");
  add(
      "batch grouped", [](l s) { put(s.problem.batching, 2); }, GEMMACT_NOT_SUPPORTED, "GEMMACT_BATCH_GROUPED");
  add(
      "compute", [](l s) { put(s.problem.compute, 3); }, GEMMACT_BAD_ENUM, "compute is 3");
  add(
      "accuracy", [](l s) { put(s.problem.accuracy, 2); }, GEMMACT_BAD_ENUM, "accuracy is 2");
  add(
      "keep", [](l s) { put(s.problem.keep, 6); }, GEMMACT_BAD_ENUM, "keep is 6");
  add(
      "keep_below", [](l s) { put(s.problem.keep_below, 6); }, GEMMACT_BAD_ENUM, "keep_below is 6");
  add(
      "below_combine", [](l s) { put(s.problem.below_combine, 3); }, GEMMACT_BAD_ENUM, "below_combine is 3");
  add(
      "below maxout", [](l s) { put(s.problem.below_combine, 2); }, GEMMACT_NOT_SUPPORTED, "below_combine");
  add(
      "below_pieces", [](l s) { s.problem.below_pieces = 2; }, GEMMACT_NOT_SUPPORTED, "below_pieces is 2");
  add(
      "flags", [](l s) { s.problem.flags = uint64_t{1} << 63 | 1; }, GEMMACT_BAD_ENUM, "0x8000000000000000 is no flag");
  add(
      "m 0", [](l s) { s.problem.m = 0; }, GEMMACT_BAD_SIZE, "m is 0");
  add(
      "n negative", [](l s) { s.problem.n = -7; }, GEMMACT_BAD_SIZE, "n is -7");
  add(
      "k least", [](l s) { s.problem.k = INT64_MIN; }, GEMMACT_BAD_SIZE, "k is -9223372036854775808");
  add(
      "batch negative", [](l s) { s.problem.batch = -1; }, GEMMACT_BAD_SIZE, "batch is -1");
  add(
      "m * n", [](l s) { s.problem.m = s.problem.n = int64_t{1} << 32; }, GEMMACT_BAD_SIZE,
      "m * n = 4294967296 * 4294967296");
  add(
      "m * k", [](l s) { s.problem.m = s.problem.k = int64_t{1} << 29; }, GEMMACT_BAD_SIZE, "m * k");
  add(
      "n * k", [](l s) { s.problem.n = s.problem.k = int64_t{1} << 40; }, GEMMACT_BAD_SIZE, "n * k");
  add(
      "batch * m * n",
      [](l s) {
        s.problem.batch = s.problem.n = int64_t{1} << 28;
        s.problem.m = 2;
        s.problem.k = 1;
      },
      GEMMACT_BAD_SIZE, "batch * m * n = 268435456 * 2 * 268435456");
  add(
      "batch * m * k",
      [](l s) {
        s.problem.batch = s.problem.k = int64_t{1} << 28;
        s.problem.m = 2;
        s.problem.n = 1;
      },
      GEMMACT_BAD_SIZE, "batch * m * k");
  add(
      "batch * n * k",
      [](l s) {
        s.problem.batch = int64_t{1} << 40;
        s.problem.m = 1;
        s.problem.n = s.problem.k = 4096;
      },
      GEMMACT_BAD_SIZE, "batch * n * k = 1099511627776 * 4096 * 4096");
  // Every tensor is shared, so that none spans much, and yet the batch's sums for DBIAS would be many.
  t.push_back({"a batch of sums", with(weight_grad_layer(), GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN),
               [](l s) {
                 s.problem.m = s.problem.k = 1;
                 s.problem.n = int64_t{1} << 22;
                 s.problem.batch = int64_t{1} << 40;
               },
               GEMMACT_BAD_SIZE, "batch * m * n = 1099511627776 * 1 * 4194304 is too much; it must be at most"});
  add(
      "m huge", [](l s) { s.problem.m = INT64_MAX; }, GEMMACT_BAD_SIZE, "m is 9223372036854775807; it must be at most");
  add(
      "batch huge", [](l s) { s.problem.batch = INT64_MAX; }, GEMMACT_BAD_SIZE,
      "batch is 9223372036854775807; it must be");
  add(
      "bytes",
      [](l s) {
        s.problem.m = int64_t{1} << 40;
        s.problem.n = int64_t{1} << 15;
      },
      GEMMACT_BAD_SIZE, "Y spans more than");
  add(
      "pieces of plain", [](l s) { s.problem.pieces = 2; }, GEMMACT_BAD_SIZE, "pieces is 2");
  add(
      "tensors null", [](l s) { s.problem.tensors = nullptr; }, GEMMACT_NULL_ARGUMENT, "tensors is null");
  add(
      "tensor_count", [](l s) { s.problem.tensor_count = SIZE_MAX; }, GEMMACT_BAD_SIZE, "tensor_count is");
  add(
      "no tensors", [](l s) { s.problem.tensor_count = 0; }, GEMMACT_MISSING_TENSOR, "X is not listed");
  add(
      "tensor_bytes 0", [](l s) { s.problem.tensor_bytes = 0; }, GEMMACT_STRUCT_SIZE, "tensor_bytes is 0");
  add(
      "tensor_bytes -1", [](l s) { s.problem.tensor_bytes -= 1; }, GEMMACT_STRUCT_SIZE, "tensor_bytes");
  add(
      "tensor_bytes huge", [](l s) { s.problem.tensor_bytes = SIZE_MAX; }, GEMMACT_STRUCT_SIZE, "tensor_bytes");
  add(
      "activation unknown", [](l s) { s.problem.activation = "rleu"; }, GEMMACT_UNKNOWN_ACTIVATION,
      "did you mean relu");
  add(
      "activation empty", [](l s) { s.problem.activation = ""; }, GEMMACT_BAD_ACTIVATION_TEXT, "empty");
  add(
      "activation garbage", [](l s) { s.problem.activation = "re$lu"; }, GEMMACT_BAD_ACTIVATION_TEXT, "re$lu");
  add(
      "equation", [](l s) { s.problem.activation = "max(x, 0"; }, GEMMACT_BAD_ACTIVATION_TEXT, "expected");
  add(
      "equation that is too long to compute",
      [](l s) {
        static const std::string text = [] {
          std::string sum = "x";
          for (int i = 0; i < 2020; ++i) sum += "+x";
          return sum;
        }();
        s.problem.activation = text.c_str();
      },
      GEMMACT_EQUATION_UNSUPPORTED, "has more than 2000 operations");
  add(
      "parameter", [](l s) { s.problem.activation = "swish(gamma=1)"; }, GEMMACT_BAD_PARAMETER, "gamma");
  add(
      "number", [](l s) { s.problem.activation = "swish(beta=one)"; }, GEMMACT_BAD_PARAMETER, "\"one\"");
  add(
      "below of forward", [](l s) { s.problem.below = "relu"; }, GEMMACT_UNEXPECTED_TENSOR, "below is \"relu\"");
  add(
      "keep_below of forward", [](l s) { s.problem.keep_below = GEMMACT_KEEP_Z; }, GEMMACT_BAD_KEEP, "keep_below is z");
  add(
      "gated below of forward", [](l s) { s.problem.below_combine = GEMMACT_GATED; }, GEMMACT_UNEXPECTED_TENSOR,
      "below_combine is gated");
  add(
      "pieces 1", [](l s) { put(s.problem.combine, GEMMACT_MAXOUT), s.problem.pieces = 1; }, GEMMACT_BAD_SIZE,
      "pieces is 1");
  add(
      "pieces 9", [](l s) { put(s.problem.combine, GEMMACT_MAXOUT), s.problem.pieces = 9; }, GEMMACT_BAD_SIZE,
      "pieces is 9");
  t.push_back({"maxout of relu", maxout_layer(), [](l s) { s.problem.activation = "relu"; },
               GEMMACT_BAD_ACTIVATION_TEXT, "a maxout has none"});
}

void add_tensor_fields(rows& t) {
  auto x = [&](const char* name, void (*spoil)(gemmact_tensor&), gemmact_status status, const char* says) {
    t.push_back(
        {std::string("X ") + name, forward_layer(), [=](sample_layer& l) { spoil(l.at(GEMMACT_X)); }, status, says});
  };
  auto bias = [&](const char* name, void (*spoil)(gemmact_tensor&), gemmact_status status, const char* says) {
    t.push_back({std::string("BIAS ") + name, forward_layer(), [=](sample_layer& l) { spoil(l.at(GEMMACT_BIAS)); },
                 status, says});
  };
  auto kept = [&](const char* name, void (*spoil)(gemmact_tensor&), gemmact_status status, const char* says) {
    t.push_back({std::string("KEPT ") + name, with(forward_layer(), GEMMACT_KEPT, GEMMACT_BIT),
                 [=](sample_layer& l) { spoil(l.at(GEMMACT_KEPT)); }, status, says});
  };
  using r = gemmact_tensor&;
  x(
      "slot 0", [](r v) { v.slot = 0; }, GEMMACT_BAD_ENUM, "slot is 0");
  x(
      "slot 24", [](r v) { v.slot = 24; }, GEMMACT_BAD_ENUM, "slot is 24");
  x(
      "slot BELOW", [](r v) { v.slot = GEMMACT_BELOW; }, GEMMACT_BAD_ENUM, "slot is 256");
  x(
      "slot 0x201", [](r v) { v.slot = 0x201; }, GEMMACT_BAD_ENUM, "slot is 513");
  x(
      "operand", [](r v) { v.slot = GEMMACT_OPERAND; }, GEMMACT_UNEXPECTED_TENSOR, "is no equation");
  x(
      "type 0", [](r v) { put(v.type, 0); }, GEMMACT_BAD_ENUM, "X's type is 0");
  x(
      "type 8", [](r v) { put(v.type, 8); }, GEMMACT_BAD_ENUM, "X's type is 8");
  x(
      "type e5m2", [](r v) { v.type = GEMMACT_E5M2; }, GEMMACT_NOT_SUPPORTED, "GEMMACT_E5M2");
  x(
      "type bit", [](r v) { v.type = GEMMACT_BIT; }, GEMMACT_BAD_TENSOR,
      "X's type is bit; it can be f32, f16, bf16, e4m3");
  x(
      "type u8", [](r v) { v.type = GEMMACT_U8; }, GEMMACT_BAD_TENSOR, "X's type is u8");
  x(
      "type other than W's", [](r v) { v.type = GEMMACT_F16; }, GEMMACT_BAD_TENSOR, "what is multiplied has one type");
  x(
      "order", [](r v) { put(v.order, 2); }, GEMMACT_BAD_ENUM, "X's order is 2");
  x(
      "extent", [](r v) { put(v.extent, 5); }, GEMMACT_BAD_ENUM, "X's extent is 5");
  x(
      "per block", [](r v) { v.extent = GEMMACT_PER_BLOCK; }, GEMMACT_NOT_SUPPORTED, "GEMMACT_PER_BLOCK");
  x(
      "extent row", [](r v) { v.extent = GEMMACT_PER_ROW; }, GEMMACT_BAD_TENSOR,
      "X's extent is per_row; it can be each");
  x(
      "index", [](r v) { v.index = 1; }, GEMMACT_UNEXPECTED_TENSOR, "X[1] is listed");
  x(
      "align 3", [](r v) { v.align_bytes = 3; }, GEMMACT_BAD_TENSOR, "no power of two");
  x(
      "align 2", [](r v) { v.align_bytes = 2; }, GEMMACT_BAD_TENSOR, "less than the 4");
  x(
      "ld short", [](r v) { v.ld = 2; }, GEMMACT_BAD_TENSOR, "X's ld is 2; rows of 3 elements");
  x(
      "ld negative", [](r v) { v.ld = -3; }, GEMMACT_BAD_TENSOR, "X's ld is -3");
  x(
      "ld short, columns", [](r v) { v.ld = 4, v.order = GEMMACT_COLUMN_MAJOR; }, GEMMACT_BAD_TENSOR,
      "columns of 5 elements");
  x(
      "ld huge", [](r v) { v.ld = INT64_MAX; }, GEMMACT_BAD_SIZE, "they must be at most");
  x(
      "ld large", [](r v) { v.ld = int64_t{1} << 55; }, GEMMACT_BAD_SIZE, "X spans more than");
  x(
      "batch_stride negative", [](r v) { v.batch_stride = -1; }, GEMMACT_BAD_TENSOR, "must not be negative");
  bias(
      "type", [](r v) { v.type = GEMMACT_E4M3; }, GEMMACT_BAD_TENSOR, "BIAS's type is e4m3");
  bias(
      "ld", [](r v) { v.ld = 7; }, GEMMACT_BAD_TENSOR, "ld must be 0");
  bias(
      "order", [](r v) { v.order = GEMMACT_COLUMN_MAJOR; }, GEMMACT_BAD_TENSOR, "only a matrix has an order");
  kept(
      "order", [](r v) { v.order = GEMMACT_COLUMN_MAJOR; }, GEMMACT_BAD_TENSOR, "row_major");
  kept(
      "ld", [](r v) { v.ld = 33; }, GEMMACT_BAD_TENSOR, "multiple of 32");
  kept(
      "batch_stride", [](r v) { v.batch_stride = 33; }, GEMMACT_BAD_TENSOR, "multiple of 32");
  kept(
      "align", [](r v) { v.align_bytes = 2; }, GEMMACT_BAD_TENSOR, "less than the 4");
  kept(
      "type", [](r v) { v.type = GEMMACT_F32; }, GEMMACT_BAD_KEEP, "KEPT's type is f32");
  kept(
      "index", [](r v) { v.index = 1; }, GEMMACT_UNEXPECTED_TENSOR, "KEPT[1]");
}

void add_batches(rows& t) {
  sample_layer layer = batched(forward_layer(), 4);
  layer.at(GEMMACT_Y).batch_stride = 35;
  auto add = [&](const char* name, int64_t stride, uint32_t slot, gemmact_status status, const char* says) {
    t.push_back({name, layer, [=](sample_layer& l) { l.at(slot).batch_stride = stride; }, status, says});
  };
  add("batch of a shared Y", 0, GEMMACT_Y, GEMMACT_BAD_TENSOR, "Y's batch_stride is 0; an output of a batch of 4");
  add("batch entries overlap", 34, GEMMACT_Y, GEMMACT_BAD_TENSOR, "4 batch entries of 35 elements overlap");
  add("batch interleaved too tightly", 7, GEMMACT_Y, GEMMACT_BAD_TENSOR, "overlap");
  add("batch bytes", INT64_MAX / 2, GEMMACT_X, GEMMACT_BAD_SIZE, "they must be at most");
  sample_layer pieces = batched(weight_grad_layer(), 3);
  pieces.problem.combine = GEMMACT_GATED;
  pieces.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, 1).add(GEMMACT_DW, GEMMACT_F32, GEMMACT_EACH, 1);
  t.push_back({"batch summed in the first piece only", pieces,
               [](sample_layer& l) { l.at(GEMMACT_DW, 1).batch_stride = 21; }, GEMMACT_BAD_TENSOR,
               "DW[1]'s batch_stride is 21, but DW"});
  t.push_back({"batch summed in the second piece only", pieces,
               [](sample_layer& l) { l.at(GEMMACT_DW, 0).batch_stride = 21; }, GEMMACT_BAD_TENSOR,
               "summed over the batch together or not at all"});
  t.push_back({"batch of DW", batched(weight_grad_layer(), 3),
               [](sample_layer& l) { l.at(GEMMACT_DW).batch_stride = 20; }, GEMMACT_BAD_TENSOR,
               "DW's batch_stride is 20"});
}

void add_missing(rows& t) {
  struct owed {
    sample_layer layer;
    std::vector<uint32_t> slots;
  };
  sample_layer gated_backward =
      with(activation_grad_layer("swish", GEMMACT_F32), GEMMACT_KEPT, GEMMACT_F32, GEMMACT_EACH, 1);
  gated_backward.add(GEMMACT_DZ, GEMMACT_F32, GEMMACT_EACH, 1).problem.combine = GEMMACT_GATED;
  sample_layer maxout_input(GEMMACT_INPUT_GRAD);
  maxout_input.problem.combine = GEMMACT_MAXOUT;
  maxout_input.problem.pieces = 2;
  maxout_input.add(GEMMACT_DY).add(GEMMACT_KEPT, GEMMACT_U8).add(GEMMACT_W).add(GEMMACT_DX);
  maxout_input.add(GEMMACT_W, GEMMACT_F32, GEMMACT_EACH, 1);
  const owed all[] = {{forward_layer(), {GEMMACT_X, GEMMACT_W, GEMMACT_Y}},
                      {gated_layer(), {GEMMACT_X, GEMMACT_W, GEMMACT_Y}},
                      {maxout_layer(), {GEMMACT_X, GEMMACT_W, GEMMACT_Y}},
                      {with(forward_layer("hinge"), GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW), {GEMMACT_TARGET}},
                      {activation_grad_layer(), {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_DZ}},
                      {gated_backward, {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_DZ}},
                      {input_grad_layer(), {GEMMACT_DZ, GEMMACT_W, GEMMACT_DX}},
                      {maxout_input, {GEMMACT_DY, GEMMACT_KEPT, GEMMACT_W, GEMMACT_DX}},
                      {below_layer(), {GEMMACT_BELOW | GEMMACT_KEPT, GEMMACT_BELOW | GEMMACT_DZ}},
                      {weight_grad_layer(), {GEMMACT_DZ, GEMMACT_X, GEMMACT_DW}}};
  for (const owed& o : all)
    for (uint32_t slot : o.slots)
      for (uint32_t index = 0; index < 2; ++index)
        for (const gemmact_tensor& listed : o.layer.tensors)
          if (listed.slot == slot && listed.index == index)
            t.push_back({"missing slot " + std::to_string(slot) + "[" + std::to_string(index) + "] of operation " +
                             std::to_string(o.layer.problem.operation) + " combine " +
                             std::to_string(o.layer.problem.combine),
                         o.layer,
                         [=](sample_layer& l) {
                           l.drop(slot, index);
                           l.link();
                         },
                         GEMMACT_MISSING_TENSOR, "is not listed"});
  sample_layer nothing_to_write(GEMMACT_ACTIVATION_GRAD);
  nothing_to_write.problem.combine = GEMMACT_MAXOUT;
  nothing_to_write.problem.pieces = 2;
  nothing_to_write.add(GEMMACT_DY).add(GEMMACT_KEPT, GEMMACT_U8).add(GEMMACT_DBIAS, GEMMACT_F32, GEMMACT_PER_COLUMN);
  t.push_back({"maxout's activation_grad with no output", nothing_to_write,
               [](sample_layer& l) { l.drop(GEMMACT_DBIAS), l.link(); }, GEMMACT_MISSING_TENSOR, "nothing to write"});
}

// Slots that do not belong: the layer, what is added to it, and why not.
void add_unexpected(rows& t) {
  auto extra = [&](const char* name, const sample_layer& layer, gemmact_tensor added, gemmact_status status,
                   const char* says) {
    t.push_back({std::string("extra ") + name, layer,
                 [=](sample_layer& l) {
                   l.tensors.push_back(added);
                   l.link();
                 },
                 status, says});
  };
  auto tensor = [](uint32_t slot, gemmact_extent extent = GEMMACT_EACH, uint32_t index = 0) {
    gemmact_tensor v{};
    v.slot = slot;
    v.index = index;
    v.type = GEMMACT_F32;
    v.extent = extent;
    return v;
  };
  const gemmact_status no = GEMMACT_UNEXPECTED_TENSOR;
  for (uint32_t slot : {GEMMACT_X, GEMMACT_W, GEMMACT_Y})
    extra("twice", forward_layer(), tensor(slot), no, "is listed twice");
  extra("DX in forward", forward_layer(), tensor(GEMMACT_DX), no, "forward of a plain layer has no such tensor");
  extra("DPARAM in forward", forward_layer("prelu"), tensor(GEMMACT_DPARAM, GEMMACT_SCALAR), no, "no such tensor");
  extra("W[1] in plain", forward_layer(), tensor(GEMMACT_W, GEMMACT_EACH, 1), no, "index of W is below 1");
  extra("W[2] in gated", gated_layer(), tensor(GEMMACT_W, GEMMACT_EACH, 2), no, "index of W is below 2");
  extra("KEPT[1] in maxout", maxout_layer(), tensor(GEMMACT_KEPT, GEMMACT_EACH, 1), no, "index of KEPT is below 1");
  extra("Y in backward", activation_grad_layer(), tensor(GEMMACT_Y), no, "activation_grad of a plain layer");
  extra("KEPT in plain input_grad", input_grad_layer(), tensor(GEMMACT_KEPT), no, "input_grad of a plain layer");
  extra("DY in plain weight_grad", weight_grad_layer(), tensor(GEMMACT_DY), no, "weight_grad of a plain layer");
  extra("BETA without C", forward_layer(), tensor(GEMMACT_BETA, GEMMACT_SCALAR), no, "C, which it multiplies, is not");
  extra("TARGET of relu", forward_layer(), tensor(GEMMACT_TARGET, GEMMACT_PER_ROW), no, "relu takes no targets");
  extra("TARGET of maxout", maxout_layer(), tensor(GEMMACT_TARGET), no, "a maxout takes no targets");
  extra("Y_OTHER of relu", forward_layer(), tensor(GEMMACT_Y_OTHER), no, "relu of a plain layer has no second class");
  extra("Y_OTHER of gated", gated_layer("sigmoid"), tensor(GEMMACT_Y_OTHER), no, "gated layer has no second class");
  extra("BELOW without below", input_grad_layer(), tensor(GEMMACT_BELOW | GEMMACT_DZ), no, "below is null");
  extra("BELOW in forward", forward_layer(), tensor(GEMMACT_BELOW | GEMMACT_DZ), no, "below is null");
  extra("BELOW|X", below_layer(), tensor(GEMMACT_BELOW | GEMMACT_X), no, "BELOW|X is listed");
  extra("BELOW|DZ[1] of plain", below_layer(), tensor(GEMMACT_BELOW | GEMMACT_DZ, GEMMACT_EACH, 1), no, "below 1");
  extra("PARAM of maxout", maxout_layer(), tensor(GEMMACT_PARAM, GEMMACT_SCALAR), no, "a maxout has no parameters");
  extra("PARAM of relu", forward_layer(), tensor(GEMMACT_PARAM, GEMMACT_SCALAR), GEMMACT_BAD_PARAMETER,
        "relu has 0 parameters");
  extra("PARAM[1] of swish", forward_layer("swish"), tensor(GEMMACT_PARAM, GEMMACT_SCALAR, 1), GEMMACT_BAD_PARAMETER,
        "swish has 1 parameters");
  extra("PARAM of hinge", with(forward_layer("hinge"), GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW),
        tensor(GEMMACT_PARAM, GEMMACT_SCALAR), GEMMACT_BAD_PARAMETER, "comes from TARGET");
  extra("DPARAM of clip", activation_grad_layer("clip"), tensor(GEMMACT_DPARAM, GEMMACT_SCALAR), GEMMACT_BAD_PARAMETER,
        "has no gradient");
  extra("DPARAM per row", activation_grad_layer("prelu"), tensor(GEMMACT_DPARAM, GEMMACT_PER_ROW), GEMMACT_BAD_TENSOR,
        "it can be scalar, per_column");
  extra("SCALE_X per column", forward_layer(), tensor(GEMMACT_SCALE_X, GEMMACT_PER_COLUMN), GEMMACT_BAD_TENSOR,
        "it can be scalar, per_row");
  t.push_back({"SCALE_Y f16", with(forward_layer(), GEMMACT_SCALE_Y, GEMMACT_F32, GEMMACT_SCALAR),
               [](sample_layer& l) { l.at(GEMMACT_SCALE_Y).type = GEMMACT_F16; }, GEMMACT_BAD_TENSOR, "it can be f32"});
  t.push_back({"W[1] of another type", gated_layer(), [](sample_layer& l) { l.at(GEMMACT_W, 1).type = GEMMACT_F16; },
               GEMMACT_BAD_TENSOR, "W[1]'s type is f16, but X is f32"});
}

void add_keeps(rows& t) {
  t.push_back({"keep of swish's output", forward_layer("swish"),
               [](sample_layer& l) { l.problem.keep = GEMMACT_KEEP_OUTPUT; }, GEMMACT_BAD_KEEP,
               "swish's derivative does not follow from its output"});
  t.push_back({"DPARAM from a bit", activation_grad_layer("prelu"),
               [](sample_layer& l) { l.add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR).link(); }, GEMMACT_BAD_KEEP,
               "keep is z (from auto)"});
  t.push_back({"the layer below from its output", below_layer("swish", GEMMACT_F32),
               [](sample_layer& l) { l.problem.keep_below = GEMMACT_KEEP_OUTPUT; }, GEMMACT_BAD_KEEP,
               "keep_below is output"});
}

}  // namespace

std::vector<problem_misuse> problem_misuses() {
  rows t;
  add_heads(t);
  add_tensor_fields(t);
  add_batches(t);
  add_missing(t);
  add_unexpected(t);
  add_keeps(t);
  return t;
}

}  // namespace gemmact::test
