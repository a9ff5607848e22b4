#include "host/examples/digits/network.hpp"

#include <algorithm>

#include "host/examples/digits/chance.hpp"

namespace examples {
namespace {

// A problem and the memory of its tensors, listed together.
struct step {
  gemmact::problem problem;
  gemmact::operands memory{};

  step& with(uint32_t slot, const stored& tensor, uint32_t index = 0) {
    problem.with(slot, tensor.layout, index);
    memory.bind(slot, tensor.memory.get(), index);
    return *this;
  }
  step& with_each(uint32_t slot, const std::vector<stored>& tensors) {
    for (size_t i = 0; i < tensors.size(); ++i) with(slot, tensors[i], uint32_t(i));
    return *this;
  }
  step& with_each(uint32_t slot, const std::vector<learnt>& all, stored learnt::*which) {
    for (size_t i = 0; i < all.size(); ++i) with(slot, all[i].*which, uint32_t(i));
    return *this;
  }
};

step step_of(gemmact_operation operation, int64_t m, const layer_kind& kind, int64_t inputs) {
  step s{gemmact::problem(operation, m, kind.units, inputs)};
  if (kind.combine == GEMMACT_GATED) s.problem.gated();
  if (kind.combine == GEMMACT_MAXOUT) s.problem.maxout(uint32_t(kind.pieces));
  return s;
}

bool has_parameter(const std::string& activation, uint32_t gemmact_param_info::*is) {
  if (activation.empty()) return false;
  const std::vector<gemmact_param_info> all = gemmact::parameters(gemmact::describe(activation).info);
  return std::any_of(all.begin(), all.end(), [is](const gemmact_param_info& p) { return p.*is != 0; });
}

}  // namespace

bool takes_targets(const std::string& activation) { return has_parameter(activation, &gemmact_param_info::is_operand); }

std::string layer_kind::name() const {
  if (combine == GEMMACT_MAXOUT) return "maxout of " + std::to_string(pieces);
  return combine == GEMMACT_GATED ? activation + ", gated" : activation;
}

network::network(const device& where, int64_t inputs, const std::vector<layer_kind>& kinds, int64_t batch,
                 uint32_t seed)
    : device_(where), batch_(batch), x_(matrix(GEMMACT_BF16, batch, inputs)) {
  layers_.reserve(kinds.size());
  for (size_t i = 0; i < kinds.size(); ++i)
    make_layer(kinds[i], i == 0 ? inputs : kinds[i - 1].units, i + 1 == kinds.size(), seed + uint32_t(i));
  for (size_t i = 0; i < kinds.size(); ++i) {
    const bool last = i + 1 == kinds.size();
    const stored& x = i == 0 ? x_ : layers_[i - 1].y;
    plan_forward(layers_[i], x, last);
    if (!layers_[i].head.empty()) plan_head_grad(layers_[i]);
    plan_weight_grad(layers_[i], x, last);
    if (i > 0) plan_input_grad(layers_[i], layers_[i - 1]);
  }
  scores_.resize(size_t(batch * score_row()));
  score_gradient_.resize(scores_.size());
  store_learnt();
}

stored network::matrix(gemmact_type type, int64_t rows, int64_t columns) const {
  stored s;
  s.layout = {.type = type, .ld = row_of(columns), .align_bytes = 16};
  if (type == GEMMACT_BIT) s.layout.ld = (columns + 31) / 32 * 32;
  const int64_t bits = type == GEMMACT_BIT ? 1 : type == GEMMACT_U8 ? 8 : type == GEMMACT_BF16 ? 16 : 32;
  s.bytes = size_t(rows * s.layout.ld * bits / 8);
  s.memory = device_.allocate(s.bytes);
  return s;
}

learnt network::make_learnt(gemmact_type type, gemmact_extent extent, int64_t rows, int64_t columns) const {
  learnt l{matrix(type, rows, columns), matrix(GEMMACT_F32, rows, columns), {}, {}, {}, {}};
  for (stored* s : {&l.operand, &l.gradient}) {
    s->layout.extent = extent;
    if (extent != GEMMACT_EACH) s->layout.ld = 0;
  }
  const size_t count = size_t(rows * row_of(columns));
  l.value.resize(count);
  l.slope.resize(count);
  return l;
}

void network::make_layer(const layer_kind& kind, int64_t inputs, bool last, uint32_t seed) {
  layer l{kind, inputs, {}, {}, {}, matrix(last ? GEMMACT_F32 : GEMMACT_BF16, batch_, kind.units), {}, {},
          {},   {},     {}, {}, {}};
  chance random(seed * 7919);
  const float deviation = std::sqrt(kind.gain / float(inputs));
  for (int64_t piece = 0; piece < kind.pieces; ++piece) {
    learnt w = make_learnt(GEMMACT_BF16, GEMMACT_EACH, kind.units, inputs);
    for (int64_t i = 0; i < kind.units; ++i)
      for (int64_t j = 0; j < inputs; ++j) w.value[size_t(i * row_of(inputs) + j)] = deviation * random.normal();
    l.weights.push_back(std::move(w));
    l.biases.push_back(make_learnt(GEMMACT_F32, GEMMACT_PER_COLUMN, 1, kind.units));
  }
  if (!last && has_parameter(kind.activation, &gemmact_param_info::trainable)) {
    const auto start = gemmact::parse_activation(kind.activation);
    const auto function = gemmact::describe(kind.activation);
    const std::vector<gemmact_param_info> all = gemmact::parameters(function.info);
    for (size_t p = 0; p < all.size(); ++p) {
      const bool by_column = all[p].is_per_column != 0;
      l.parameters.push_back(
          make_learnt(GEMMACT_F32, by_column ? GEMMACT_PER_COLUMN : GEMMACT_SCALAR, 1, by_column ? kind.units : 1));
      std::fill(l.parameters.back().value.begin(), l.parameters.back().value.end(), start.values[p]);
    }
  }
  if (last && takes_targets(kind.activation))
    l.head = {matrix(GEMMACT_F32, batch_, kind.units), matrix(GEMMACT_BF16, batch_, kind.units)};
  // A maxout's backward takes the gradient of its output and the winners.
  const int64_t gradients = kind.combine == GEMMACT_MAXOUT ? 1 : kind.pieces;
  for (int64_t i = 0; i < gradients; ++i) l.dz.push_back(matrix(GEMMACT_BF16, batch_, kind.units));
  layers_.push_back(std::move(l));
}

void network::plan_forward(layer& l, const stored& x, bool last) {
  step s = step_of(GEMMACT_FORWARD, batch_, l.kind, l.inputs);
  s.problem.flags(GEMMACT_VARIABLE_M);
  if (!l.kind.activation.empty()) s.problem.activation(l.kind.activation);
  if (!l.parameters.empty()) s.problem.flags(GEMMACT_TRAIN_PARAMS);
  s.with(GEMMACT_X, x).with_each(GEMMACT_W, l.weights, &learnt::operand);
  s.with_each(GEMMACT_BIAS, l.biases, &learnt::operand).with_each(GEMMACT_PARAM, l.parameters, &learnt::operand);
  s.with(GEMMACT_Y, l.y);
  if (!l.head.empty()) s.with(GEMMACT_TARGET, l.head[0]);
  const gemmact::kept keep = s.problem.resolve_keep();
  const bool asked = !last || !l.head.empty();
  if (asked && keep.keep == GEMMACT_KEEP_OUTPUT) l.kept.push_back(l.y);  // it is there already
  if (asked && keep.keep != GEMMACT_KEEP_OUTPUT && keep.keep != GEMMACT_KEEP_NOTHING) {
    const int64_t tensors = l.kind.combine == GEMMACT_GATED ? 2 : 1;
    for (int64_t i = 0; i < tensors; ++i) l.kept.push_back(matrix(keep.type, batch_, l.kind.units));
    s.with_each(GEMMACT_KEPT, l.kept);
  }
  l.forward.emplace(device_, s.problem, s.memory);
}

void network::plan_head_grad(layer& l) {
  step s = step_of(GEMMACT_ACTIVATION_GRAD, batch_, l.kind, l.inputs);
  s.problem.activation(l.kind.activation);
  s.with(GEMMACT_TARGET, l.head[0]).with(GEMMACT_DY, l.head[1]);
  s.with_each(GEMMACT_KEPT, l.kept).with_each(GEMMACT_DZ, l.dz);
  l.activation_grad.emplace(device_, s.problem, s.memory);
}

void network::plan_weight_grad(layer& l, const stored& x, bool last) {
  step s = step_of(GEMMACT_WEIGHT_GRAD, batch_, l.kind, l.inputs);
  const bool maxout = l.kind.combine == GEMMACT_MAXOUT;
  s.with(GEMMACT_X, x).with_each(maxout ? GEMMACT_DY : GEMMACT_DZ, l.dz);
  if (maxout) s.with_each(GEMMACT_KEPT, l.kept);
  s.with_each(GEMMACT_DW, l.weights, &learnt::gradient);
  // Otherwise the layer above has summed them, with what it passed down.
  if (last || maxout) s.with_each(GEMMACT_DBIAS, l.biases, &learnt::gradient);
  l.weight_grad.emplace(device_, s.problem, s.memory);
}

void network::plan_input_grad(layer& l, layer& below) {
  step s = step_of(GEMMACT_INPUT_GRAD, batch_, l.kind, l.inputs);
  const bool maxout = l.kind.combine == GEMMACT_MAXOUT;
  s.with_each(maxout ? GEMMACT_DY : GEMMACT_DZ, l.dz).with_each(GEMMACT_W, l.weights, &learnt::operand);
  if (maxout) s.with_each(GEMMACT_KEPT, l.kept);
  if (below.kind.combine == GEMMACT_MAXOUT) {
    s.with_each(GEMMACT_DX, below.dz);
  } else {
    s.problem.below(below.kind.activation, below.kind.combine);
    s.with_each(GEMMACT_BELOW | GEMMACT_KEPT, below.kept).with_each(GEMMACT_BELOW | GEMMACT_DZ, below.dz);
    s.with_each(GEMMACT_BELOW | GEMMACT_DBIAS, below.biases, &learnt::gradient);
    s.with_each(GEMMACT_BELOW | GEMMACT_PARAM, below.parameters, &learnt::operand);
    s.with_each(GEMMACT_BELOW | GEMMACT_DPARAM, below.parameters, &learnt::gradient);
  }
  l.input_grad.emplace(device_, s.problem, s.memory);
}

const std::vector<float>& network::forward(const uint16_t* x, int64_t rows, const std::vector<uint8_t>& labels) {
  device_.write(x_.memory.get(), x, size_t(rows * x_.layout.ld) * sizeof *x);
  if (has_targets()) {
    targets_.assign(scores_.size(), -1);
    for (size_t i = 0; i < labels.size(); ++i) targets_[i * size_t(score_row()) + labels[i]] = 1;
    device_.write(layers_.back().head[0].memory.get(), targets_.data(), targets_.size() * sizeof(float));
  }
  for (layer& l : layers_) l.forward->run(rows);
  device_.read(scores_.data(), layers_.back().y.memory.get(), size_t(rows * score_row()) * sizeof(float));
  return scores_;
}

void network::backward(const std::vector<float>& score_gradient) {
  for (size_t i = 0; i < score_gradient.size(); ++i) score_gradient_[i] = to_bf16(score_gradient[i]);
  layer& last = layers_.back();
  const stored& given = has_targets() ? last.head[1] : last.dz[0];
  device_.write(given.memory.get(), score_gradient_.data(), score_gradient_.size() * sizeof(uint16_t));
  if (has_targets()) last.activation_grad->run();
  for (size_t i = layers_.size(); i-- > 0;) {
    layers_[i].weight_grad->run();
    if (i > 0) layers_[i].input_grad->run();
  }
  for (size_t i = 0; i < layers_.size(); ++i)
    for (learnt* l : all_learnt(i)) device_.read(l->slope.data(), l->gradient.memory.get(), l->gradient.bytes);
}

void network::store_learnt() {
  std::vector<uint16_t> narrow;
  for (size_t i = 0; i < layers_.size(); ++i)
    for (learnt* l : all_learnt(i)) {
      const bool weights = l->operand.layout.type == GEMMACT_BF16;
      narrow.resize(weights ? l->value.size() : 0);
      for (size_t j = 0; j < narrow.size(); ++j) narrow[j] = to_bf16(l->value[j]);
      const void* const from = weights ? static_cast<const void*>(narrow.data()) : l->value.data();
      device_.write(l->operand.memory.get(), from, l->operand.bytes);
    }
}

std::vector<learnt*> network::all_learnt(size_t at) {
  std::vector<learnt*> all;
  for (auto* group : {&layers_[at].weights, &layers_[at].biases, &layers_[at].parameters})
    for (learnt& l : *group) all.push_back(&l);
  return all;
}

std::vector<uint16_t> network::output(size_t at, int64_t rows) const {
  std::vector<uint16_t> values(size_t(rows * row_of(layers_[at].kind.units)));
  device_.read(values.data(), layers_[at].y.memory.get(), values.size() * sizeof(uint16_t));
  return values;
}

double network::gradient_norm(size_t at) const {
  double sum = 0;
  for (const stored& s : layers_[at].dz) {
    std::vector<uint16_t> values(s.bytes / sizeof(uint16_t));
    device_.read(values.data(), s.memory.get(), s.bytes);
    for (const uint16_t v : values) sum += double(from_bf16(v)) * double(from_bf16(v));
  }
  return std::sqrt(sum);
}

size_t network::kept_bytes() const {
  size_t bytes = 0;
  for (const layer& l : layers_)
    for (const stored& s : l.kept)
      if (s.memory != l.y.memory) bytes += s.bytes;
  return bytes;
}

}  // namespace examples
