#include "tests/layer/cases.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "tests/layer/equations.hpp"
#include "tests/support/random.hpp"

namespace gemmact::test {
namespace {

constexpr int64_t sizes[] = {1,  2,  3,  7,  8,  9,  15, 16, 17,  31,  32,  33, 47,
                             48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129, 130};
constexpr int64_t beyond_tiles[] = {191, 255, 256, 257, 300, 383, 384, 385, 511, 512, 513};

// Which factors an operation has, and how many values each; the tables' order is that of the operations.
std::vector<std::vector<factor>> make_factors() {
  const factor combine{"combine", 3}, activation{"activation", int(activation_cases().size())}, operands{"operands", 4},
      compute{"compute", 2}, order_x{"order_x", 2}, order_w{"order_w", 2}, order_y{"order_y", 2},
      order_more{"order_more", 2}, pad_x{"pad_x", 4}, pad_w{"pad_w", 4}, pad_y{"pad_y", 4}, keep{"keep", 6},
      dbias{"dbias", 4}, type_dbias{"type_dbias", 3}, dparam{"dparam", 3}, accumulate{"accumulate", 2},
      batch{"batch", 4}, flags{"flags", 3}, accuracy{"accuracy", 2}, m{"m", size_count()}, n{"n", size_count()},
      k{"k", size_count()};
  return {{combine,
           activation,
           operands,
           {"type_y", 4},
           compute,
           order_x,
           order_w,
           order_y,
           order_more,
           pad_x,
           pad_w,
           pad_y,
           {"bias", 5},
           {"type_bias", 3},
           keep,
           {"c", 4},
           {"residual", 3},
           {"batch", 3},
           {"scales", 5},
           flags,
           accuracy,
           m,
           n,
           k},
          {combine,
           activation,
           {"type_dy", 3},
           {"type_dz", 5},
           order_x,
           order_y,
           order_more,
           pad_x,
           pad_y,
           keep,
           dbias,
           type_dbias,
           dparam,
           accumulate,
           batch,
           flags,
           accuracy,
           m,
           n},
          {combine,    {"below", 4}, activation, operands, {"type_dx", 3}, {"type_dz", 4}, compute, order_x,
           order_w,    order_y,      order_more, pad_x,    pad_w,          pad_y,          keep,    dbias,
           type_dbias, dparam,       accumulate, batch,    flags,          accuracy,       m,       n,
           k},
          {combine,
           operands,
           {"type_dw", 3},
           compute,
           order_x,
           order_w,
           order_y,
           pad_x,
           pad_w,
           pad_y,
           dbias,
           type_dbias,
           accumulate,
           batch,
           flags,
           m,
           n,
           k}};
}

// C, BETA, RESIDUAL and the scales of a forward layer.
void add_more_inputs(case_builder& c) {
  layer& l = c.l;
  const factor_row& row = c.row;
  const gemmact_type type_y = operand_type(row["type_y"]);
  const listing like_y = c.matrix("order_y", "pad_y", true), other = c.matrix("order_more", "pad_x", true);
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p) {
    listing each = other;
    each.index = p;
    if (p == 0 && row["c"] == 3 && !(c.alike() && l.products() > 1))
      l.add(GEMMACT_C, type_y, like_y), l.share_with_y(GEMMACT_C);
    else if (c.of_piece("c", row["c"] != 0, 2, p) != 0)
      l.add(GEMMACT_C, operand_type(int(((c.seed >> 3) + (c.alike() ? 0 : p)) & 3)), each);
  }
  if (row["c"] >= 2) l.add(GEMMACT_BETA, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = c.batched_shared()});
  if (row["residual"] == 2 && row["c"] != 3) l.add(GEMMACT_RESIDUAL, type_y, like_y), l.share_with_y(GEMMACT_RESIDUAL);
  else if (row["residual"] != 0) l.add(GEMMACT_RESIDUAL, operand_type(int(c.seed >> 5 & 3)), other);
  const int scales = row["scales"];
  const bool own = c.batched_shared();
  if (scales == 1 || scales == 3) l.add(GEMMACT_ALPHA, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = own});
  if (scales == 1) l.add(GEMMACT_SCALE_X, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = own});
  if (scales == 2) l.add(GEMMACT_SCALE_X, GEMMACT_F32, {.extent = GEMMACT_PER_ROW, .batched = own});
  constexpr gemmact_extent extents[] = {GEMMACT_SCALAR, GEMMACT_PER_COLUMN};
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p)
    if (const int how = c.of_piece("scales", scales == 2 ? 2 : scales == 4, 3, p))
      l.add(GEMMACT_SCALE_W, GEMMACT_F32, {.index = p, .extent = extents[how - 1], .batched = own});
  if (scales == 2 || scales == 3) l.add(GEMMACT_SCALE_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = own});
  if (scales == 3 || scales == 4) l.add(GEMMACT_AMAX_Y, GEMMACT_F32, {.extent = GEMMACT_SCALAR, .batched = own});
}

layer make_forward_case(const factor_row& row, uint64_t seed) {
  case_builder c{{}, row, seed};
  c.head(GEMMACT_FORWARD);
  layer& l = c.l;
  const activation_case act = l.combine == GEMMACT_MAXOUT ? activation_case{"linear"} : activation_of(row);
  if (l.combine != GEMMACT_MAXOUT) l.activation = act.text;
  const gemmact_type type = operand_type(row["operands"]);
  l.add(GEMMACT_X, type, c.matrix("order_x", "pad_x", true));
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p)
    l.add(GEMMACT_W, type, c.matrix("order_w", "pad_w", c.batched_shared(), p));
  constexpr gemmact_extent extents[] = {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW, GEMMACT_EACH};
  for (uint32_t p = 0; p < uint32_t(l.products()); ++p) {
    const int given = c.of_piece("bias", row["bias"], 5, p);
    if (given == 0) continue;
    listing how = c.matrix("order_more", "pad_w", c.batched_shared(), p);
    how.extent = extents[given - 1];
    if (how.extent != GEMMACT_EACH) how.order = GEMMACT_ROW_MAJOR;
    l.add(GEMMACT_BIAS, float_type(c.of_piece("type_bias", row["type_bias"], 3, p)), how);
  }
  l.add(GEMMACT_Y, operand_type(row["type_y"]), c.matrix("order_y", "pad_y", true));
  if (l.activation == "sigmoid" && l.combine == GEMMACT_PLAIN)
    l.add(GEMMACT_Y_OTHER, operand_type(int(seed >> 7 & 3)), c.matrix("order_more", "pad_y", true));
  c.add_activation_inputs(act, 0);
  const bool trains = (l.flags & GEMMACT_TRAIN_PARAMS) != 0;
  if (row["keep"] != 0) c.add_kept("keep", act, 0, l.combine, trains);
  add_more_inputs(c);
  return l;
}

// Adds the functions of the catalogue that no case names.
std::vector<activation_case> with_the_rest(std::vector<activation_case> cases) {
  for (const function& f : functions())
    if (std::none_of(cases.begin(), cases.end(), [&](const activation_case& c) { return parse_use(c.text).f == &f; }))
      cases.push_back({f.name.c_str()});
  return cases;
}

}  // namespace

activation_case activation_of(const factor_row& row) {
  const auto place = size_t(row["activation"]), known = activation_cases().size();
  return place < known ? activation_cases()[place] : equation_cases()[place - known];
}

const std::vector<activation_case>& activation_cases() {
  using enum param_source;
  static const std::vector<activation_case> cases = with_the_rest({{"linear"},
                                                                   {"linear(c=-2)"},
                                                                   {"linear(c=0.5)"},
                                                                   {"linear", per_column},
                                                                   {"relu"},
                                                                   {"leaky_relu(slope=0.5)"},
                                                                   {"leaky_relu(slope=2)"},
                                                                   {"leaky_relu(slope=-0.25)"},
                                                                   {"prelu"},
                                                                   {"prelu", scalar},
                                                                   {"prelu", per_column},
                                                                   {"step"},
                                                                   {"hinge"},
                                                                   {"clip(lo=-3, hi=5)"},
                                                                   {"clip", per_column},
                                                                   {"relu6"},
                                                                   {"squared_relu"},
                                                                   {"hardsigmoid"},
                                                                   {"hardswish"},
                                                                   {"sigmoid"},
                                                                   {"tanh"},
                                                                   {"swish"},
                                                                   {"swish(beta=2)", scalar},
                                                                   {"swish", per_column},
                                                                   {"gelu"},
                                                                   {"gelu_tanh"},
                                                                   {"elu(alpha=0.5)"},
                                                                   {"selu"},
                                                                   {"softplus"},
                                                                   {"mish"},
                                                                   {"softsign"},
                                                                   {"quick_gelu"}});
  return cases;
}

int size_count() { return int(std::size(sizes)) + 2; }

int size_factor(int64_t size) {
  const auto* at = std::find(std::begin(sizes), std::end(sizes), size);
  if (at == std::end(sizes)) throw std::logic_error("the size is none of the factor's");
  return int(at - std::begin(sizes));
}

int64_t size_value(int value, uint64_t seed) {
  if (value < int(std::size(sizes))) return sizes[value];
  if (value == int(std::size(sizes))) return 2 * int64_t(mix(seed) % 65) + 1;
  return beyond_tiles[mix(seed) % std::size(beyond_tiles)];
}

gemmact_type operand_type(int value) {
  constexpr gemmact_type types[] = {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3};
  return types[value];
}

gemmact_type float_type(int value) { return operand_type(value); }

listing case_builder::matrix(const char* order, const char* pad, bool batched, uint32_t index) const {
  constexpr int64_t pads[] = {-1, 0, 1, 5};
  return {.index = index,
          .order = row[order] == 0 ? GEMMACT_ROW_MAJOR : GEMMACT_COLUMN_MAJOR,
          .pad = pads[row[pad]],
          .batched = batched};
}

bool case_builder::alike() const { return mix(seed + 5) % 2 != 0; }

int case_builder::of_piece(const char* factor, int value, int count, uint32_t piece) const {
  uint64_t draw = mix(seed) + piece;
  for (const char letter : std::string_view(factor)) draw = mix(draw + uint64_t(letter));
  if (piece == 0 || alike() || (draw & 1) == 0) return value;
  return (value + 1 + int((draw >> 8) % uint64_t(count - 1))) % count;
}

void case_builder::head(gemmact_operation operation) {
  const auto has = [&](const char* name) {
    return std::any_of(factors_of(operation).begin(), factors_of(operation).end(),
                       [&](const factor& f) { return std::string_view(f.name) == name; });
  };
  l.operation = operation;
  l.combine = gemmact_combine(row["combine"]);
  constexpr int pieces[] = {2, 3, 8};
  if (l.combine == GEMMACT_MAXOUT) l.pieces = pieces[mix(seed) % 3];
  if (has("compute")) l.compute = gemmact_compute(row["compute"]);
  if (has("accuracy")) l.accuracy = gemmact_accuracy(row["accuracy"]);
  constexpr int64_t batches[] = {1, 3, 2, 3};
  l.batch = batches[row["batch"]];
  l.m = size_value(row["m"], seed + 1);
  l.n = size_value(row["n"], seed + 2);
  l.k = has("k") ? size_value(row["k"], seed + 3) : 5;
  if (mix(seed + 4) % 2 != 0) l.align_bytes = 16;  // as TMA wants them
  if (row["flags"] == 1) l.flags |= GEMMACT_BATCH_INVARIANT;
  if (row["flags"] == 2) {
    l.flags |= GEMMACT_VARIABLE_M;
    l.plan_m = l.m + int64_t(mix(seed) >> 8) % 3 * 29;
  }
  if (has("accumulate") && row["accumulate"] != 0)
    l.flags |= GEMMACT_ACCUMULATE_DW | GEMMACT_ACCUMULATE_DBIAS | GEMMACT_ACCUMULATE_DPARAM;
}

void case_builder::add_activation_inputs(const activation_case& act, uint32_t side) {
  const function& f = *parse_use(act.text).f;
  const uint64_t draw = mix(seed + side);
  for (size_t p = 0; p < f.params.size(); ++p) {
    if (f.params[p].operand && f.is_equation) {
      constexpr gemmact_extent extents[] = {GEMMACT_EACH, GEMMACT_PER_ROW, GEMMACT_PER_COLUMN, GEMMACT_SCALAR};
      const gemmact_extent extent = extents[draw >> 8 & 3];
      l.add(GEMMACT_OPERAND | side, float_type(int(draw % 3)),
            {.index = uint32_t(p),
             .extent = extent,
             .order = extent == GEMMACT_EACH ? gemmact_order(draw >> 10 & 1) : GEMMACT_ROW_MAJOR,
             .batched = batched_shared()});
    } else if (f.params[p].operand) {
      const bool by_row = (draw >> 8 & 1) != 0;
      l.add(GEMMACT_TARGET | side, float_type(int(draw % 3)),
            {.extent = by_row ? GEMMACT_PER_ROW : GEMMACT_EACH,
             .order = by_row ? GEMMACT_ROW_MAJOR : gemmact_order(draw >> 9 & 1),
             .batched = batched_shared()});
    }
    if (!f.params[p].operand && act.params != param_source::text)
      l.add(GEMMACT_PARAM | side, float_type(int((draw >> 12) % 3)),
            {.index = uint32_t(p),
             .extent =
                 f.params[p].per_column || act.params == param_source::per_column ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR,
             .batched = batched_shared()});
  }
}

const char* operation_name(gemmact_operation operation) {
  static const char* const names[] = {"", "forward", "activation_grad", "input_grad", "weight_grad"};
  return names[operation];
}

const std::vector<factor>& factors_of(gemmact_operation operation) {
  static const std::vector<std::vector<factor>> all = make_factors();
  return all[operation - GEMMACT_FORWARD];
}

factor_row random_row(gemmact_operation operation, uint64_t seed) {
  random_source random(seed);
  std::vector<int> values;
  for (const factor& f : factors_of(operation)) values.push_back(int(random.below(f.count)));
  return {&factors_of(operation), values};
}

const std::vector<factor_row>& exact_rows(gemmact_operation operation) {
  static std::vector<factor_row> rows[4];
  std::vector<factor_row>& own = rows[operation - GEMMACT_FORWARD];
  if (own.empty()) own = pairwise_rows(factors_of(operation), uint64_t(operation));
  return own;
}

layer make_case(gemmact_operation operation, const factor_row& row, uint64_t seed) {
  return operation == GEMMACT_FORWARD ? make_forward_case(row, seed) : make_backward_case(operation, row, seed);
}

}  // namespace gemmact::test
